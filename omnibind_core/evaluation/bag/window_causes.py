"""Why the windows of a live run and those of the same bag offline are not all the same.

Windows are told apart by their stamp, vectors by sensor and stamp. A window that differs in several
ways counts under the first cause that applies, in the order of :data:`CAUSES`: what comes first
entails what comes later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from omnibind_core.evaluation.bag.answers import Answer
from omnibind_core.streaming.arrival_trace import Arrival
from omnibind_core.streaming.closed_window import ClosedWindow
from omnibind_core.streaming.vector import Vector

NOT_LIVE = 'a vector that was not encoded live'
NOT_OFFLINE = 'a vector that was not encoded offline'
ORDER = 'vectors arrived in another order'
ELSEWHERE = 'a vector fell into another window'
FRESH_OR_HELD = 'a vector was fresh here and held there'
LATE = 'a vector came after its window'
HELD = 'another vector was held, or for longer'
CLOSED_BY = 'complete here, timeout there'
MISSING = 'another sensor was missing'
EMBEDDING = 'the same windows, another embedding'
SAME = 'the same windows and embeddings'
CAUSES = (
    NOT_LIVE,
    NOT_OFFLINE,
    ORDER,
    ELSEWHERE,
    FRESH_OR_HELD,
    LATE,
    HELD,
    CLOSED_BY,
    MISSING,
    EMBEDDING,
)
FAR = 1e-4  # cosine distance from which embeddings of one reading count as different

Key = tuple[str, int]


@dataclass(frozen=True)
class Side:
    """What came of the bag on one side.

    :param arrivals: everything that reached the window.
    :param windows: those that gave a recognition.
    """

    arrivals: Sequence[Arrival]
    windows: Sequence[ClosedWindow]


class WindowCauses:
    """Compares two sides.

    :param live: of the nodes.
    :param offline: of the evaluation.
    """

    def __init__(self, live: Side, offline: Side) -> None:
        self._live = _Index(live)
        self._offline = _Index(offline)
        self._common = self._live.vectors.keys() & self._offline.vectors.keys()
        self.distance = {
            key: _distance(self._live.vectors[key], self._offline.vectors[key])
            for key in self._common
        }
        stamps = sorted(self._live.windows.keys() | self._offline.windows.keys())
        #: Of each window by its stamp: everything in which it differs.
        self.found = {stamp: [*dict.fromkeys(self._differences(stamp))] for stamp in stamps}

    def of(self, stamp: int) -> str:
        """The first cause of a window; :data:`SAME` where there is none."""
        return min(self.found.get(stamp) or [SAME], key=(*CAUSES, SAME).index)

    def between(self, live: Answer | None, offline: Answer | None) -> str:
        """Why two answers that stand at one moment may differ."""
        causes = [self.of(one.stamp) for one in (live, offline) if one is not None]
        return min(causes, key=(*CAUSES, SAME).index) if causes else SAME

    def document(self) -> dict[str, Any]:
        """How many windows and vectors are the same, and the others by cause."""
        firsts = Counter(self.of(stamp) for stamp in self.found)
        same = firsts.pop(SAME, 0)
        alike = firsts.pop(EMBEDDING, 0)
        both = self._live.windows.keys() & self._offline.windows.keys()
        return {
            'live': len(self._live.windows),
            'offline': len(self._offline.windows),
            'of_one_stamp': len(both),
            'identical': same + alike,
            'with_another_embedding': alike,
            'different': {cause: firsts[cause] for cause in CAUSES if firsts[cause]},
            'vectors': self._vectors(),
        }

    def _vectors(self) -> dict[str, Any]:
        names = sorted({name for name, _ in (*self._live.vectors, *self._offline.vectors)})
        return {name: self._of_sensor(name) for name in names}

    def _of_sensor(self, name: str) -> dict[str, Any]:
        live, offline, both = (
            {key for key in keys if key[0] == name}
            for keys in (self._live.vectors, self._offline.vectors, self._common)
        )
        lags = [self._live.arrived[key] - self._offline.arrived[key] for key in both]
        return {
            'live': len(live),
            'offline': len(offline),
            'both': len(both),
            'another_embedding': sum(self.distance[key] > FAR for key in both),
            'largest_distance': max((self.distance[key] for key in both), default=None),
            'live_later_ms': float(np.median(lags)) / 1e6 if lags else None,
        }

    def _differences(self, stamp: int) -> Iterator[str]:
        live, offline = self._live.windows.get(stamp), self._offline.windows.get(stamp)
        yield from self._fresh(live, offline, self._offline, NOT_OFFLINE)
        yield from self._fresh(offline, live, self._live, NOT_LIVE)
        if live is None or offline is None:
            return
        yield from self._held(live, offline)
        if live.closed_by != offline.closed_by:
            yield CLOSED_BY
        if set(live.missing) != set(offline.missing):
            yield MISSING
        for vector in (*live.fresh, *live.held):
            if self.distance.get(_key(vector), 0.0) > FAR:
                yield EMBEDDING

    def _fresh(
        self, here: ClosedWindow | None, there: ClosedWindow | None, other: _Index, absent: str
    ) -> Iterator[str]:
        """Where the fresh vectors of a window went on the other side."""
        if here is None:
            return
        fresh = set() if there is None else {_key(one) for one in there.fresh}
        held = set() if there is None else {_key(one) for one in there.held}
        for vector in here.fresh:
            key = _key(vector)
            if key in fresh:
                continue
            if key not in other.vectors:
                yield absent
                continue
            if self._reordered(here, there):
                yield ORDER
            if key in held:
                yield FRESH_OR_HELD
            yield ELSEWHERE if key in other.fresh else LATE

    def _held(self, live: ClosedWindow, offline: ClosedWindow) -> Iterator[str]:
        one, other = ({_key(vector) for vector in window.held} for window in (live, offline))
        for key in sorted(one ^ other):
            if key not in self._common:
                yield NOT_OFFLINE if key in self._live.vectors else NOT_LIVE
            else:
                yield HELD

    def _reordered(self, *windows: ClosedWindow | None) -> bool:
        keys = {
            _key(vector)
            for window in windows
            if window is not None
            for vector in window.fresh
            if _key(vector) in self._common
        }
        orders = [
            sorted(keys, key=lambda key: (side.arrived[key], key))
            for side in (self._live, self._offline)
        ]
        return orders[0] != orders[1]


class _Index:
    """What one side has, by stamp and by key."""

    def __init__(self, side: Side) -> None:
        self.windows: Mapping[int, ClosedWindow] = {one.stamp: one for one in side.windows}
        self.fresh = {_key(vector) for one in side.windows for vector in one.fresh}
        self.vectors = {_key(one.vector): one.vector for one in side.arrivals}
        self.arrived = {_key(one.vector): one.time for one in side.arrivals}


def _key(vector: Vector) -> Key:
    return vector.sensor, vector.stamp


def _distance(one: Vector, other: Vector) -> float:
    """Cosine distance; 2 where only one of them had something to sense."""
    if one.informative != other.informative:
        return 2.0
    if one.payload is None or other.payload is None:
        return 0.0
    first, second = one.payload.astype(np.float64), other.payload.astype(np.float64)
    length = float(np.linalg.norm(first) * np.linalg.norm(second))
    return 1.0 - float(first @ second) / length if length else 0.0
