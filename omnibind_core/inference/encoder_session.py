"""What every back end makes of an encoder."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class EncoderSession(Protocol):
    """An encoder that can be run, by several threads. Notation: ``b`` batch, ``d`` its output."""

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of one input, without b; -1 where any size is taken."""

    @property
    def output_size(self) -> int:
        """``d``; -1 where the model does not declare it."""

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run it: ``[b, ...] -> [b, d]``.

        :raises BackendError: when it fails.
        """
