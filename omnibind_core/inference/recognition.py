"""What goes into a recognition and what comes out of it.

Notation: ``n`` number of tokens, ``c`` number of labels, ``d`` length of an embedding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.inference.abstention import AbstentionRule
from omnibind_core.inference.abstention import decide
from omnibind_core.inference.abstention import Reason
from omnibind_core.inference.classification import top_k as best_rows
from omnibind_core.inference.label_choice import Labels


@dataclass(frozen=True)
class Encoded:
    """One reading's embedding.

    :param modality: what kind of sensor it was.
    :param vector: ``[d]``, unit length.
    :param space: the embedding space it lives in.
    :param milliseconds: how long the model ran.
    :param informative: false when the sensor had nothing to sense.
    """

    modality: str
    vector: NDArray[np.float32]
    space: str
    milliseconds: float
    informative: bool = True


@dataclass(frozen=True)
class Token:
    """One sensor's part in a fusion.

    :param vector: ``[d]``; only its direction counts.
    :param informative: false: shown, but carries no weight.
    :param age: seconds before the newest vector of the fusion.
    :param space: the embedding space it lives in; empty: that of the recognizer.
    """

    sensor: str
    modality: str
    vector: NDArray[np.float32]
    informative: bool = True
    age: float = 0.0
    space: str = ''


@dataclass(frozen=True)
class Fused:
    """What the tokens say together, and each alone.

    :param scores: posterior ``[c]``.
    :param sensor_scores: posterior of each token alone ``[n, c]``.
    :param weights: ``[n]``, shares summing to 1; all 0 when nothing informative took part.
    :param embedding: ``[d]``, at unit length, or zero.
    """

    scores: NDArray[np.float64]
    sensor_scores: NDArray[np.float64]
    weights: NDArray[np.float32]
    embedding: NDArray[np.float32]


@dataclass(frozen=True)
class Share:
    """What one token brought: its weight, and what it alone would have said.

    :param weight: share in the fusion.
    :param class_id: its own best label; empty when it was not informative.
    :param score: the posterior of that label by this token alone.
    """

    sensor: str
    modality: str
    weight: float
    class_id: str
    score: float


@dataclass(frozen=True)
class Recognized:
    """The outcome of a fusion.

    :param class_ids: best first.
    :param scores: posterior probabilities of ``class_ids``.
    :param abstained: nothing informative, or not sure enough.
    :param reason: why it abstained; empty when it did not.
    :param calibrated: false after the labels were changed by hand.
    :param labels_id: identifies the labels it was made with.
    :param shares: one for each token, in the tokens' order.
    :param embedding: ``[d]``, the fused vector at unit length; zero when nothing informative took
        part.
    """

    class_ids: tuple[str, ...]
    scores: tuple[float, ...]
    abstained: bool
    reason: Reason
    calibrated: bool
    labels_id: str
    shares: tuple[Share, ...]
    embedding: NDArray[np.float32]


def recognized(
    tokens: Sequence[Token], fused: Fused, labels: Labels, rule: AbstentionRule, top_k: int
) -> Recognized:
    """What a fusion's posteriors amount to.

    :param tokens: what was fused.
    :param top_k: how many classes are listed.
    """
    informative = any(token.informative for token in tokens)
    decision = decide(fused.scores, informative=informative, rule=rule)
    ids = labels.bank.class_ids
    order = best_rows(fused.scores, top_k)
    own_best = fused.sensor_scores.argmax(axis=1)
    return Recognized(
        class_ids=tuple(ids[row] for row in order),
        scores=tuple(float(fused.scores[row]) for row in order),
        abstained=decision.abstained,
        reason=decision.reason,
        calibrated=labels.calibrated,
        labels_id=labels.bank.labels_id,
        shares=tuple(
            Share(
                sensor=token.sensor,
                modality=token.modality,
                weight=float(weight),
                class_id=ids[best] if token.informative else '',
                score=float(own[best]) if token.informative else 0.0,
            )
            for token, weight, best, own in zip(
                tokens, fused.weights, own_best, fused.sensor_scores, strict=True
            )
        ),
        embedding=fused.embedding,
    )
