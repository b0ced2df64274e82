"""The adaptive window when time itself misbehaves; times in milliseconds."""

from __future__ import annotations

import pytest
from window_driver import Driver
from window_driver import held
from window_driver import MS
from window_driver import stamps
from window_driver import vector

from omnibind_core.streaming.outcome import Outcome


def running(until: float = 20_000, **more: tuple[float, float, float]) -> Driver:
    """Camera and lidar, together every 100 ms until a time."""
    driver = Driver()
    driver.regular(camera=(100, 30, until), lidar=(100, 31, until), **more)
    assert stamps(driver.closed[-1]) == {'camera': until, 'lidar': until}
    return driver


class TestJump:
    def test_the_open_window_is_flushed_and_what_waited_is_dropped(self) -> None:
        driver = running()
        driver.send('camera', 20_100, at=20_130)
        driver.send('camera', 20_200, at=20_130)
        (window,) = driver.window.clock_jumped(500 * MS)
        assert stamps(window) == {'camera': 20_100}
        assert window.closed_by == 'flush'
        assert window.closed_at == 20_130 * MS
        assert driver.count(Outcome.FLUSHED) == 1
        assert driver.window.undecided == 0
        assert driver.deadline is None

    def test_afterwards_all_begins_anew_but_the_sensors_are_known(self) -> None:
        driver = running()
        driver.window.clock_jumped(500 * MS)
        assert driver.state('lidar') == 'warming'
        (window,) = driver.send('camera', 510, at=540)
        assert stamps(window) == {'camera': 510}
        assert window.held == ()
        assert window.missing == ('lidar',)

    def test_what_was_switched_off_stays_off_and_who_is_gone_stays_gone(self) -> None:
        driver = running()
        driver.window.set_enabled('camera', False)
        driver.window.publisher_gone('lidar')
        driver.window.clock_jumped(0)
        assert driver.state('camera') == 'disabled'
        assert driver.state('lidar') == 'lost'

    def test_publishing_begins_anew(self) -> None:
        driver = Driver(max_rate=1.0)
        driver.send('camera', 2000, at=2030)
        driver.window.clock_jumped(1500 * MS)
        (window,) = driver.send('camera', 1600, at=1630)
        assert window.publish

    def test_without_anything_open(self) -> None:
        assert Driver().window.clock_jumped(0) == ()

    @pytest.mark.parametrize(('back', 'jumped'), [(1000, False), (1001, True)])
    def test_time_going_back_by_more_than_a_second_is_a_jump(self, back: int, jumped: bool) -> None:
        driver = running()
        driver.send('camera', 20_100, at=20_130)
        closed = driver.window.poll((20_130 - back) * MS)
        assert [one.closed_by for one in closed] == (['flush'] if jumped else [])
        assert driver.state('lidar') == ('warming' if jumped else 'periodic')

    def test_the_vector_that_shows_the_jump_is_taken(self) -> None:
        driver = running()
        late = driver.count(Outcome.LATE)
        driver.closed += driver.window.receive(vector('camera', 100), 130 * MS)
        assert stamps(driver.closed[-1]) == {'camera': 100}
        assert driver.count(Outcome.LATE) == late

    def test_a_jump_ahead_closes_what_is_open_and_loses_all_sensors(self) -> None:
        driver = running()
        driver.send('camera', 20_100, at=20_130)
        (window,) = driver.window.poll(3_600_000 * MS)
        assert window.closed_by == 'timeout'
        assert driver.state('camera') == driver.state('lidar') == 'lost'
        (window,) = driver.send('camera', 3_600_000, at=3_600_030)
        assert stamps(window) == {'camera': 3_600_000}

    def test_a_simulation_begins_at_zero(self) -> None:
        driver = Driver()
        driver.poll(0)
        driver.send('camera', 0, at=0)
        assert driver.count(Outcome.REFUSED_STAMP) == 1
        driver.regular(camera=(100, 30, 1000), lidar=(100, 31, 1000))
        assert stamps(driver.closed[-1]) == {'camera': 1000, 'lidar': 1000}


