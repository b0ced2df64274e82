"""Texts into the embedding space, on ONNX Runtime: what open vocabulary takes on a robot.

A sentence transformer (Reimers & Gurevych, 2019, "Sentence-BERT"): tokens, a transformer, the mean
of its last hidden states over the tokens that are there, unit length; then the space's projection.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import BackendError
from omnibind_core.errors import UnavailableError
from omnibind_core.inference.onnx_runtime import OnnxModel
from omnibind_core.inference.projection import Projection
from omnibind_core.inference.projection import unit
from omnibind_core.modalities.text import normalise

MOST_TOKENS = 256
"""Beyond these a text is cut off; the model was trained on up to so many."""

_BATCH = 32
_INPUTS = ('input_ids', 'attention_mask', 'token_type_ids')


class TextEncoder:
    """A text encoder: ``texts -> [n, d]``. Thread-safe.

    :param model: the ONNX file's bytes, already verified: ``input_ids``, ``attention_mask`` and
        (if it has them) ``token_type_ids``, int64 ``[b, t]``, to hidden states ``[b, t, k]``.
    :param tokenizer: bytes of the ``tokenizer.json`` it was trained with.
    :param projection: into the space; ``None`` leaves the vectors as the model gives them.
    :param name: for error messages.
    :param threads: intra-op threads.
    :raises UnavailableError: the package ``tokenizers`` is not installed.
    :raises BundleError: the model is no ONNX model complete in itself.
    :raises BackendError: model or tokenizer cannot be used.
    """

    def __init__(
        self,
        model: bytes,
        tokenizer: bytes,
        projection: Projection | None = None,
        *,
        name: str = 'text encoder',
        threads: int = 1,
    ) -> None:
        self.projection = projection
        self._name = name
        self._tokenizer = _read_tokenizer(tokenizer, name)
        self._model = OnnxModel(model, name=name, threads=threads)
        unknown = set(self._model.inputs) - set(_INPUTS)
        if unknown or 'input_ids' not in self._model.inputs:
            given = ', '.join(self._model.inputs)
            raise BackendError(f'{name}: the model takes {given}; it may take {", ".join(_INPUTS)}')
        digest = hashlib.sha256(hashlib.sha256(model).digest())
        digest.update(hashlib.sha256(tokenizer).digest())
        #: SHA-256 over model and tokenizer, hexadecimal; the projection has a digest of its own.
        self.digest = digest.hexdigest()
        #: Length of its own vectors, before the projection.
        self.width = int(self._run([normalise('a text')]).shape[1])
        self._check(projection)

    def with_projection(self, projection: Projection | None) -> TextEncoder:
        """The same model, which is not loaded again, with another projection.

        :raises BackendError: it takes vectors of another length.
        """
        self._check(projection)
        other = copy(self)
        other.projection = projection
        return other

    def _check(self, projection: Projection | None) -> None:
        if projection is not None and projection.taken != self.width:
            raise BackendError(
                f'{self._name}: the model gives vectors of length {self.width}, '
                f'the projection takes {projection.taken}'
            )

    @property
    def dimension(self) -> int:
        """Length ``d`` of the vectors that :meth:`__call__` gives."""
        return self.width if self.projection is None else self.projection.dimension

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Texts as vectors in the space.

        :param texts: any number.
        :returns: float32 ``[n, d]`` of unit length.
        :raises InputError: for a text that :func:`.normalise` refuses.
        :raises BackendError: the model fails.
        """
        own = self.sentences(texts)
        return own if self.projection is None else self.projection(own)

    def sentences(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Texts as the model's own vectors, before the projection; float32 ``[n, k]``, unit."""
        usual = [normalise(text) for text in texts]
        # texts of about one length together: less is computed for padding
        order = sorted(range(len(usual)), key=lambda number: (len(usual[number]), number))
        vectors = np.zeros((len(usual), self.width), np.float32)
        for start in range(0, len(order), _BATCH):
            chosen = order[start : start + _BATCH]
            vectors[chosen] = self._run([usual[number] for number in chosen])
        return vectors

    def _run(self, texts: list[str]) -> NDArray[np.float32]:
        encoded = self._tokenizer.encode_batch(texts)
        ids = [item.ids for item in encoded]
        longest = max(len(item) for item in ids)
        tokens = np.zeros((len(ids), longest), np.int64)
        mask = np.zeros((len(ids), longest), np.int64)
        for row, item in enumerate(ids):
            tokens[row, : len(item)] = item
            mask[row, : len(item)] = 1
        given = {'input_ids': tokens, 'attention_mask': mask, 'token_type_ids': mask * 0}
        outputs = self._model.run({key: given[key] for key in self._model.inputs})
        states = next(iter(outputs.values()))  # the first one: the last hidden states
        if states.ndim != 3 or states.shape[:2] != mask.shape:
            sizes = f'{list(states.shape)} for {list(mask.shape)} tokens'
            raise BackendError(f'{self._name}: hidden states {sizes}; needed: [b, t, k]')
        return unit(pooled(states, mask))


def pooled(hidden: NDArray[np.floating], mask: NDArray[np.int64]) -> NDArray[np.float64]:
    """The mean over the tokens that are there, float64 ``[b, k]``.

    :param hidden: hidden states ``[b, t, k]``.
    :param mask: 1 for tokens, 0 for padding ``[b, t]``; each text has a token.
    """
    weights = mask.astype(np.float64)[:, :, None]
    # where, not a product: padding may hold anything
    there = np.where(weights > 0, hidden.astype(np.float64), 0.0)
    return np.asarray(there.sum(axis=1) / weights.sum(axis=1), np.float64)


def _read_tokenizer(content: bytes, name: str) -> Any:
    try:
        import tokenizers
    except ImportError:
        raise UnavailableError(
            'encoding texts needs the package tokenizers; install omnibind[text]'
        ) from None
    try:
        tokenizer = tokenizers.Tokenizer.from_str(content.decode('utf-8'))
    except Exception as error:
        # the library raises plain Exception for a file it cannot read
        raise BackendError(f'{name}: the tokenizer cannot be read: {error}') from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(MOST_TOKENS)
    return tokenizer
