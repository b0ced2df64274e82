"""What one message of an event camera decodes to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class EventChunk:
    """Some events, and the stretch of sensor time in which there were no others.

    :param events: ``[n]`` of :data:`~omnibind_core.modalities.event_slice.EVENT_DTYPE`.
    :param begin_us: sensor time at the begin of the message, in microseconds; None where the
        message told no time (no event either, then).
    :param end_us: sensor time at its end.
    """

    events: NDArray[np.void]
    begin_us: int | None
    end_us: int | None
