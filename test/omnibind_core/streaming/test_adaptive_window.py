"""The adaptive window rule by rule; times in milliseconds, worked out by hand."""

from __future__ import annotations

import pytest
from window_driver import Driver
from window_driver import held
from window_driver import MS
from window_driver import stamps
from window_driver import vector

from omnibind_core.streaming.outcome import Outcome


def waiting(**config: float) -> Driver:
    """The window opened at 590; thermal is due at 600, by 631: latency 30, a grace of 1 ms."""
    driver = Driver(**config)
    driver.regular(thermal=(100, 30, 500))
    assert driver.send('camera', 590, at=591) == ()
    assert driver.deadline == 631
    return driver


def test_the_first_vector_ever_is_recognised_at_once() -> None:
    driver = Driver()
    (window,) = driver.send('camera', 1000, at=1030)
    assert stamps(window) == {'camera': 1000}
    assert (window.start, window.end, window.stamp) == (1000 * MS, 1080 * MS, 1000 * MS)
    assert (window.opened, window.closed_at, window.added_delay) == (1030 * MS, 1030 * MS, 0)
    assert (window.closed_by, window.index, window.publish) == ('complete', 0, True)
    assert window.held == ()
    assert window.missing == ()
    assert driver.deadline is None
    assert driver.window.undecided == 0


def test_the_worked_example_of_the_documentation() -> None:
    driver = Driver()
    for index in range(5):  # the lidar every 200 ms, at 40, 240, ... 840
        driver.send('camera', index * 200 + 20, at=index * 200 + 50)
        driver.send('lidar', index * 200 + 40, at=index * 200 + 90)
        driver.send('camera', index * 200 + 120, at=index * 200 + 150)
    driver.closed.clear()
    assert driver.send('camera', 1020, at=1050) == ()
    assert driver.deadline == 1091
    (window,) = driver.send('lidar', 1040, at=1090)
    assert (stamps(window), window.closed_by) == ({'camera': 1020, 'lidar': 1040}, 'complete')
    assert (window.stamp, window.added_delay) == (1040 * MS, 40 * MS)
    (window,) = driver.send('camera', 1120, at=1150)
    assert (held(window), window.added_delay) == ({'lidar': 1040}, 0)
    # the lidar is unplugged
    assert driver.send('camera', 1220, at=1250) == ()
    driver.run_to(1300)
    window = driver.closed[-1]
    assert (window.closed_at, window.closed_by) == (1291 * MS, 'timeout')
    assert held(window) == {'lidar': 1040}
    assert driver.state('lidar') == 'late'
    (window,) = driver.send('camera', 1320, at=1350)
    assert (held(window), window.added_delay) == ({'lidar': 1040}, 0)
    (window,) = driver.send('camera', 1420, at=1450)
    assert (window.held, window.missing) == ((), ('lidar',))
    assert driver.state('lidar', 1090 + 2001) == 'lost'


