"""ConSE: pictures as mixtures of the vectors of nouns, from packages alone.

*Zero-shot learning by convex combination of semantic embeddings* (Norouzi et al., 2014): a
classifier says what a picture shows in the words it knows, and the mean of those words' vectors,
weighted by what it believes, is the picture's vector in the text encoder's space. Nothing was
trained on pairs of pictures and texts. Pictures: EfficientNet-lite0 (ImageNet, 1280 features);
texts: all-MiniLM-L6-v2 with weights of 8 bits.

Mixtures of nouns lie in a narrow cone within the texts' own. The space is therefore centred and
whitened by the 1000 nouns, texts and pictures alike; no data set takes part in that.

Not CLIP, and weaker: what it cannot name among its nouns it does not see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.configuration.option import option
from omnibind_core.errors import InputError
from omnibind_core.inference.projection import Projection
from omnibind_core.inference.text_encoder import TextEncoder
from omnibind_core.inference.text_space import text_space
from omnibind_core.modalities.picture import check_picture
from omnibind_core.modalities.picture import square

SIDE = 224
_MOST_AT_ONCE = 32


@dataclass(frozen=True, kw_only=True)
class ConSEOptions:
    """How pictures become mixtures, and the space is made."""

    dimension: int = option(256, 'Length of the vectors.', minimum=2, maximum=384)
    shrinkage: float = option(
        3.0,
        'Regularisation of the whitening, in mean variances: 0 whitens fully, much more leaves '
        'principal components.',
        minimum=0.0,
        maximum=1e6,
    )
    nouns: int = option(
        100, 'How many of the most probable nouns are mixed.', minimum=1, maximum=1000
    )
    temperature: float = option(
        2.0, "Divides the classifier's logits before the softmax.", minimum=0.05, maximum=20.0
    )
    template: str = option('a photo of a {}', 'The sentence that a noun is embedded in.')


class ConSE:
    """The teacher; made by :func:`~omnibind_core.models.teachers.conse_packages.load_conse`.

    :param options: see there.
    :param network: torch module, pictures ``[b, 3, 224, 224]`` in -1 to 1 to feature maps
        ``[b, f, h, w]``.
    :param image_digest: identifies the network.
    :param weight: of the classifier, float32 ``[c, f]``.
    :param bias: of the classifier, float32 ``[c]``.
    :param nouns: the text encoder's vectors of the classifier's names, unit ``[c, k]``.
    :param text: the text encoder, with the space's projection.
    :raises InputError: for shapes that do not fit each other.
    """

    name = 'conse'

    def __init__(
        self,
        options: ConSEOptions,
        *,
        network: Any,
        image_digest: str,
        weight: NDArray[np.float32],
        bias: NDArray[np.float32],
        nouns: NDArray[np.float32],
        text: TextEncoder,
    ) -> None:
        if text.projection is None:
            raise InputError('text.projection', None, 'the projection of the space')
        if len(weight) != len(nouns) or bias.shape != (len(nouns),) or nouns.ndim != 2:
            given = f'{list(weight.shape)}, {list(bias.shape)}, {list(nouns.shape)}'
            raise InputError('classifier', given, '[c, f], [c] and nouns [c, k]')
        self.options = options
        self.text = text
        self.projection: Projection = text.projection
        self._network = network
        self._weight = weight.astype(np.float64)
        self._bias = bias.astype(np.float64)
        self._nouns = nouns.astype(np.float64)
        self._image_digest = image_digest

    @property
    def space(self) -> str:
        """See :func:`~omnibind_core.inference.text_space.text_space`; mixing is no part of it."""
        return text_space(self.name, self.text)

    @property
    def dimension(self) -> int:
        """Length ``d`` of the vectors."""
        return self.projection.dimension

    @property
    def image_space(self) -> str:
        """Identifies the 1280 features: the network and its input."""
        content = f'{self.name} {self._image_digest} {SIDE}'
        return f'features-{hashlib.sha256(content.encode()).hexdigest()[:16]}'

    @property
    def feature_dimension(self) -> int:
        """Length ``f`` of the features."""
        return int(self._weight.shape[1])

    def image_features(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """The network's last feature map, mean over its places: float32 ``[n, f]``.

        :param images: uint8 ``[h, w, 3]`` RGB each. Short side to 224 (bicubic), centre cut out,
            ``(x / 255 - 0.5) / 0.5``, which is what these weights were trained with.
        :raises InputError: for anything else.
        """
        import torch

        parts = [np.zeros((0, self.feature_dimension), np.float32)]
        for start in range(0, len(images), _MOST_AT_ONCE):
            batch = np.stack([_input(image) for image in images[start : start + _MOST_AT_ONCE]])
            with torch.inference_mode():
                maps = self._network(torch.from_numpy(batch))
                parts.append(maps.mean(dim=(2, 3)).numpy())
        return np.concatenate(parts)

    def embed_features(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """The mixture of the most probable nouns, in the space: float32 ``[n, d]``, unit.

        :param features: ``[n, f]``.
        """
        logits = features.astype(np.float64) @ self._weight.T + self._bias
        return self.projection(self.mixture(logits) @ self._nouns)

    def mixture(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Weights of the nouns ``[n, c]``: the largest posteriors, made to sum to 1 again.

        :param logits: of the classifier ``[n, c]``.
        """
        scaled = logits / self.options.temperature
        kept = min(self.options.nouns, scaled.shape[1])
        if kept < scaled.shape[1]:
            # stable: of equal ones the first
            order = np.argsort(-scaled, axis=1, kind='stable')
            scaled = scaled.copy()
            np.put_along_axis(scaled, order[:, kept:], -np.inf, axis=1)
        weights = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float64)

    def embed_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Pictures in the space, float32 ``[n, d]``, unit."""
        return self.embed_features(self.image_features(images))

    def embed_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Texts in the space, float32 ``[n, d]``, unit."""
        return self.text(texts)


def _input(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    check_picture(image, field='picture', channels=3, dtypes=(np.uint8,))
    small = square(image, SIDE).transpose(2, 0, 1).astype(np.float32)
    return np.ascontiguousarray((small / np.float32(255) - np.float32(0.5)) / np.float32(0.5))
