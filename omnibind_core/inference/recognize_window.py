"""A closed window into a recognition: the one step that live nodes and offline evaluation share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_core.inference.recognition import Recognized
from omnibind_core.inference.recognition import Token
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.streaming.closed_window import ClosedWindow
from omnibind_core.streaming.vector import Vector

NANOSECOND = 1e-9


def recognize_window(
    window: ClosedWindow, recognizer: Recognizer, *, top_k: int, abstain_below: float = 0.0
) -> Recognized:
    """Fuse a window's fresh and held vectors, in this order.

    Fresh vectors that are all uninformative abstain, whatever the held ones say: what was seen
    before is no evidence for now.
    """
    return recognizer.fuse(tokens_of(window), top_k=top_k, abstain_below=abstain_below)


def recognize_windows(
    windows: Sequence[ClosedWindow],
    recognizer: Recognizer,
    *,
    top_k: int,
    abstain_below: float = 0.0,
) -> list[Recognized]:
    """As :func:`recognize_window` of each, in few runs of the model: for recorded data."""
    sets = [tokens_of(window) for window in windows]
    return recognizer.fuse_many(sets, top_k=top_k, abstain_below=abstain_below)


def tokens_of(window: ClosedWindow) -> list[Token]:
    """What is fused of a window: the fresh vectors, then the held ones."""
    return [
        Token(
            sensor=vector.sensor,
            modality=vector.modality,
            vector=_embedding(vector),
            informative=vector.informative and window.informative,
            age=max(window.stamp - vector.stamp, 0) * NANOSECOND,
            space=vector.space,
        )
        for vector in (*window.fresh, *window.held)
    ]


def _embedding(vector: Vector) -> NDArray[np.float32]:
    if vector.payload is None:  # a simulated trace has times only
        raise InputError(f'vector of {vector.sensor}', 'none', 'the embedding')
    return vector.payload