class TestWaiting:
    def test_a_due_sensor_completes_the_window(self) -> None:
        driver = Driver()
        driver.regular(camera=(100, 30, 500), lidar=(100, 50, 500))
        assert driver.send('camera', 600, at=630) == ()
        assert driver.deadline == 651  # stamp 600, latency 50, no jitter, 1 ms of grace
        assert driver.window.undecided == 1
        (window,) = driver.send('lidar', 600, at=645)
        assert stamps(window) == {'camera': 600, 'lidar': 600}
        assert (window.closed_by, window.added_delay) == ('complete', 15 * MS)

    def test_who_arrives_when_given_up_has_arrived(self) -> None:
        driver = Driver()
        driver.regular(camera=(100, 30, 500), lidar=(100, 50, 500))
        driver.send('camera', 600, at=630)
        (window,) = driver.send('lidar', 600, at=651)
        assert window.closed_by == 'complete'

    def test_a_window_overdue_and_not_polled_closes_without_what_comes_later(self) -> None:
        driver = Driver()
        driver.regular(camera=(100, 30, 500), lidar=(100, 50, 500))
        driver.send('camera', 600, at=630)
        window, *after = driver.window.receive(vector('lidar', 600), 652 * MS)
        assert stamps(window) == {'camera': 600}
        assert window.closed_by == 'timeout'
        assert after == []

    def test_who_does_not_come_is_given_up_once(self) -> None:
        driver = Driver()
        driver.regular(camera=(100, 30, 500), lidar=(100, 50, 500))
        driver.send('camera', 600, at=630)
        assert driver.poll(650) == ()
        (window,) = driver.poll(651)
        assert (window.closed_by, window.added_delay) == ('timeout', 21 * MS)
        assert held(window) == {'lidar': 500}
        assert driver.state('lidar') == 'late'
        (window,) = driver.send('camera', 700, at=730)
        assert (window.closed_by, window.added_delay) == ('complete', 0)

    def test_a_miss_shows_even_where_a_slower_sensor_completes_the_window(self) -> None:
        driver = Driver()
        driver.regular(camera=(100, 10, 500), lidar=(100, 50, 500), thermal=(100, 30, 500))
        driver.send('camera', 600, at=610)
        (window,) = driver.send('lidar', 600, at=650)
        assert stamps(window) == {'camera': 600, 'lidar': 600}
        assert window.closed_by == 'timeout'
        assert driver.state('thermal') == 'late'

    def test_max_wait_is_never_exceeded(self) -> None:
        driver = Driver(max_wait=0.06)
        # The lidar has been slow before, but not of late: waited for, but not for ever.
        for index in range(1, 12):
            driver.send('camera', index * 100, at=index * 100 + 10)
            driver.send('lidar', index * 100, at=index * 100 + (95 if index == 5 else 50))
        assert driver.send('camera', 1200, at=1210) == ()
        assert driver.deadline == 1270
        (window,) = driver.poll(1270)
        assert (window.added_delay, window.closed_by) == (60 * MS, 'timeout')

    def test_nor_does_a_vector_behind_another_window_wait_longer(self) -> None:
        driver = waiting(max_wait=0.12)
        driver.send('lidar', 900, at=600)  # pending, and not in the window that comes next
        driver.send('camera', 690, at=628)
        driver.send('thermal', 600, at=630)
        # thermal 700 could be there by 730: soon enough for the camera, too late for the lidar
        assert driver.closed[-1].stamp == 900 * MS
        assert [stamps(one) for one in driver.closed[-3:]] == [
            {'camera': 590, 'thermal': 600},
            {'camera': 690},
            {'lidar': 900},
        ]

    def test_without_max_wait_nobody_is_waited_for(self) -> None:
        driver = Driver(max_wait=0.0)
        driver.regular(camera=(100, 30, 500), lidar=(100, 50, 500))
        (window,) = driver.send('camera', 600, at=630)
        assert window.added_delay == 0

    def test_who_cannot_make_it_is_not_waited_for(self) -> None:
        driver = Driver(max_wait=0.15)
        driver.regular(camera=(100, 30, 1000), lidar=(100, 190, 900))
        (window,) = driver.send('camera', 1100, at=1130)
        assert window.added_delay == 0
        # of the lidar, stamp 900 is the last to have arrived
        assert held(window) == {'lidar': 900}

    @pytest.mark.parametrize(('stamp', 'waits'), [(650, True), (651, False)])
    def test_what_is_nearer_to_the_next_vector_is_left_to_its_window(
        self, stamp: int, waits: bool
    ) -> None:
        """Thermal, every 105 ms, is due half a period of the camera after it, or a little more."""
        driver = Driver()
        for index in range(1, 6):
            driver.send('camera', index * 100, at=index * 100 + 30)
            before = stamp - 105 * (6 - index)
            driver.send('thermal', before, at=before + 35)
        assert set(stamps(driver.closed[-1])) == {'camera', 'thermal'}
        driver.send('camera', 600, at=630)
        assert driver.deadline == (stamp + 36 if waits else None)
        driver.send('thermal', stamp, at=stamp + 35)
        driver.send('camera', 700, at=730)
        pairs = [stamps(one) for one in driver.closed[-2:]]
        if waits:
            assert pairs[0] == {'camera': 600, 'thermal': 650}
        else:
            assert pairs == [{'camera': 600}, {'camera': 700, 'thermal': 651}]

    def test_a_present_sensor_that_cannot_be_predicted_limits_nothing(self) -> None:
        driver = Driver(sporadic=('camera',))
        driver.regular(camera=(20, 30, 500), thermal=(100, 30, 500))
        driver.send('camera', 540, at=570)
        assert driver.deadline == 631

    def test_nor_does_a_fast_one_beside_a_slow_one(self) -> None:
        driver = Driver()
        driver.regular(camera=(20, 30, 500), lidar=(100, 31, 500), thermal=(100, 30, 440))
        for stamp in (520, 540, 560, 580):
            assert driver.send('camera', stamp, at=stamp + 30)
        driver.send('camera', 600, at=630)
        driver.send('lidar', 600, at=631)
        # thermal, due at 540, is gone; at 640 it would be nearer to the camera's 640,
        # but the lidar has nothing nearer before 700
        assert [stamps(one) for one in driver.closed[-1:]] == [{'camera': 600, 'lidar': 600}]

    def test_two_vectors_are_too_few_to_be_expected(self) -> None:
        driver = Driver()
        driver.regular(thermal=(100, 30, 200))
        (window,) = driver.send('camera', 290, at=291)
        assert window.added_delay == 0
        assert driver.state('thermal') == 'warming'

    def test_a_dropped_vector_does_not_shift_the_next(self) -> None:
        driver = Driver()
        driver.regular(thermal=(100, 30, 500))
        # 600 never came, and nobody noticed; 700 is expected all the same
        assert driver.send('camera', 690, at=691) == ()
        assert driver.deadline == 731


