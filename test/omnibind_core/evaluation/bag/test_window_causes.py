"""Each cause, made alone: two runs of real windows that differ in one thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bag_answers import answer
import numpy as np
import pytest

from omnibind_core.evaluation.bag import window_causes as causes
from omnibind_core.evaluation.bag.window_causes import Side
from omnibind_core.evaluation.bag.window_causes import WindowCauses
from omnibind_core.streaming.adaptive_window import AdaptiveWindow
from omnibind_core.streaming.arrival_trace import Arrival
from omnibind_core.streaming.arrival_trace import replay
from omnibind_core.streaming.arrival_trace import simulate
from omnibind_core.streaming.arrival_trace import Source
from omnibind_core.streaming.arrival_trace import SPACE
from omnibind_core.streaming.closed_window import ClosedWindow
from omnibind_core.streaming.config import WindowConfig
from omnibind_core.streaming.vector import Vector

MS = 1_000_000


def _vector(sensor: str, stamp: int, **fields: Any) -> Vector:
    payload = np.eye(1, 4, dtype=np.float32)[0]
    given = {'informative': True, 'payload': payload, **fields}
    return Vector(sensor, 'image', stamp * MS, 0, 0, stamp, space=SPACE, encode_ms=0.0, **given)


def _window(*fresh: Vector, held: Sequence[Vector] = (), **fields: Any) -> ClosedWindow:
    stamp = max(one.stamp for one in fresh)
    given: dict[str, Any] = {'closed_by': 'complete', 'missing': (), **fields}
    return ClosedWindow(
        index=0,
        start=stamp,
        end=stamp + 80 * MS,
        stamp=stamp,
        opened=stamp,
        closed_at=stamp,
        fresh=fresh,
        held=tuple(held),
        publish=True,
        **given,
    )


def _side(*windows: ClosedWindow, late: Sequence[Vector] = ()) -> Side:
    """Vectors arrive in the order in which the windows list them; ``late`` at the end."""
    vectors = [*(one for window in windows for one in window.fresh), *late]
    return Side([Arrival(n, vector) for n, vector in enumerate(vectors)], windows)


CAMERA, LIDAR, LATER = _vector('camera', 100), _vector('lidar', 90), _vector('camera', 200)


@pytest.mark.parametrize(
    ('live', 'offline', 'cause'),
    [
        (_side(_window(LATER)), _side(_window(CAMERA), _window(LATER)), causes.NOT_LIVE),
        (_side(_window(CAMERA, LIDAR)), _side(_window(CAMERA)), causes.NOT_OFFLINE),
        (
            _side(_window(CAMERA)),
            _side(_window(CAMERA, held=[LIDAR]), late=[LIDAR]),
            causes.NOT_LIVE,
        ),
        (
            _side(_window(CAMERA), _window(LIDAR)),
            _side(_window(LIDAR, CAMERA)),
            causes.ORDER,
        ),
        (
            _side(_window(CAMERA), _window(LIDAR)),
            _side(_window(CAMERA, LIDAR)),
            causes.ELSEWHERE,
        ),
        (_side(_window(CAMERA), late=[LIDAR]), _side(_window(CAMERA, LIDAR)), causes.LATE),
        (
            _side(_window(CAMERA, held=[LIDAR]), late=[LIDAR]),
            _side(_window(CAMERA, LIDAR)),
            causes.FRESH_OR_HELD,
        ),
        (
            _side(_window(CAMERA, LIDAR), _window(LATER, held=[LIDAR])),
            _side(_window(CAMERA, LIDAR), _window(LATER)),
            causes.HELD,
        ),
        (
            _side(_window(CAMERA)),
            _side(_window(CAMERA, closed_by='timeout')),
            causes.CLOSED_BY,
        ),
        (_side(_window(CAMERA)), _side(_window(CAMERA, missing=('lidar',))), causes.MISSING),
        (
            _side(_window(CAMERA)),
            _side(_window(replace(CAMERA, payload=np.eye(4, dtype=np.float32)[1]))),
            causes.EMBEDDING,
        ),
        (_side(_window(CAMERA)), _side(_window(_vector('camera', 100, informative=False))),
         causes.EMBEDDING),
    ],
)  # fmt: skip
def test_each_cause(live: Side, offline: Side, cause: str) -> None:
    found = WindowCauses(live, offline)
    assert cause in {one for some in found.found.values() for one in some}
    document = found.document()
    if cause == causes.EMBEDDING:
        assert document['with_another_embedding'] == document['identical'] == 1
        assert document['different'] == {}
    else:
        assert document['different'][cause] >= 1
    # What is the other way round has the same cause, but for which side lacks it.
    back = WindowCauses(offline, live).document()
    swapped = {causes.NOT_LIVE: causes.NOT_OFFLINE, causes.NOT_OFFLINE: causes.NOT_LIVE}
    assert back['identical'] == document['identical']
    if cause != causes.EMBEDDING:
        assert back['different'][swapped.get(cause, cause)] >= 1


def test_the_first_cause_counts() -> None:
    """A vector that was not encoded also makes another one held, and the window time out."""
    live = _side(_window(CAMERA, closed_by='timeout', missing=('lidar',)))
    offline = _side(_window(CAMERA, LIDAR))
    found = WindowCauses(live, offline)
    assert found.found[CAMERA.stamp] == [causes.NOT_LIVE, causes.CLOSED_BY, causes.MISSING]
    assert found.document()['different'] == {causes.NOT_LIVE: 1}
    assert found.between(answer(0.1, 'cup'), answer(0.1, 'mug')) == causes.NOT_LIVE
    assert found.between(None, answer(0.1, 'mug')) == causes.NOT_LIVE
    assert found.between(None, None) == causes.SAME


def test_the_same_traffic_differs_in_nothing() -> None:
    """And a sensor whose vectors take 40 ms longer is told by how much."""
    sources = [Source(name='camera', rate=10.0), Source(name='lidar', rate=5.0)]
    arrivals = simulate(sources, duration=4.0, seed=1)

    def side(delay: int) -> Side:
        moved = sorted(
            one._replace(time=one.time + delay * (one.vector.sensor == 'lidar')) for one in arrivals
        ) if delay else arrivals  # fmt: skip
        window = AdaptiveWindow(WindowConfig(), SPACE)
        return Side(moved, [*replay(window, moved)])

    same = WindowCauses(side(0), side(0)).document()
    assert same['identical'] == same['live'] == same['offline'] > 30
    assert same['different'] == {}
    found = WindowCauses(side(40 * MS), side(0)).document()
    assert found['vectors']['lidar']['live_later_ms'] == pytest.approx(40.0)
    assert found['vectors']['camera']['live_later_ms'] == 0.0
    total = found['identical'] + sum(found['different'].values())
    assert total == found['live'] + found['offline'] - found['of_one_stamp']
