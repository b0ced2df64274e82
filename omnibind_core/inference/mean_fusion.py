"""Fusion by the mean of the embeddings: the simplest rule, and a baseline for every other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class FusionOutput:
    """What every fusion returns; a batch of sets of tokens has a leading axis more.

    :param logits: ``[c]``; of the mean they are cosines, of a learned fusion calibrated as they
        are.
    :param weights: ``[n]``, shares summing to 1; all 0 when nothing informative took part.
    :param sensor_logits: ``[n, c]``, what each token alone says.
    :param fused: ``[d]``; of the mean of unit length, or zero when nothing informative took part.
    """

    logits: NDArray[np.float32]
    weights: NDArray[np.float32]
    sensor_logits: NDArray[np.float32]
    fused: NDArray[np.float32]


def mean_fusion(
    tokens: NDArray[np.float32], mask: NDArray[np.bool_], labels: NDArray[np.float32]
) -> FusionOutput:
    """The mean of the informative embeddings, as ImageBind's embedding arithmetic has it.

    What stands in the masked rows is never read: NaN there changes nothing.

    :param tokens: ``[n, d]`` unit vectors.
    :param mask: ``[n]``, true where a token takes part.
    :param labels: ``[c, d]`` unit vectors.
    """
    present = np.where(mask[:, None], tokens, np.float32(0.0))
    count = int(mask.sum())
    weights = np.zeros(len(tokens), dtype=np.float32)
    fused = np.zeros(labels.shape[1], dtype=np.float32)
    if count:
        weights[mask] = 1.0 / count
        mean = present.sum(axis=0) / count
        length = float(np.linalg.norm(mean))
        # Opposite vectors cancel: there is no direction to normalise then.
        fused = (mean / length if length > 1e-9 else mean).astype(np.float32)
    return FusionOutput(
        logits=labels @ fused,
        weights=weights,
        sensor_logits=present @ labels.T,
        fused=fused,
    )