class TestPlace:
    @pytest.mark.parametrize(('stamp', 'joins'), [(510, True), (509, False)])
    def test_older_than_start_by_at_most_the_length(self, stamp: int, joins: bool) -> None:
        driver = waiting(window=0.08)
        driver.send('lidar', stamp, at=592)
        (window,) = driver.send('thermal', 600, at=630)
        assert ('lidar' in stamps(window)) == joins
        assert window.start == 590 * MS
        assert driver.count(Outcome.LATE) == (not joins)
        # too old to belong here, it is the last that is known of its sensor
        assert held(window) == ({} if joins else {'lidar': 509})

    @pytest.mark.parametrize(('stamp', 'joins'), [(669, True), (670, False)])
    def test_the_end_does_not_belong(self, stamp: int, joins: bool) -> None:
        driver = waiting(window=0.08)
        driver.send('lidar', stamp, at=629)
        window, *after = driver.send('thermal', 600, at=630)
        assert window.end == 670 * MS
        assert ('lidar' in stamps(window)) == joins
        assert [stamps(one) for one in after] == []
        # thermal 700 is due in the next
        assert driver.deadline == (None if joins else 731)

    @pytest.mark.parametrize(('stamp', 'outcome'), [(500, Outcome.LATE), (501, Outcome.FRESH)])
    def test_the_horizon_does_not_belong(self, stamp: int, outcome: Outcome) -> None:
        driver = Driver(window=0.2)
        driver.send('camera', 500, at=530)
        driver.send('lidar', stamp, at=531)
        assert driver.window.sensors()['lidar'].counts == {outcome: 1}
        assert len(driver.closed) == 1 + (outcome is Outcome.FRESH)

    def test_pending_vectors_in_stamp_order_with_their_own_arrivals(self) -> None:
        driver = waiting(window=0.08)
        for sensor, stamp, at in (('a', 700, 600), ('b', 690, 610), ('c', 900, 620)):
            assert driver.send(sensor, stamp, at=at) == ()
        assert driver.window.undecided == 4
        (window,) = driver.send('thermal', 600, at=630)
        assert stamps(window) == {'camera': 590, 'thermal': 600}
        # b opened the next, a joined and had come first; thermal 700 is due by 731
        assert driver.deadline == 731
        second, third = driver.poll(731)
        assert stamps(second) == {'a': 700, 'b': 690}
        assert (second.start, second.opened) == (690 * MS, 600 * MS)
        assert (second.closed_by, second.added_delay) == ('timeout', 131 * MS)
        assert (stamps(third), third.opened) == ({'c': 900}, 620 * MS)
        assert third.closed_by == 'complete'
        assert [window.index, second.index, third.index] == [5, 6, 7]

    def test_of_one_sensor_the_newest_counts(self) -> None:
        driver = waiting()
        driver.send('camera', 620, at=622)
        driver.send('camera', 610, at=623)
        (window,) = driver.send('thermal', 600, at=630)
        assert stamps(window) == {'camera': 620, 'thermal': 600}
        assert (window.start, window.stamp) == (590 * MS, 620 * MS)
        assert driver.count(Outcome.SUPERSEDED) == 2

    def test_a_stamp_sent_twice_is_a_duplicate_wherever_the_first_one_is(self) -> None:
        driver = waiting()
        driver.send('camera', 590, at=592)
        driver.send('lidar', 680, at=593)  # pending
        driver.send('lidar', 680, at=594)
        driver.send('thermal', 500, at=595)  # held
        assert driver.count(Outcome.DUPLICATE) == 3
        assert driver.count(Outcome.LATE) == 0

    def test_two_sensors_of_one_modality_are_two(self) -> None:
        driver = waiting()
        driver.send('camera_left', 592, at=593)
        driver.send('camera_right', 592, at=593)
        (window,) = driver.send('thermal', 600, at=630)
        assert [one.sensor for one in window.fresh] == [
            'camera', 'camera_left', 'camera_right', 'thermal',
        ]  # fmt: skip


