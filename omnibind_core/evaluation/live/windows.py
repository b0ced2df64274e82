"""Which moments of sensing led to a recognition, and how long after the last embedding."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Heard:
    """A recognition as it was heard.

    :param stamp: of its newest fresh vector, nanoseconds.
    :param at: when it was heard, system time, nanoseconds.
    :param fresh: the sensors that took part with a fresh vector.
    :param closed_by: ``complete``, ``timeout`` or ``flush``.
    """

    stamp: int
    at: int
    fresh: frozenset[str]
    closed_by: str


class Windows:
    """For sensors that are all stamped at the same moments.

    :param recognitions: all that were heard.
    :param embeddings: stamp and time of hearing of each embedding.
    """

    def __init__(
        self, recognitions: Iterable[Heard], embeddings: Iterable[tuple[int, int]]
    ) -> None:
        self._recognitions: dict[int, Heard] = {one.stamp: one for one in recognitions}
        self._last: dict[int, int] = {}
        for stamp, at in embeddings:
            self._last[stamp] = max(at, self._last.get(stamp, at))

    @property
    def recognitions(self) -> Mapping[int, Heard]:
        """By stamp."""
        return self._recognitions

    def share(self, stamps: Sequence[int]) -> float:
        """Share of these moments that led to a recognition.

        :raises ValueError: there is no moment.
        """
        if not stamps:
            raise ValueError('no moments to look at')
        return sum(stamp in self._recognitions for stamp in stamps) / len(stamps)

    def delay(self, stamp: int) -> float | None:
        """From hearing the last embedding of a moment to its recognition, ms."""
        one, last = self._recognitions.get(stamp), self._last.get(stamp)
        return None if one is None or last is None else (one.at - last) / 1e6

    def delays(self, stamps: Iterable[int]) -> list[float]:
        """Those of all moments that led to a recognition, ms."""
        return [delay for delay in map(self.delay, stamps) if delay is not None]

    def in_vain(self, stamps: Iterable[int], others: Iterable[str]) -> int:
        """How many of these moments' windows waited in vain for a sensor that is gone.

        A window that also lacked one of the sensors that are there waited for that one: the next
        message of a live sensor is late now and then, on a busy machine more often.

        :param others: the sensors that are there.
        """
        there = frozenset(others)
        found = (self._recognitions.get(stamp) for stamp in stamps)
        return sum(
            one is not None and one.closed_by == 'timeout' and there <= one.fresh for one in found
        )
