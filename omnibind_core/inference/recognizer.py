"""The recognizer: arrays of sensors in, recognitions out. The nodes and the evaluation use it."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import BackendError
from omnibind_core.errors import InputError
from omnibind_core.inference import classification
from omnibind_core.inference.abstention import AbstentionRule
from omnibind_core.inference.abstention import decide
from omnibind_core.inference.bundle import Bundle
from omnibind_core.inference.bundle import open_bundle
from omnibind_core.inference.classification import posterior
from omnibind_core.inference.label_bank import LabelBank
from omnibind_core.inference.mean_fusion import mean_fusion
from omnibind_core.inference.onnx_session import OnnxSession
from omnibind_core.modalities.base import InputSpecification


@dataclass(frozen=True)
class Encoded:
    """One reading's embedding.

    :param vector: ``[d]``, unit length.
    :param milliseconds: how long the model ran.
    """

    vector: NDArray[np.float32]
    milliseconds: float


@dataclass(frozen=True)
class Token:
    """One sensor's part in a fusion.

    :param vector: ``[d]``.
    :param informative: false: shown, but carries no weight.
    :param age: seconds before the newest vector of the fusion.
    """

    sensor: str
    modality: str
    vector: NDArray[np.float32]
    informative: bool = True
    age: float = 0.0


@dataclass(frozen=True)
class Share:
    """What one token brought: its weight, and what it alone would have said."""

    weight: float
    class_id: str
    score: float


@dataclass(frozen=True)
class Recognized:
    """The outcome of a fusion.

    :param class_ids: best first.
    :param scores: posterior probabilities of ``class_ids``.
    :param abstained: nothing informative, or not sure enough.
    :param shares: one for each token, in the tokens' order.
    :param embedding: ``[d]``, the fused vector.
    """

    class_ids: tuple[str, ...]
    scores: tuple[float, ...]
    abstained: bool
    calibrated: bool
    shares: tuple[Share, ...]
    embedding: NDArray[np.float32]


class Recognizer:
    """A loaded bundle. Made by :meth:`load`; its methods may be called from several threads."""

    def __init__(
        self, *, bundle: Bundle, labels: LabelBank, sessions: dict[str, OnnxSession], reason: str
    ) -> None:
        self._bundle = bundle
        self._sessions = sessions
        self.labels = labels
        #: What runs the models, and why that one.
        self.backend = 'onnxruntime'
        self.backend_reason = reason

    @classmethod
    def load(
        cls,
        folder: Path | str,
        *,
        modalities: Iterable[str] | None = None,
        backend: str = 'auto',
        threads: int = 1,
    ) -> Recognizer:
        """Load a bundle.

        :param modalities: which encoders to load; ``None``: all of them.
        :param backend: ``auto``, ``onnxruntime`` or ``tensorrt``.
        :raises BundleError: when a file is missing or altered.
        :raises BackendError: when a model cannot be loaded, or lacks a wanted modality.
        """
        bundle = open_bundle(folder)
        entries = bundle.manifest.modalities
        wanted = tuple(entries) if modalities is None else tuple(modalities)
        if backend == 'tensorrt':
            raise BackendError('backend tensorrt is not built in; use auto or onnxruntime')
        sessions: dict[str, OnnxSession] = {}
        for name in wanted:
            if name not in entries:
                raise BackendError(
                    f'{bundle.folder}: no encoder for {name!r}; it has {", ".join(entries)}'
                )
            model = bundle.read_bytes(entries[name].model)
            session = OnnxSession(
                model, name=str(bundle.folder / entries[name].model.path), threads=threads
            )
            expected = bundle.specifications[name].shape
            if session.input_shape != expected:
                raise BackendError(
                    f'{entries[name].model.path}: takes {session.input_shape}, but its input '
                    f'specification makes {expected}'
                )
            sessions[name] = session
        reason = 'asked for' if backend == 'onnxruntime' else 'the only back end of this version'
        return cls(bundle=bundle, labels=bundle.labels(), sessions=sessions, reason=reason)

    @property
    def bundle_id(self) -> str:
        """Name of the bundle."""
        return self._bundle.manifest.bundle_id

    @property
    def space(self) -> str:
        """Identifier of the embedding space."""
        return self._bundle.manifest.space

    @property
    def modalities(self) -> tuple[str, ...]:
        """Modalities whose encoder is loaded."""
        return tuple(self._sessions)

    def specification(self, modality: str) -> Any:
        """The input specification of a loaded encoder, for the modality's ``preprocess``."""
        self._session(modality)
        return self._bundle.specifications[modality]

    def encode(self, modality: str, array: NDArray[np.float32]) -> Encoded:
        """One prepared array into its embedding.

        :param array: of the specification's shape, without a batch axis.
        :raises InputError: for another shape or type.
        :raises BackendError: when the model fails or returns no finite vector.
        """
        session = self._session(modality)
        specification: InputSpecification = self._bundle.specifications[modality]
        if array.shape != specification.shape or array.dtype != np.float32:
            raise InputError(
                'array', f'{array.dtype} {array.shape}', f'float32 {specification.shape}'
            )
        started = time.perf_counter()
        vector = session.run(array[None])[0]
        milliseconds = (time.perf_counter() - started) * 1e3
        length = float(np.linalg.norm(vector))
        if vector.shape != (self._bundle.manifest.dimension,) or not np.isfinite(length):
            raise BackendError(f'{modality}: the model returned no finite vector of length d')
        return Encoded(vector / max(length, 1e-12), milliseconds)

    def warm_up(self, modality: str) -> float:
        """Run an encoder once on zeros, so that the first message is not the slow one; ms."""
        specification: InputSpecification = self._bundle.specifications[modality]
        started = time.perf_counter()
        self._session(modality).run(np.zeros((1, *specification.shape), dtype=np.float32))
        return (time.perf_counter() - started) * 1e3

    def fuse(
        self, tokens: Sequence[Token], *, top_k: int = 5, abstain_below: float = 0.0
    ) -> Recognized:
        """Combine whatever there is.

        :param tokens: at least one; several of one modality are fine.
        :param top_k: how many classes are listed.
        :param abstain_below: least posterior of the best class; 0: the bundle's threshold.
        :raises InputError: for no tokens, or a vector of another length.
        """
        labels = self.labels
        if not tokens:
            raise InputError('tokens', 'none', 'at least one')
        for token in tokens:
            if token.vector.shape != (labels.dimension,):
                allowed = f'({labels.dimension},)'
                raise InputError(f'vector of {token.sensor}', token.vector.shape, allowed)
        mask = np.array([token.informative for token in tokens])
        output = mean_fusion(np.stack([t.vector for t in tokens]), mask, labels.embeddings)
        calibration = self._bundle.manifest.calibration
        scores = posterior(output.logits, calibration.temperature)
        sensor_scores = posterior(output.sensor_logits, calibration.temperature)
        rule = AbstentionRule(threshold=abstain_below or calibration.abstain_below)
        order = classification.top_k(scores, top_k)
        best = sensor_scores.argmax(axis=1)
        return Recognized(
            class_ids=tuple(labels.class_ids[i] for i in order),
            scores=tuple(float(scores[i]) for i in order),
            abstained=decide(scores, informative=bool(mask.any()), rule=rule).abstained,
            calibrated=True,
            shares=tuple(
                Share(float(weight), labels.class_ids[index], float(row[index]))
                for weight, index, row in zip(output.weights, best, sensor_scores, strict=True)
            ),
            embedding=output.fused,
        )

    def _session(self, modality: str) -> OnnxSession:
        if modality not in self._sessions:
            loaded = ', '.join(self._sessions) or 'none'
            raise BackendError(f'no encoder for {modality!r} is loaded; loaded: {loaded}')
        return self._sessions[modality]