class TestLateSensor:
    def missed(self) -> Driver:
        """The lidar, regular until 1500, has missed the window of 1600."""
        driver = Driver()
        driver.regular(camera=(100, 30, 1500), lidar=(100, 50, 1500))
        driver.send('camera', 1600, at=1630)
        driver.run_to(1700)
        assert driver.closed[-1].closed_by == 'timeout'
        assert driver.state('lidar') == 'late'
        return driver

    def test_the_missed_vector_brings_it_back_and_its_latency_is_learnt(self) -> None:
        driver = self.missed()
        before = driver.count(Outcome.LATE)
        assert driver.send('lidar', 1600, at=1700) == ()
        assert driver.count(Outcome.LATE) == before + 1
        assert driver.state('lidar') == 'periodic'
        assert driver.window.sensors()['lidar'].latency == 100 * MS
        driver.send('camera', 1700, at=1730)
        assert driver.deadline == 1801

    def test_two_in_a_row_bring_it_back(self) -> None:
        driver = self.missed()
        driver.send('lidar', 1700, at=1750)
        assert driver.state('lidar') == 'late'
        driver.send('lidar', 1800, at=1850)
        assert driver.state('lidar') == 'periodic'

    def test_two_with_a_gap_are_not_in_a_row(self) -> None:
        driver = self.missed()
        driver.send('lidar', 1700, at=1750)
        driver.send('lidar', 1900, at=1950)
        assert driver.state('lidar') == 'late'
        driver.send('lidar', 2000, at=2050)
        assert driver.state('lidar') == 'periodic'

    def test_a_second_outage_is_like_the_first(self) -> None:
        driver = self.missed()
        for stamp in (1700, 1800, 1900):
            driver.send('lidar', stamp, at=stamp + 50)
        driver.send('camera', 2000, at=2030)
        driver.run_to(2100)
        assert driver.state('lidar') == 'late'
        driver.send('lidar', 2100, at=2150)
        assert driver.state('lidar') == 'late'
        driver.send('lidar', 2200, at=2250)
        assert driver.state('lidar') == 'periodic'

    def test_it_is_lost_when_it_stays_away(self) -> None:
        driver = self.missed()
        assert driver.state('lidar', 1550 + 2000) == 'late'
        assert driver.state('lidar', 1551 + 2000) == 'lost'


