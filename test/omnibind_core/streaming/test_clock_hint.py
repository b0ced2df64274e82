"""Stamps that have nothing to do with the clock are noticed, and told once."""

from __future__ import annotations

import pytest

from omnibind_core.streaming.clock_hint import ClockHint

SECOND = 1_000_000_000
NOW = 1_800_000_000 * SECOND


@pytest.mark.parametrize(
    ('stamp', 'now', 'simulated', 'words'),
    [
        (NOW - 400 * 86400 * SECOND, NOW, False, ('400 days behind', 'is use_sim_time set?')),
        (NOW - 60 * SECOND, NOW, False, ('60 s behind', 'is use_sim_time set?')),
        (NOW + 7200 * SECOND, NOW, False, ('2.0 h ahead of', 'is use_sim_time set?')),
        (NOW, 0, True, ('nothing on /clock', 'is use_sim_time set')),
        (NOW, 5 * SECOND, True, ('ahead of', 'use_sim_time is true')),
    ],
)
def test_each_way_of_being_wrong_has_its_question(
    stamp: int, now: int, simulated: bool, words: tuple[str, ...]
) -> None:
    """At the third stamp in a row, once; as long as it lasts it can be asked for."""
    hint = ClockHint()
    look = [hint.look('camera', stamp + n, now, at=0, simulated=simulated) for n in range(6)]
    assert [one is not None for one in look] == [False, False, True, False, False, False]
    assert look[2] is not None
    assert all(word in look[2] for word in ('camera', *words))
    assert 'camera' in hint.current(0)


def test_good_stamps_single_outliers_and_unset_ones_say_nothing() -> None:
    """Ten seconds are allowed: a driver may be slow."""
    hint = ClockHint()
    for number in range(20):
        assert hint.look('camera', NOW - 9 * SECOND, NOW, at=0, simulated=False) is None
        assert hint.look('lidar', 0, NOW, at=0, simulated=False) is None
        wrong = NOW - (100 * SECOND if number % 3 else 0)
        assert hint.look('broken', wrong, NOW, at=0, simulated=False) is None
    assert hint.current(0) == ''


def test_it_is_over_when_the_last_sensor_is_right_again() -> None:
    """And told anew only after the clock was set."""
    hint = ClockHint()

    def look(sensor: str, behind: int) -> list[str | None]:
        stamp = NOW - behind * SECOND
        return [hint.look(sensor, stamp, NOW, at=0, simulated=False) for _ in range(3)]

    assert any(look('camera', 100))
    assert not any(look('lidar', 100))
    look('camera', 0)
    assert hint.current(0)
    look('lidar', 0)
    assert hint.current(0) == ''
    assert not any(look('camera', 100))
    hint.reset()
    assert any(look('camera', 100))


def test_it_is_over_when_the_sensor_is_unplugged() -> None:
    """One that is silent is wrong no more; one that had a single bad stamp never was."""
    hint = ClockHint()

    def look(sensor: str, behind: int, at: int, times: int = 3) -> None:
        for _ in range(times):
            hint.look(sensor, NOW - behind * SECOND, NOW, at=at * SECOND, simulated=False)

    look('single', 100, at=0, times=1)
    look('camera', 100, at=0)
    look('camera', 0, at=1)
    assert hint.current(SECOND) == ''
    look('lidar', 100, at=2)
    assert 'lidar' in hint.current(20 * SECOND)
    assert hint.current(40 * SECOND) == ''


def test_names_do_not_make_it_grow_without_end() -> None:
    """Further sensors are not judged."""
    hint = ClockHint(most=2)
    for number in range(5):
        for _ in range(3):
            hint.look(f'sensor {number}', 1, NOW, at=number, simulated=False)
    assert 'sensor 1' in hint.current(5)
    hint.look('late', 1, NOW, at=100 * SECOND, simulated=False)
    for _ in range(3):
        hint.look('later', 1, NOW, at=100 * SECOND, simulated=False)
    assert 'later' in hint.current(100 * SECOND)
