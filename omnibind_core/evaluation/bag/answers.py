"""What was said when: one form for recognitions made offline and those recorded in a bag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from omnibind_core.inference.recognition import Recognized
from omnibind_core.streaming.closed_window import ClosedWindow


@dataclass(frozen=True)
class Part:
    """What one sensor brought to an answer.

    :param held: its vector is an older one.
    :param informative: it had something to sense.
    :param weight: share in the fusion.
    :param class_id: what it alone would have said; empty where not informative.
    :param age: seconds before the answer's stamp.
    """

    held: bool
    informative: bool
    weight: float
    class_id: str
    score: float
    age: float


@dataclass(frozen=True)
class Answer:
    """One recognition. Times are nanoseconds.

    :param stamp: what moment it speaks of.
    :param said: when it was said.
    :param added: how long its first vector waited; ``None``: unknown.
    :param class_id: the best class, also where it abstained; empty: there was none.
    :param score: posterior of that class.
    :param reason: why it abstained; empty where it did not, or where nobody tells.
    :param closed_by: ``complete``, ``timeout`` or ``flush``.
    :param parts: by sensor.
    :param missing: sensors seen since start that took no part.
    :param states: every known sensor's health when it was said, by name; may be empty.
    """

    stamp: int
    said: int
    added: int | None
    abstained: bool
    class_id: str
    score: float
    reason: str
    closed_by: str
    parts: Mapping[str, Part]
    missing: tuple[str, ...]
    states: Mapping[str, str]

    @property
    def informative(self) -> bool:
        """Whether any sensor had something to sense."""
        return any(part.informative for part in self.parts.values())

    @property
    def says(self) -> str:
        """The class it stands by; empty where it abstained."""
        return '' if self.abstained else self.class_id


def answer_of(
    window: ClosedWindow, recognized: Recognized, states: Mapping[str, str] | None = None
) -> Answer:
    """A recognition that was just made of a window."""
    fresh = len(window.fresh)
    vectors = (*window.fresh, *window.held)
    parts = {
        vector.sensor: Part(
            held=index >= fresh,
            informative=vector.informative,
            weight=share.weight,
            class_id=share.class_id,
            score=share.score,
            age=max(window.stamp - vector.stamp, 0) * 1e-9,
        )
        for index, (vector, share) in enumerate(zip(vectors, recognized.shares, strict=True))
    }
    return Answer(
        stamp=window.stamp,
        said=window.closed_at,
        added=window.added_delay,
        abstained=recognized.abstained,
        class_id=recognized.class_ids[0] if recognized.class_ids else '',
        score=recognized.scores[0] if recognized.scores else 0.0,
        reason=recognized.reason,
        closed_by=window.closed_by,
        parts=parts,
        missing=window.missing,
        states=states or {},
    )