class TestHeld:
    @pytest.mark.parametrize(('age', 'takes_part'), [(180, True), (181, False)])
    def test_one_and_a_half_periods_and_the_latency(self, age: int, takes_part: bool) -> None:
        driver = Driver(max_wait=0.0)
        driver.regular(lidar=(100, 30, 500))
        (window,) = driver.send('camera', 500 + age, at=720)
        assert held(window) == ({'lidar': 500} if takes_part else {})
        assert window.missing == (() if takes_part else ('lidar',))

    @pytest.mark.parametrize(('age', 'takes_part'), [(1000, True), (1001, False)])
    def test_a_second_while_the_period_is_unknown(self, age: int, takes_part: bool) -> None:
        driver = Driver()
        driver.send('touch', 500, at=530)
        (window,) = driver.send('camera', 500 + age, at=1530)
        assert bool(held(window)) == takes_part

    @pytest.mark.parametrize('sporadic', [(), ('touch',)])
    def test_a_second_of_a_sporadic_sensor(self, sporadic: tuple[str, ...]) -> None:
        driver = Driver(sporadic=sporadic)
        times = (100, 200, 300, 400) if sporadic else (100, 110, 300, 310, 400)
        for stamp in times:
            driver.send('touch', stamp, at=stamp + 10)
        assert driver.state('touch') == 'sporadic'
        (window,) = driver.send('camera', 1400, at=1410)
        assert held(window) == {'touch': 400}
        (window,) = driver.send('camera', 1401, at=1411)
        assert held(window) == {}

    def test_a_slow_sensor_is_held_for_a_second_at_most(self) -> None:
        driver = Driver(max_wait=0.0)
        driver.regular(lidar=(5000, 30, 20_000))
        (window,) = driver.send('camera', 21_000, at=21_030)
        assert held(window) == {'lidar': 20_000}
        (window,) = driver.send('camera', 21_001, at=21_031)
        assert held(window) == {}

    def test_as_configured(self) -> None:
        driver = Driver(max_wait=0.0, hold=0.3)
        driver.regular(lidar=(100, 30, 500))
        assert held(driver.send('camera', 800, at=840)[0]) == {'lidar': 500}
        assert held(driver.send('camera', 801, at=841)[0]) == {}

    def test_switched_off(self) -> None:
        driver = Driver(max_wait=0.0, hold=0.0)
        driver.regular(lidar=(100, 30, 500))
        (window,) = driver.send('camera', 510, at=540)
        assert held(window) == {}
        assert window.missing == ('lidar',)

    def test_an_uninformative_vector_replaces_an_informative_one(self) -> None:
        driver = Driver()
        driver.send('touch', 500, at=510)
        driver.send('touch', 600, at=610, informative=False)
        (window,) = driver.send('camera', 650, at=660)
        assert held(window) == {'touch': 600}
        assert not window.held[0].informative
        assert window.informative

    def test_fresh_ones_without_information_say_so_whatever_is_held(self) -> None:
        driver = Driver()
        driver.send('touch', 500, at=510)
        (window,) = driver.send('camera', 600, at=610, informative=False)
        assert held(window) == {'touch': 500}
        assert not window.informative

    def test_a_late_vector_is_held_if_it_is_newer(self) -> None:
        driver = Driver(max_wait=0.0)
        driver.send('lidar', 400, at=430)
        driver.send('camera', 500, at=530)
        driver.send('lidar', 490, at=531)
        driver.send('lidar', 450, at=532)
        assert driver.count(Outcome.LATE) == 2
        (window,) = driver.send('camera', 510, at=540)
        assert held(window) == {'lidar': 490}

    def test_held_vectors_alone_make_no_recognition(self) -> None:
        driver = Driver()
        driver.regular(camera=(100, 30, 1000), lidar=(200, 30, 1000))
        count = len(driver.closed)
        assert driver.deadline is None
        assert driver.poll(1100) == ()
        assert driver.poll(9000) == ()
        assert len(driver.closed) == count

    def test_a_lost_sensor_is_not_held_again_when_its_history_is_void(self) -> None:
        """While its period is unknown a sensor is held for a second, but not a lost one's."""
        driver = Driver(sensor_timeout=0.2)
        driver.regular(camera=(50, 10, 1000), lidar=(50, 10, 300))
        assert driver.state('lidar') == 'lost'
        assert driver.closed[-1].missing == ('lidar',)


