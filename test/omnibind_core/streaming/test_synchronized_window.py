"""A synchronizer in the window's place: the same accounts, limits and answers around it."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from window_driver import MS
from window_driver import SPACE
from window_driver import vector

from omnibind_core.streaming.config import WindowConfig
from omnibind_core.streaming.outcome import Outcome
from omnibind_core.streaming.sensor_health import SensorState
from omnibind_core.streaming.synchronized_window import SynchronizedWindow
from omnibind_core.streaming.vector import Vector

NAMES = ('camera', 'lidar')


class Exact:
    """Equal stamps, at most three waiting of each sensor: what message_filters does, in short."""

    def __init__(self) -> None:
        self.queues: dict[str, dict[int, Vector]] = {name: {} for name in NAMES}

    def put(self, one: Vector) -> Sequence[tuple[Vector, ...]]:
        queue = self.queues[one.sensor]
        queue[one.stamp] = one
        while len(queue) > 3:
            del queue[min(queue)]
        if not all(one.stamp in other for other in self.queues.values()):
            return []
        return [tuple(other.pop(one.stamp) for other in self.queues.values())]

    def waiting(self) -> Mapping[str, int]:
        return {name: len(queue) for name, queue in self.queues.items()}


def window(**config: float) -> SynchronizedWindow:
    """Over a camera and a lidar."""
    return SynchronizedWindow(
        WindowConfig(**config), SPACE, sensors=NAMES, length=20 * MS, make=Exact
    )


def test_a_complete_set_closes_at_once() -> None:
    """With the stamps, the wait of its first vector, and nothing held or missing."""
    synchronized = window()
    assert synchronized.receive(vector('lidar', 1000), 1010 * MS) == ()
    assert synchronized.undecided == 1
    (closed,) = synchronized.receive(vector('camera', 1000), 1030 * MS)
    assert [one.sensor for one in closed.fresh] == ['camera', 'lidar']
    assert (closed.start, closed.end, closed.stamp) == (1000 * MS, 1020 * MS, 1000 * MS)
    assert (closed.closed_at, closed.closed_by, closed.publish) == (1030 * MS, 'complete', True)
    assert (closed.held, closed.missing, closed.index) == ((), (), 0)
    assert synchronized.undecided == 0
    assert synchronized.next_deadline() is None
    assert synchronized.outcomes[Outcome.FRESH] == 2


def test_a_silent_sensor_silences_all_and_its_partner_overflows() -> None:
    """That is what the classic synchronizers do."""
    synchronized = window()
    for step in range(10):
        assert synchronized.receive(vector('camera', 1000 + step), (1005 + step) * MS) == ()
    assert synchronized.undecided == 3
    assert synchronized.outcomes[Outcome.OVERFLOW] == 7
    assert synchronized.sensors()['camera'].counts == {Outcome.OVERFLOW: 7}


def test_refusals_are_those_of_the_adaptive_window() -> None:
    """Another space, no stamp, a stamp of the future, a sensor that is not on the list."""
    synchronized = window()
    for bad in (
        vector('camera', 1000, space='other'),
        vector('camera', 0),
        vector('camera', 5000),
        vector('stranger', 1000),
    ):
        assert synchronized.receive(bad, 1010 * MS) == ()
    synchronized.receive(vector('camera', 1000), 1010 * MS)
    synchronized.receive(vector('camera', 1000), 1011 * MS)
    counted = {outcome: count for outcome, count in synchronized.outcomes.items() if count}
    assert counted == {
        Outcome.REFUSED_SPACE: 1,
        Outcome.REFUSED_STAMP: 2,
        Outcome.REFUSED_SENSOR: 1,
        Outcome.DUPLICATE: 1,
    }
    assert set(synchronized.sensors()) == set(NAMES)


def test_a_clock_that_jumps_back_starts_afresh() -> None:
    """What waited is flushed; the same stamps are new then."""
    synchronized = window()
    synchronized.receive(vector('camera', 9000), 9010 * MS)
    assert synchronized.receive(vector('camera', 1000), 1010 * MS) == ()
    assert synchronized.outcomes[Outcome.FLUSHED] == 1
    (closed,) = synchronized.receive(vector('lidar', 1000), 1020 * MS)
    assert closed.stamp == 1000 * MS


def test_max_rate_and_switching_off() -> None:
    """Sets are thinned on the grid of stamps; a disabled sensor's vectors go nowhere."""
    synchronized = window(max_rate=10.0)
    published = []
    for step in range(0, 400, 50):
        synchronized.receive(vector('camera', 1000 + step), (1010 + step) * MS)
        (closed,) = synchronized.receive(vector('lidar', 1000 + step), (1010 + step) * MS)
        published.append(closed.publish)
    assert published == [True, False] * 4
    assert synchronized.unpublished == 4
    assert synchronized.set_enabled('lidar', False)
    assert not synchronized.set_enabled('stranger', False)
    synchronized.receive(vector('lidar', 1400), 1410 * MS)
    assert synchronized.outcomes[Outcome.DISABLED] == 1
    assert synchronized.sensors()['lidar'].state is SensorState.DISABLED
    synchronized.publisher_gone('camera')
    assert synchronized.sensors()['camera'].state is SensorState.LOST
    synchronized.publisher_back('camera')
    assert synchronized.sensors()['camera'].state is SensorState.WARMING


def test_what_waits_of_a_sensor_that_is_switched_off_takes_no_part() -> None:
    """It would complete the set of the other's next vector."""
    synchronized = window()
    synchronized.receive(vector('lidar', 1000), 1010 * MS)
    assert synchronized.set_enabled('lidar', False)
    assert synchronized.receive(vector('camera', 1000), 1020 * MS) == ()
    assert synchronized.outcomes[Outcome.FLUSHED] == 1
    assert synchronized.undecided == 1


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*NAMES, 'stranger']),
            st.integers(-1, 30),
            st.sampled_from([SPACE, 'other']),
            st.integers(-2000, 10),
        ),
        max_size=60,
    )
)
def test_every_vector_is_accounted_for(traffic: list[tuple[str, int, str, int]]) -> None:
    """In whatever order, with clocks that jump."""
    synchronized = window()
    now = 10_000
    for sensor, stamp, space, step in traffic:
        now = max(now + step, 1)
        synchronized.receive(vector(sensor, stamp, space=space), now * MS)
        outcomes = sum(synchronized.outcomes.values())
        assert outcomes + synchronized.undecided == synchronized.received
    synchronized.flush(now * MS)
    assert synchronized.undecided == 0
    assert sum(synchronized.outcomes.values()) == len(traffic)
