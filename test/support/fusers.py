"""Fusions with a known answer, with the interface of the learned one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from omnibind_core.inference.mean_fusion import FusionOutput


class ProductFuser:
    """The calibrated product of some sensors, the others ignored; weights by inverse temperature.

    :param temperatures: by modality.
    :param ignored: modalities that it does not listen to, unless they are alone.
    """

    def __init__(self, temperatures: dict[str, float], ignored: Sequence[str] = ()) -> None:
        self.modalities = tuple(temperatures)
        self._inverse = np.array([1.0 / temperatures[name] for name in self.modalities])
        self._heard = np.array([name not in ignored for name in self.modalities])
        self.calls = 0

    def indices(self, modalities: Sequence[str]) -> NDArray[np.int64]:
        """Places in its own list."""
        return np.array([self.modalities.index(name) for name in modalities])

    def run(
        self,
        tokens: NDArray[np.float32],
        modality: NDArray[np.int64],
        mask: NDArray[np.bool_],
        age: NDArray[np.float32],
        labels: NDArray[np.float32],
    ) -> FusionOutput:
        """Fuse a batch."""
        self.calls += 1
        assert tokens.shape[:2] == modality.shape == mask.shape == age.shape
        assert mask.any(axis=1).all()
        heard = mask & self._heard[modality]
        used = np.where(heard.any(axis=1, keepdims=True), heard, mask)
        gates = np.where(used, self._inverse[modality], 0.0)
        cosines = np.where(mask[..., None], tokens, 0.0) @ labels.T
        return FusionOutput(
            logits=(gates[..., None] * cosines).sum(axis=1).astype(np.float32),
            weights=(gates / gates.sum(axis=1, keepdims=True)).astype(np.float32),
            sensor_logits=cosines.astype(np.float32),
            fused=(gates[..., None] * tokens).sum(axis=1).astype(np.float32),
        )