class TestSensors:
    def test_states_one_after_the_other(self) -> None:
        driver = Driver()
        driver.send('lidar', 100, at=150)
        driver.send('lidar', 200, at=250)
        assert driver.state('lidar') == 'warming'
        driver.send('lidar', 300, at=350)
        assert driver.state('lidar') == 'periodic'
        assert driver.state('lidar', 350 + 2000) == 'periodic'
        assert driver.state('lidar', 351 + 2000) == 'lost'
        driver.send('lidar', 5000, at=5050)
        assert driver.state('lidar') == 'warming'

    def test_slow_sensors_are_lost_after_three_periods(self) -> None:
        driver = Driver()
        driver.regular(lidar=(5000, 50, 20_000))
        assert driver.state('lidar', 20_050 + 15_000) == 'periodic'
        assert driver.state('lidar', 20_051 + 15_000) == 'lost'

    def test_a_sporadic_sensor_is_lost_only_with_its_publisher(self) -> None:
        driver = Driver(sporadic=('touch',))
        driver.regular(touch=(100, 10, 500))
        assert driver.state('touch', 3_600_000) == 'sporadic'
        driver.window.publisher_gone('touch')
        assert driver.state('touch') == 'lost'
        driver.window.publisher_back('touch')
        assert driver.state('touch') == 'warming'

    def test_a_vector_proves_that_the_publisher_is_there(self) -> None:
        driver = Driver()
        driver.regular(lidar=(100, 50, 500))
        driver.window.publisher_gone('lidar')
        driver.send('lidar', 600, at=650)
        assert driver.state('lidar') == 'warming'

    def test_hooks_of_unknown_sensors_do_nothing(self) -> None:
        driver = Driver()
        driver.window.publisher_gone('nobody')
        driver.window.publisher_back('nobody')
        assert driver.window.sensors() == {}

    def test_a_gone_publisher_is_not_waited_for_and_no_timeout(self) -> None:
        driver = waiting()
        driver.window.publisher_gone('thermal')
        assert driver.deadline == 591
        (window,) = driver.poll(600)
        assert window.closed_by == 'complete'

    def test_status(self) -> None:
        driver = Driver()
        driver.regular(lidar=(200, 50, 2000))
        driver.send('lidar', 2205, at=2245)
        status = driver.window.sensors()['lidar']
        assert (status.sensor, status.modality) == ('lidar', 'lidar')
        assert status.period == 200 * MS
        assert status.jitter == 0
        assert status.latency == 50 * MS
        assert status.last_stamp == 2205 * MS
        assert status.heard == 2245 * MS
        assert status.counts == {Outcome.FRESH: 11}

    def test_a_disabled_sensor_takes_part_in_nothing(self) -> None:
        driver = Driver()
        driver.regular(camera=(100, 30, 500), lidar=(100, 50, 500))
        assert driver.window.set_enabled('lidar', False)
        (window,) = driver.send('camera', 600, at=630)
        assert (window.held, window.missing) == ((), ())
        driver.send('lidar', 600, at=650)
        assert driver.count(Outcome.DISABLED) == 1
        assert driver.state('lidar') == 'disabled'
        assert driver.window.set_enabled('lidar', True)
        assert driver.state('lidar') == 'warming'
        driver.send('lidar', 700, at=750)
        assert stamps(driver.closed[-1]) == {'lidar': 700}

    def test_disabling_takes_effect_in_the_open_window(self) -> None:
        driver = waiting()
        driver.send('lidar', 595, at=596)
        driver.send('camera', 690, at=620)  # pending
        driver.window.set_enabled('camera', False)
        (window,) = driver.send('thermal', 600, at=630)
        assert stamps(window) == {'lidar': 595, 'thermal': 600}
        assert driver.count(Outcome.DISABLED) == 2

    def test_a_window_left_empty_is_none(self) -> None:
        driver = waiting()
        driver.window.set_enabled('camera', False)
        assert driver.deadline is None
        assert driver.poll(1000) == ()
        assert driver.window.undecided == 0

    def test_a_sensor_can_be_disabled_before_it_is_seen(self) -> None:
        driver = Driver()
        assert driver.window.set_enabled('lidar', False)
        assert driver.send('lidar', 100, at=130) == ()
        assert driver.count(Outcome.DISABLED) == 1
        assert driver.window.sensors()['lidar'].modality == 'lidar'

    def test_a_sensor_that_was_never_there_is_not_missing(self) -> None:
        driver = Driver()
        assert driver.window.set_enabled('microphone', False)
        assert driver.state('microphone') == 'disabled'
        assert driver.window.set_enabled('microphone', True)
        assert driver.window.set_enabled('lidar', True)
        (window,) = driver.send('camera', 100, at=130)
        assert window.missing == ()
        assert list(driver.window.sensors()) == ['camera']

    def test_a_flood_of_names_is_refused(self) -> None:
        driver = Driver(max_sensors=3)
        for index in range(1000):
            driver.send(f'sensor {index}', 1000 + index, at=1030 + index)
        assert len(driver.window.sensors()) == 3
        assert driver.count(Outcome.REFUSED_SENSOR) == 997
        assert driver.count(Outcome.FRESH) == 3
        assert not driver.window.set_enabled('another', False)

    def test_a_sensor_gone_wild_is_bounded(self) -> None:
        driver = waiting()
        for index in range(1000):
            driver.send('wild', 800 + index / 10, at=600)
        assert driver.window.undecided == 1 + 64
        assert driver.count(Outcome.OVERFLOW) == 1000 - 64
        driver.run_to(2000)
        driver.closed += driver.window.flush(2000 * MS)
        assert stamps(driver.closed[-1])['wild'] == pytest.approx(800 + 999 / 10)


