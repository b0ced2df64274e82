"""Against a decoder that goes word by word, and an encoder; and known words of the format."""

from __future__ import annotations

import tracemalloc

from evt3_reference import encode
from evt3_reference import Event
from evt3_reference import ScalarDecoder
from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from omnibind_core.errors import InputError
from omnibind_core.modalities.event_slice import EVENT_DTYPE
from omnibind_core.modalities.event_slice import MOST_EVENTS
from omnibind_core.streaming.event_chunk import EventChunk
from omnibind_ros.conversions import evt3
from omnibind_ros.conversions.evt3 import Evt3Decoder

WIDTH, HEIGHT = 640, 480


def raw(words: list[int] | NDArray[np.uint16], order: str = '<') -> NDArray[np.uint8]:
    return np.asarray(words).astype(f'{order}u2').view(np.uint8)


def listed(events: NDArray[np.void]) -> list[Event]:
    assert events.dtype == EVENT_DTYPE
    return [(int(e['x']), int(e['y']), int(e['p']), int(e['t'])) for e in events]


def decoder(width: int = WIDTH, height: int = HEIGHT) -> Evt3Decoder:
    return Evt3Decoder(width=width, height=height)


def high(value: int) -> int:
    return 0x8000 | value


def low(value: int) -> int:
    return 0x6000 | value


def row(value: int) -> int:
    return value


def single(x: int, polarity: int) -> int:
    return 0x2000 | polarity << 11 | x


def base(x: int, polarity: int) -> int:
    return 0x3000 | polarity << 11 | x


TIME = [high(1), low(5)]  # 4101 us


def test_single_events() -> None:
    chunk = decoder().decode(raw([*TIME, row(7), single(9, 1), single(3, 0), low(6), single(4, 1)]))
    assert listed(chunk.events) == [(9, 7, 1, 4101), (3, 7, 0, 4101), (4, 7, 1, 4102)]
    assert (chunk.begin_us, chunk.end_us) == (4101, 4102)


def test_vectors_move_the_base_by_their_length() -> None:
    words = [*TIME, row(2), base(100, 1), 0x4000 | 0b100000000001, 0x5000 | 0xF00 | 0b10000001,
             0x4000 | 0b11, 0x5000]  # fmt: skip
    events = listed(decoder().decode(raw(words)).events)
    assert [event[0] for event in events] == [100, 111, 112, 119, 120, 121]
    assert {event[1:] for event in events} == {(2, 1, 4101)}


def test_single_events_leave_the_base_alone() -> None:
    words = [*TIME, row(2), base(100, 0), single(9, 1), 0x5001]
    assert listed(decoder().decode(raw(words)).events) == [(9, 2, 1, 4101), (100, 2, 0, 4101)]


def test_other_words_are_skipped() -> None:
    others = [
        0x1FFF,
        0x7005,
        0x9FFF,
        0xA101,
        0xB000,
        0xC000,
        0xD123,
        0xE014,
        0xFABC,
        0xF000,
        0x7001,
    ]
    words = [*TIME, *others, row(7), *others, single(9, 1), *others]
    assert listed(decoder().decode(raw(words)).events) == [(9, 7, 1, 4101)]


def test_state_lasts_across_packets() -> None:
    split = decoder()
    words = [*TIME, row(7), base(50, 1), 0x4001, 0x5001, single(1, 0), low(9), 0x4001]
    events = [event for word in words for event in listed(split.decode(raw([word])).events)]
    assert events == listed(decoder().decode(raw(words)).events)
    assert [event[0] for event in events] == [50, 62, 1, 70]


def test_big_endian_words() -> None:
    words = [*TIME, row(300), single(9, 1)]
    assert listed(decoder().decode(raw(words, '>'), big_endian=True).events) == [(9, 300, 1, 4101)]


@pytest.mark.parametrize(
    'words',
    [
        [row(7), single(9, 1)],
        [low(5), row(7), single(9, 1)],
        [high(1), row(7), single(9, 1)],
        [low(5), high(1), row(7), single(9, 1)],
        [*TIME, single(9, 1)],
        [*TIME, base(9, 1), 0x5001],
        [*TIME, row(7), 0x5001],
        [],
    ],
    ids=['no time', 'no upper', 'no lower', 'wrong order', 'no row', 'no row 2', 'no base', 'none'],
)
def test_nothing_is_made_up(words: list[int]) -> None:
    assert len(decoder().decode(raw(words)).events) == 0


