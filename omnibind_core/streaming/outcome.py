"""What becomes of a vector: exactly one outcome each, so that the counts sum to what came in."""

from __future__ import annotations

from enum import Enum


class Outcome(Enum):
    """Fate of a received vector; the values are the keys in diagnostics and reports."""

    FRESH = 'fresh'
    """It took part in a recognition, in the window it belongs to."""
    SUPERSEDED = 'superseded'
    """A newer vector of the same sensor stood in its window."""
    LATE = 'late'
    """Its window had closed; it serves as held vector at most."""
    DUPLICATE = 'duplicate'
    """One of the last 16 vectors of its sensor had the same stamp."""
    DISABLED = 'disabled'
    """Its sensor was switched off."""
    OVERFLOW = 'overflow'
    """Its sensor sent more vectors ahead of the open window than are kept."""
    FLUSHED = 'flushed'
    """It waited for a window that never opened, because the clock jumped."""
    REFUSED_SENSOR = 'refused_sensor'
    """There were already as many sensors as allowed, and this one was new."""
    REFUSED_SPACE = 'refused_space'
    """It lives in another embedding space."""
    REFUSED_STAMP = 'refused_stamp'
    """Its stamp is zero, negative, or too far ahead of the clock."""
