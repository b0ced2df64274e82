"""Pictures of what a sensor sensed at some moments, taken on the way from message to vector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from omnibind_core.data.reading_picture import draw
from omnibind_core.errors import InputError
from omnibind_core.streaming.vector import Vector
from omnibind_ros.sources.source import Assembled
from omnibind_ros.sources.source import Source

SIZE = 128  # pixels
_FAR_NS = 3_000_000_000


class Thumbnails:
    """A source that lets everything through, and keeps the reading nearest to each moment.

    A reading in which there was something to sense is preferred to one without.

    :param modality: of the sensor.
    :param source: what it looks at.
    :param moments: when, ns of ROS time.
    """

    def __init__(self, modality: str, source: Source, moments: Sequence[int]) -> None:
        self._modality = modality
        self._source = source
        self._moments = tuple(moments)
        self._last: Any = None
        self._best: dict[int, tuple[bool, int, Any]] = {}
        self.decodes_on_entry = source.decodes_on_entry

    def encoded(self, vector: Vector) -> None:
        """The reading converted last became this vector."""
        for number, moment in enumerate(self._moments):
            rank = (not vector.informative, abs(vector.stamp - moment))
            if rank[1] <= _FAR_NS and (number not in self._best or rank < self._best[number][:2]):
                self._best[number] = (*rank, self._last)

    def drawn(self) -> dict[int, Any]:
        """The pictures, uint8 ``[128, 128, 3]``, by number of the moment; moments may lack one."""
        drawn = {number: self._drawn(raw) for number, (_, _, raw) in sorted(self._best.items())}
        return {number: picture for number, picture in drawn.items() if picture is not None}

    def _drawn(self, raw: Any) -> Any | None:
        try:
            return draw(self._modality, raw, SIZE)
        except InputError:  # it could be encoded, but there is nothing to be drawn in it
            return None

    def inform(self, info: Any) -> None:
        """An ``AudioInfo`` came."""
        self._source.inform(info)  # type: ignore[attr-defined]

    def enter(self, message: Any, stamp: int, *, arrival: bool) -> int | None:
        """See :meth:`Source.enter`; the others likewise."""
        return self._source.enter(message, stamp, arrival=arrival)

    def assemble(self) -> Assembled | None:
        """The source's."""
        return self._source.assemble()

    def convert(self, content: Any) -> Any | None:
        """The source's, remembered."""
        self._last = self._source.convert(content)
        return self._last

    def apply(self, settings: Any) -> None:
        """The source's."""
        self._source.apply(settings)

    def interrupted(self) -> None:
        """The source's."""
        self._source.interrupted()

    def values(self) -> dict[str, str]:
        """The source's."""
        return self._source.values()
