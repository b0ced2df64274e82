"""A closed window into a recognition: the one step that live nodes and offline evaluation share."""

from __future__ import annotations

from omnibind_core.inference.recognizer import Recognized
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.inference.recognizer import Token
from omnibind_core.streaming.closed_window import ClosedWindow

NANOSECOND = 1e-9


def recognize_window(window: ClosedWindow, recognizer: Recognizer, *, top_k: int) -> Recognized:
    """Fuse a window's fresh and held vectors, in this order.

    Fresh vectors that are all uninformative abstain, whatever the held ones say: what was seen
    before is no evidence for now.
    """
    nothing_fresh = not any(vector.informative for vector in window.fresh)
    tokens = [
        Token(
            sensor=vector.sensor,
            modality=vector.modality,
            vector=vector.payload,
            informative=vector.informative and not nothing_fresh,
            age=max(window.stamp - vector.stamp, 0) * NANOSECOND,
        )
        for vector in (*window.fresh, *window.held)
    ]
    return recognizer.fuse(tokens, top_k=top_k)