class TestLoop:
    """A bag starts over while the clock goes on."""

    def test_when_every_live_sensor_started_over(self) -> None:
        driver = running()
        before, late = len(driver.closed), driver.count(Outcome.LATE)
        assert driver.send('camera', 100, at=20_200) == ()
        assert driver.count(Outcome.LATE) == late + 1
        (window,) = driver.send('lidar', 100, at=20_201)
        assert stamps(window) == {'lidar': 100}
        assert len(driver.closed) == before + 1
        # from here on it is as in the first round, with a latency of 20 s
        for index in range(2, 12):
            driver.send('camera', index * 100, at=20_100 + index * 100)
            driver.send('lidar', index * 100, at=20_101 + index * 100)
        assert stamps(driver.closed[-1]) == {'camera': 1100, 'lidar': 1100}
        assert driver.closed[-1].added_delay == 1 * MS

    def test_the_open_window_is_flushed(self) -> None:
        driver = running()
        driver.send('camera', 20_100, at=20_130)
        driver.send('camera', 100, at=20_130)
        flushed, first = driver.send('lidar', 100, at=20_130)
        assert (stamps(flushed), flushed.closed_by) == ({'camera': 20_100}, 'flush')
        assert stamps(first) == {'lidar': 100}

    def test_one_sensor_alone_is_wrong_and_nothing_is_reset(self) -> None:
        driver = running()
        for index in range(1, 40):
            driver.send('camera', 20_000 + index * 100, at=20_030 + index * 100)
            driver.send('lidar', 10_000 + index * 100, at=20_031 + index * 100)
        assert [stamps(one) for one in driver.closed[-30:]] == [
            {'camera': 20_000 + index * 100} for index in range(10, 40)
        ]
        assert driver.window.sensors()['lidar'].counts[Outcome.LATE] >= 39
        assert driver.closed[-1].missing == ('lidar',)

    @pytest.mark.parametrize('back', [1000, 1001])
    def test_more_than_a_second(self, back: int) -> None:
        driver = Driver()
        driver.regular(camera=(100, 30, 20_000))
        driver.send('camera', 20_000 - back, at=20_130)
        assert bool(driver.closed[-1].stamp < 20_000 * MS) == (back == 1001)

    def test_a_sporadic_sensor_has_no_say(self) -> None:
        driver = Driver()
        driver.window.set_config(type(driver.window.config)(sporadic=('touch',)))
        driver.regular(camera=(100, 30, 20_000), touch=(1000, 10, 20_000))
        driver.send('camera', 100, at=20_100)
        assert stamps(driver.closed[-1]) == {'camera': 100}

    def test_unless_there_are_only_sporadic_ones(self) -> None:
        driver = Driver()
        driver.window.set_config(type(driver.window.config)(sporadic=('left', 'right')))
        driver.regular(left=(1000, 30, 20_000), right=(1000, 31, 20_000))
        driver.send('left', 100, at=20_100)
        assert driver.closed[-1].stamp == 20_000 * MS
        driver.send('right', 100, at=20_101)
        assert stamps(driver.closed[-1]) == {'right': 100}

    @pytest.mark.parametrize(('silence', 'has_a_say'), [(2000, True), (2001, False)])
    def test_a_sensor_silent_for_the_timeout_has_no_say(
        self, silence: int, has_a_say: bool
    ) -> None:
        """One of 0.2 Hz would keep a camera of 30 Hz waiting for five seconds."""
        driver = Driver()
        driver.regular(camera=(100, 30, 20_000), slow=(5000, 29, 20_000))
        driver.send('camera', 100, at=20_100)
        driver.send('camera', 200, at=20_029 + silence)
        assert (driver.closed[-1].stamp == 20_000 * MS) == has_a_say

    def test_nor_has_a_disabled_one(self) -> None:
        driver = running()
        driver.window.set_enabled('lidar', False)
        driver.send('camera', 100, at=20_100)
        assert stamps(driver.closed[-1]) == {'camera': 100}

    def test_after_a_pause(self) -> None:
        driver = running()
        driver.poll(60_000)
        driver.send('camera', 100, at=60_030)
        assert stamps(driver.closed[-1]) == {'camera': 100}

    def test_a_short_bag_repeats_its_stamps(self) -> None:
        driver = Driver()
        for loop in range(3):
            for stamp in range(100, 1501, 200):  # 8 vectors: all still in the history
                driver.send('camera', stamp, at=loop * 1600 + stamp + 30)
        assert driver.count(Outcome.DUPLICATE) == 0
        assert driver.count(Outcome.FRESH) == 24

    def test_a_short_bag_of_two(self) -> None:
        driver = Driver()
        for loop in range(3):
            for stamp in range(100, 1501, 200):
                driver.send('camera', stamp, at=loop * 1600 + stamp + 30)
                driver.send('lidar', stamp + 5, at=loop * 1600 + stamp + 35)
        assert driver.count(Outcome.DUPLICATE) == 0
        # of each further round the first vector is late: it might have been the camera alone
        assert driver.count(Outcome.LATE) == 2
        assert driver.count(Outcome.FRESH) == 46

    def test_held_vectors_do_not_survive(self) -> None:
        driver = running()
        driver.send('camera', 100, at=20_200)
        driver.send('lidar', 100, at=20_201)
        (window,) = driver.send('thermal', 110, at=20_202)
        assert held(window) == {'lidar': 100}