def test_time_is_unknown_until_it_was_told() -> None:
    one = decoder()
    assert one.decode(raw([high(1), row(3)])).begin_us is None
    assert one.decode(raw([row(3)])).end_us is None
    chunk = one.decode(raw([low(7), row(2)]))
    assert (chunk.begin_us, chunk.end_us) == (4103, 4103)


def test_a_new_upper_half_starts_at_its_begin() -> None:
    words = [high(1), low(4000), row(7), high(2), single(9, 1), high(2), low(1), single(8, 1)]
    events = listed(decoder().decode(raw(words)).events)
    assert [event[3] for event in events] == [8192, 8193]


def test_the_same_upper_half_again_changes_nothing() -> None:
    words = [high(1), low(4000), row(7), high(1), single(9, 1)]
    assert listed(decoder().decode(raw(words)).events)[0][3] == 4096 + 4000


@pytest.mark.parametrize(
    ('halves', 'turns'),
    [
        ([4095, 0], 1),
        ([4095, 0, 4095, 0], 2),
        ([3000, 2989], 1),
        ([3000, 2990], 0),
        ([3000, 2999, 3000], 0),
        ([100, 99, 4000, 5], 1),
    ],
)
def test_wraps_are_told_from_noise(halves: list[int], turns: int) -> None:
    words = [row(1)] + [word for half in halves for word in (high(half), low(0), single(0, 0))]
    together = listed(decoder().decode(raw(words)).events)
    one = decoder()
    apart = [event for word in words for event in listed(one.decode(raw([word])).events)]
    assert together == apart
    assert together[-1][3] == turns * 2**24 + halves[-1] * 4096


def test_pixels_outside_the_sensor_are_left_out_one_by_one() -> None:
    words = [*TIME, row(479), single(640, 1), single(639, 1), base(635, 0), 0x4FFF, row(480),
             single(0, 1), row(479), single(1, 1)]  # fmt: skip
    events = listed(decoder().decode(raw(words)).events)
    assert [event[0] for event in events] == [639, 635, 636, 637, 638, 639, 1]


def test_the_bit_of_a_stereo_pair_is_no_row() -> None:
    assert listed(decoder().decode(raw([*TIME, 0x800 | 7, single(1, 1)])).events)[0][1] == 7


def test_after_lost_data_everything_is_told_again() -> None:
    one = decoder()
    one.decode(raw([high(4000), low(5), row(7), base(3, 1)]))
    one.resynchronise()
    assert len(one.decode(raw([low(6), row(7), single(1, 1)])).events) == 0
    assert len(one.decode(raw([high(3), 0x5001])).events) == 0
    chunk = one.decode(raw([low(8), single(2, 0), 0x5001, base(3, 1), 0x5001]))
    assert listed(chunk.events) == [(2, 7, 0, 2**24 + 12296), (3, 7, 1, 2**24 + 12296)]


@pytest.mark.parametrize(('width', 'height'), [(0, 480), (640, 0), (-1, 1)])
def test_a_sensor_without_pixels_is_refused(width: int, height: int) -> None:
    with pytest.raises(InputError, match='>= 1 px'):
        decoder(width, height)


def test_half_a_word_is_refused_and_changes_nothing() -> None:
    one = decoder()
    one.decode(raw([*TIME, row(7)]))
    with pytest.raises(InputError, match='3 bytes; allowed: whole words'):
        one.decode(raw([low(9), 0])[:3])
    assert listed(one.decode(raw([single(9, 1)])).events) == [(9, 7, 1, 4101)]


def test_blocks_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    words = np.random.default_rng(4).integers(0, 2**16, 5000).astype(np.uint16)
    whole = decoder().decode(raw(words))
    monkeypatch.setattr(evt3, '_BLOCK', 7)
    pieces = decoder().decode(raw(words))
    np.testing.assert_array_equal(whole.events, pieces.events)
    assert (whole.begin_us, whole.end_us) == (pieces.begin_us, pieces.end_us)


