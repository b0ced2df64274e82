"""Why nothing arrives, from publishers and the time of the last message."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from omnibind_core.diagnostics.input_watch import Hint
from omnibind_core.diagnostics.input_watch import InputWatch
from omnibind_core.diagnostics.input_watch import Offer

SECOND = 1_000_000_000
GOOD = Offer('/driver', 'sensor_msgs/msg/Image', 'reliable')
TYPE = replace(GOOD, type_name='sensor_msgs/msg/CompressedImage', advice='set transport')
DEAF = replace(GOOD, reliability='best_effort', mismatch='best effort and reliable')


def watch() -> InputWatch:
    """Of pictures, subscribed to at 0."""
    return InputWatch('/camera', 'sensor_msgs/msg/Image', 'reliable', 0)


def kind(hint: Hint | None) -> str:
    """Its kind; empty: nothing is wrong."""
    return '' if hint is None else hint.kind


def test_silence_counts_from_when_there_was_somebody_to_hear() -> None:
    """A publisher that came late has its own time; so has one that came back."""
    one = watch()
    assert kind(one.look([], None, 5 * SECOND, silent_after=5 * SECOND)) == ''
    assert kind(one.look([], None, 6 * SECOND, silent_after=5 * SECOND)) == 'nobody'
    assert kind(one.look([GOOD], None, 7 * SECOND, silent_after=5 * SECOND)) == ''
    assert kind(one.look([GOOD], None, 12 * SECOND, silent_after=5 * SECOND)) == ''
    hint = one.look([GOOD], None, 13 * SECOND, silent_after=5 * SECOND)
    assert kind(hint) == 'silent'
    assert hint is not None
    for word in ('QoS', 'reliability reliable there, reliable here', 'Fast DDS', '6 s', '/driver'):
        assert word in hint.finding.message
    assert kind(one.look([GOOD], 13 * SECOND, 18 * SECOND, silent_after=5 * SECOND)) == ''
    assert kind(one.look([GOOD], 13 * SECOND, 19 * SECOND, silent_after=5 * SECOND)) == 'silent'
    assert kind(one.look([GOOD], 13 * SECOND, 19 * SECOND, silent_after=0)) == ''


def test_another_type_or_quality_is_named_at_once() -> None:
    """The type before the quality, and quality only if nobody fits."""
    one = watch()
    hint = one.look([GOOD, TYPE], 0, 0, silent_after=SECOND)
    assert hint is not None
    assert hint.kind == 'type'
    assert '/driver publishes sensor_msgs/msg/CompressedImage on /camera' in hint.finding.message
    assert hint.finding.message.endswith(': set transport')
    hint = one.look([DEAF], None, 0, silent_after=SECOND)
    assert hint is not None
    assert hint.kind == 'qos'
    assert 'reliability best_effort there, reliable here' in hint.finding.message
    assert kind(one.look([DEAF, GOOD], 0, 0, silent_after=SECOND)) == ''


@given(
    looks=st.lists(
        st.tuples(
            st.lists(st.sampled_from([GOOD, TYPE, DEAF]), max_size=3),
            st.integers(0, 4 * SECOND),
            st.booleans(),
        ),
        max_size=40,
    )
)
def test_each_trouble_is_news_once_until_all_is_well(
    looks: list[tuple[list[Offer], int, bool]],
) -> None:
    """And there is never trouble while messages come from publishers that all fit."""
    one, now, last = watch(), 0, None
    said = ''
    for offers, step, heard in looks:
        now += step
        last = now if heard else last
        hint = one.look(offers, last, now, silent_after=5 * SECOND)
        if heard and all(offer is GOOD for offer in offers):
            assert hint is None
        news = one.news(hint)
        if kind(hint) in ('', 'nobody'):
            assert news is None
        else:
            assert (news is None) == (kind(hint) == said)
        said = said if kind(hint) == 'nobody' else kind(hint)