class TestRefused:
    @pytest.mark.parametrize('stamp', [0, -5, 2000.001])
    def test_stamps(self, stamp: float) -> None:
        driver = Driver()
        assert driver.send('camera', stamp, at=1000) == ()
        assert driver.count(Outcome.REFUSED_STAMP) == 1
        assert driver.window.undecided == 0
        # seen it was, and it is missing from what others make
        assert driver.send('lidar', 990, at=1001)[0].missing == ('camera',)

    def test_a_second_ahead_is_not_too_far(self) -> None:
        driver = Driver()
        assert driver.send('camera', 2000, at=1000)

    def test_another_space(self) -> None:
        driver = Driver()
        assert driver.send('camera', 990, at=1000, space='of another bundle') == ()
        assert driver.count(Outcome.REFUSED_SPACE) == 1
        assert driver.window.sensors()['camera'].counts == {Outcome.REFUSED_SPACE: 1}

    def test_a_clock_that_stands_at_zero(self) -> None:
        """use_sim_time without a /clock: real stamps are far ahead; those of a simulation not."""
        driver = Driver()
        driver.send('camera', 1_700_000_000_000, at=0)
        assert driver.count(Outcome.REFUSED_STAMP) == 1
        for stamp in (50, 150, 250):
            driver.send('camera', stamp, at=0)
        assert driver.count(Outcome.FRESH) == 3


class TestOutput:
    def test_max_rate_holds_back_and_counts(self) -> None:
        driver = Driver(max_rate=10.0)
        driver.regular(camera=(20, 10, 1980))
        assert len(driver.closed) == 99
        published = [window.stamp // MS for window in driver.closed if window.publish]
        assert published == [20, *range(100, 2000, 100)]
        assert driver.window.unpublished == 99 - len(published)
        assert [window.index for window in driver.closed] == list(range(99))

    def test_what_is_held_back_moves_the_horizon(self) -> None:
        driver = Driver(max_rate=1.0)
        driver.send('camera', 1100, at=1110)
        driver.send('camera', 1200, at=1210)
        assert not driver.closed[-1].publish
        driver.send('lidar', 1150, at=1211)
        assert driver.count(Outcome.LATE) == 1

    def test_flush_closes_everything(self) -> None:
        driver = waiting()
        driver.send('lidar', 700, at=600)
        driver.send('lidar', 900, at=601)
        windows = driver.window.flush(610 * MS)
        assert [stamps(one) for one in windows] == [
            {'camera': 590}, {'lidar': 700}, {'lidar': 900},
        ]  # fmt: skip
        assert {one.closed_by for one in windows} == {'flush'}
        assert driver.window.undecided == 0
        # nobody was missed, since nobody had his time
        assert driver.state('thermal') == 'periodic'
        assert driver.window.flush(611 * MS) == ()


class TestConfigAtRunTime:
    def test_max_wait_applies_at_once(self) -> None:
        driver = waiting()
        driver.window.set_config(type(driver.window.config)(max_wait=0.01))
        assert driver.deadline == 591
        (window,) = driver.poll(602)
        assert stamps(window) == {'camera': 590}
        # thermal had not run out of its time, and is no worse for it
        assert driver.state('thermal') == 'periodic'

    def test_an_open_window_keeps_its_length(self) -> None:
        driver = waiting(window=0.08)
        driver.window.set_config(type(driver.window.config)(window=0.02))
        driver.send('lidar', 650, at=629)
        (window,) = driver.send('thermal', 600, at=630)
        assert stamps(window) == {'camera': 590, 'lidar': 650, 'thermal': 600}
        (window,) = driver.send('camera', 660, at=661)
        assert window.end == 680 * MS

    def test_more_sensors(self) -> None:
        driver = Driver(max_sensors=1)
        driver.send('camera', 100, at=110)
        driver.send('lidar', 110, at=120)
        driver.window.set_config(type(driver.window.config)(max_sensors=2))
        driver.send('lidar', 120, at=130)
        assert driver.count(Outcome.REFUSED_SENSOR) == 1
        assert driver.count(Outcome.FRESH) == 2

    def test_max_rate(self) -> None:
        driver = Driver()
        driver.window.set_config(type(driver.window.config)(max_rate=1.0))
        driver.regular(camera=(100, 10, 900))
        assert sum(window.publish for window in driver.closed) == 1
        driver.window.set_config(type(driver.window.config)())
        driver.send('camera', 1000, at=1010)
        assert driver.closed[-1].publish
