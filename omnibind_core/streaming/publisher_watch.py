"""Which sensors still have a publisher: what the graph says about plugging and unplugging."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple


class Change(NamedTuple):
    """Sensors whose publisher vanished or returned since the last look, by name."""

    gone: tuple[str, ...]
    back: tuple[str, ...]


class PublisherWatch:
    """Compares the sensors that were heard with the nodes that publish embeddings.

    The graph names nodes, vectors name sensors; an encoder's node bears its sensor's name. A sensor
    that was ever found among the nodes is there as long as a node of its name is. Any other is sent
    by a node of another name, which may send several: it is there as long as one such node is.

    :param most: sensors that are followed; further ones are left alone.
    """

    def __init__(self, most: int = 1024) -> None:
        self._most = most
        self._present: dict[str, bool] = {}
        self._named: set[str] = set()
        self._nodes: Counter[str] = Counter()

    @property
    def publishers(self) -> int:
        """How many publishers there were at the last look."""
        return self._nodes.total()

    @property
    def doubled(self) -> tuple[str, ...]:
        """Sensors of whose name there is more than one publisher."""
        return tuple(sorted(name for name in self._named if self._nodes[name] > 1))

    def heard(self, sensor: str) -> None:
        """A vector of this sensor came: it has a publisher, whatever the graph says."""
        if sensor in self._present or len(self._present) < self._most:
            self._present[sensor] = True

    def look(self, nodes: Iterable[str]) -> Change:
        """Compare with the graph.

        :param nodes: for each publisher the name of its node; what is not known yet (the graph
            learns names after publishers) may stand there as any other name.
        """
        self._nodes = Counter(nodes)
        self._named |= self._present.keys() & self._nodes.keys()
        others = any(node not in self._named for node in self._nodes)
        gone: list[str] = []
        back: list[str] = []
        for sensor, was_there in self._present.items():
            there = self._nodes[sensor] > 0 if sensor in self._named else others
            if there != was_there:
                (back if there else gone).append(sensor)
                self._present[sensor] = there
        return Change(tuple(sorted(gone)), tuple(sorted(back)))