def test_a_packet_of_too_many_events_is_refused_within_bounds() -> None:
    """A base before each vector of 12: 6 events a word."""
    count = MOST_EVENTS // 12 + 40_000
    words = np.empty(2 * count + 3, np.uint16)
    words[:3] = [*TIME, row(1)]
    words[3::2] = base(0, 1)
    words[4::2] = 0x4FFF
    one = decoder()
    tracemalloc.start()
    with pytest.raises(InputError, match=f'allowed: <= {MOST_EVENTS} in a packet'):
        one.decode(raw(words))
    assert tracemalloc.get_traced_memory()[1] < 500_000_000
    tracemalloc.stop()
    assert len(one.decode(raw([single(1, 1)])).events) == 0  # it starts anew


def check(chunk: EventChunk, scalar: ScalarDecoder, words: list[int]) -> None:
    events, times = scalar.decode(words)
    assert listed(chunk.events) == events
    assert chunk.begin_us == min(times, default=None)
    assert chunk.end_us == max(times, default=None)


@given(st.lists(st.lists(st.integers(0, 2**16 - 1), max_size=12), max_size=6), st.booleans())
def test_any_words_mean_what_they_mean_one_by_one(packets: list[list[int]], big: bool) -> None:
    fast, scalar = decoder(), ScalarDecoder(WIDTH, HEIGHT)
    for words in packets:
        chunk = fast.decode(raw(words, '>' if big else '<'), big_endian=big)
        check(chunk, scalar, words)


@pytest.mark.malformed
@given(st.binary(max_size=240))
def test_any_bytes_in_any_packets(content: bytes) -> None:
    """Kinds of words that matter are made frequent; some bytes cut packets or mark losses."""
    kinds = (0, 0, 2, 2, 2, 3, 4, 5, 6, 6, 8, 8, 10, 14, 15, 7)
    fast, scalar = decoder(), ScalarDecoder(WIDTH, HEIGHT)
    words: list[int] = []
    for first, second in zip(content[::2], content[1::2], strict=False):
        words.append(kinds[first >> 4] << 12 | (first & 0xF) << 8 | second)
        if second % 16 == 0:
            check(fast.decode(raw(words)), scalar, words)
            words = []
        if second == 255:
            fast.resynchronise()
            scalar.forget()
    check(fast.decode(raw(words)), scalar, words)
    if len(content) % 2:
        with pytest.raises(InputError):
            fast.decode(np.frombuffer(content, np.uint8))


EVENTS = st.lists(
    st.tuples(
        st.integers(0, 30),
        st.integers(0, 2),
        st.integers(0, 1),
        st.sampled_from([0, 0, 0, 1, 7000]),
    ),
    max_size=40,
)


@given(EVENTS, st.booleans(), st.integers(0, 2**26))
def test_what_was_encoded_is_decoded(
    steps: list[tuple[int, int, int, int]], vectors: bool, start: int
) -> None:
    events, time = [], start
    for x, y, polarity, step in steps:
        time += step
        events.append((x, y, polarity, time))
    decoded = listed(decoder().decode(raw(encode(events, vectors=vectors))).events)
    shift = start >> 24 << 24  # turns before the first word are unknown
    assert decoded == [(x, y, p, t - shift) for x, y, p, t in events]


def test_parity_with_event_camera_py() -> None:
    theirs = pytest.importorskip('event_camera_py').Decoder()
    rng = np.random.default_rng(0)
    time = np.cumsum(rng.integers(0, 300, 20_000))
    events = [
        (int(rng.integers(WIDTH)), int(rng.integers(HEIGHT)), int(rng.integers(2)), int(t))
        for t in time
    ]
    data = raw(encode(events, vectors=True))
    theirs.decode_bytes('evt3', WIDTH, HEIGHT, 0, data.tobytes())
    expected = theirs.get_cd_events()
    ours = decoder().decode(data).events
    for name in ('x', 'y', 'p', 't'):
        np.testing.assert_array_equal(ours[name], expected[name])
