"""The recognizer: arrays of sensors in, recognitions out. The nodes and the evaluation use it.

Notation: ``b`` batch, ``d`` length of an embedding.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import logging
from pathlib import Path
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import BackendError
from omnibind_core.errors import InputError
from omnibind_core.errors import SpaceError
from omnibind_core.inference.abstention import AbstentionRule
from omnibind_core.inference.backend import open_encoders
from omnibind_core.inference.backend import OpenedEncoders
from omnibind_core.inference.bundle import Bundle
from omnibind_core.inference.bundle import open_bundle
from omnibind_core.inference.bundle_models import check_modalities
from omnibind_core.inference.bundle_models import open_fusion
from omnibind_core.inference.encoder_session import EncoderSession
from omnibind_core.inference.fuser import Fuser
from omnibind_core.inference.label_bank import LabelBank
from omnibind_core.inference.label_choice import LabelChoice
from omnibind_core.inference.recognition import Encoded
from omnibind_core.inference.recognition import Recognized
from omnibind_core.inference.recognition import recognized
from omnibind_core.inference.recognition import Token
from omnibind_core.inference.tensorrt.settings import TensorRtSettings
from omnibind_core.inference.tensorrt.toolkit import installed_toolkit
from omnibind_core.inference.tensorrt.toolkit import Toolkit
from omnibind_core.modalities.base import InputSpecification
from omnibind_core.modalities.base import Prepared
from omnibind_core.modalities.registry import modality as modality_of

_LOG = logging.getLogger(__name__)
_LEAST_LENGTH = 1e-6  # a vector with all values below this has no direction


class Recognizer:
    """A loaded bundle. Made by :meth:`load`; its methods may be called from several threads."""

    def __init__(
        self,
        *,
        bundle: Bundle,
        encoders: OpenedEncoders,
        fuser: Fuser | None,
    ) -> None:
        self._bundle = bundle
        self._sessions = dict(encoders.sessions)
        self._fuser = fuser
        self._labels = LabelChoice(bundle)
        #: What runs the encoders, and why that one.
        self.backend = encoders.backend
        self.backend_reason = encoders.reason
        #: What did not go as wanted although TensorRT and a GPU are there.
        self.backend_problems = encoders.problems
        #: What fuses: ``learned``, ``mean`` or ``none``, and why that one.
        self.fusion = 'none' if fuser is None else fuser.kind
        self.fusion_reason = 'loaded to encode only' if fuser is None else fuser.reason

    @classmethod
    def load(
        cls,
        folder: Path | str,
        *,
        modalities: Iterable[str] | None = None,
        backend: str = 'auto',
        fuse: bool = True,
        threads: int = 1,
        warn: Callable[[str], None] | None = None,
        tensorrt: TensorRtSettings | None = None,
        toolkit: Callable[[], Toolkit] = installed_toolkit,
    ) -> Recognizer:
        """Load a bundle, or what is wanted of it; nothing else of it is read.

        :param modalities: which encoders to load; ``None``: all of them.
        :param backend: of the encoders: ``auto``, ``onnxruntime`` or ``tensorrt``. ``auto`` takes
            TensorRT where it can be imported and a GPU answers, and ONNX Runtime for what that
            cannot run; ``tensorrt`` raises instead. Without an engine in the cache, loading takes
            minutes (``omnibind engine build``).
        :param fuse: false: for a process that encodes only.
        :param threads: intra-op threads of each encoder.
        :param warn: takes a sentence when a modality comes that the fusion was not trained with;
            ``None``: the log of this module.
        :param tensorrt: how TensorRT is used: precision, largest batch.
        :param toolkit: finds TensorRT and the GPU.
        :raises BundleError: when a file is missing or altered.
        :raises BackendError: when a model cannot be loaded, or a wanted modality is not there.
        """
        bundle = open_bundle(folder)
        wanted = tuple(bundle.manifest.modalities) if modalities is None else tuple(modalities)
        check_modalities(bundle, wanted)
        encoders = open_encoders(
            bundle, wanted, backend=backend, threads=threads, settings=tensorrt, toolkit=toolkit
        )
        _LOG.info('back end %s: %s', encoders.backend, encoders.reason)
        fuser = None
        if fuse:
            fuser = Fuser(bundle, open_fusion(bundle), warn or _LOG.warning)
        return cls(bundle=bundle, encoders=encoders, fuser=fuser)

    @property
    def bundle_id(self) -> str:
        """Name of the bundle."""
        return self._bundle.manifest.bundle_id

    @property
    def space(self) -> str:
        """Identifier of the embedding space."""
        return self._bundle.manifest.space

    @property
    def dimension(self) -> int:
        """Length ``d`` of its embeddings."""
        return self._bundle.manifest.dimension

    @property
    def modalities(self) -> tuple[str, ...]:
        """Modalities whose encoder is loaded."""
        return tuple(self._sessions)

    @property
    def labels(self) -> LabelBank:
        """The labels that recognitions are made of."""
        return self._labels.current.bank

    def specification(self, modality: str) -> Any:
        """The input specification of a loaded encoder, for the modality's ``preprocess``."""
        self._session(modality)
        return self._bundle.specifications[modality]

    def encode(self, modality: str, array: NDArray[np.float32] | Prepared) -> Encoded:
        """One prepared reading into its embedding; :meth:`encode_raw` prepares it first.

        :param array: of the specification's shape, without a batch axis, or what the modality's
            ``prepare`` gave.
        :raises InputError: for another shape or type.
        :raises BackendError: when the model fails or returns no finite vector.
        """
        prepared = array if isinstance(array, Prepared) else Prepared(array)
        started = time.perf_counter()
        (vector,) = self.encode_batch(modality, prepared.array[None])
        milliseconds = (time.perf_counter() - started) * 1e3
        return Encoded(modality, vector, self.space, milliseconds, prepared.informative)

    def encode_raw(self, modality: str, raw: Any, settings: Any = None) -> Encoded:
        """One raw reading into its embedding.

        :param raw: what the sensor gave, as the modality's ``raw`` describes it: for a picture
            uint8 ``[h, w, 3]``.
        :param settings: the sensor's, of the modality's ``sensor`` class; ``None``: its defaults.
        :raises InputError: for a reading that cannot be used.
        :raises BackendError: as :meth:`encode`.
        """
        specification = self.specification(modality)
        kind = modality_of(modality)
        settings = kind.sensor() if settings is None else settings
        return self.encode(modality, kind.prepare(raw, specification, settings))

    def encode_batch(self, modality: str, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Prepared arrays into embeddings: ``[b, *shape] -> [b, d]``, unit length.

        :raises InputError: for another shape or type.
        :raises BackendError: when the model fails or returns no finite vectors.
        """
        session = self._session(modality)
        specification: InputSpecification = self._bundle.specifications[modality]
        if batch.shape[1:] != specification.shape or batch.dtype != np.float32 or not batch.ndim:
            raise InputError(
                'array', f'{batch.dtype} {batch.shape[1:]}', f'float32 {specification.shape}'
            )
        vectors = session.run(batch)
        if vectors.shape != (len(batch), self.dimension):
            raise BackendError(f'{modality}: the model returned {list(vectors.shape)}')
        lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
        if not (np.isfinite(lengths) & (lengths > _LEAST_LENGTH)).all():
            raise BackendError(f'{modality}: the model returned no finite vector with a direction')
        unit: NDArray[np.float32] = (vectors / lengths).astype(np.float32)
        return unit

    def warm_up(self, modality: str) -> float:
        """Run an encoder once on zeros, so that the first message is not the slow one; ms."""
        session = self._session(modality)
        specification: InputSpecification = self._bundle.specifications[modality]
        started = time.perf_counter()
        session.run(np.zeros((1, *specification.shape), dtype=np.float32))
        return (time.perf_counter() - started) * 1e3

    def recognize(
        self,
        readings: Mapping[str, Any],
        *,
        settings: Mapping[str, Any] | None = None,
        top_k: int = 5,
        abstain_below: float = 0.0,
    ) -> Recognized:
        """What readings of one moment show: prepared, encoded and fused.

        :param readings: by modality, of whatever arrived: a raw reading, a list of them for several
            sensors of one modality, or in the place of a raw reading one that is already
            :class:`~omnibind_core.modalities.base.Prepared` or :class:`Encoded`. A plain array is
            always raw. The sensors are called ``image``, or ``image 1``, ``image 2`` of a list.
        :param settings: the sensors' settings by modality, where they are not the defaults.
        :param top_k: how many classes are listed.
        :param abstain_below: least posterior of the best class; 0: the bundle's threshold.
        :raises InputError: for a reading that cannot be used, and for none.
        :raises BackendError: when no encoder is loaded for a modality, or a model fails.
        """
        tokens = []
        for modality, given in readings.items():
            several = given if isinstance(given, list) else [given]
            for number, reading in enumerate(several, start=1):
                encoded = self._encode_any(modality, reading, (settings or {}).get(modality))
                tokens.append(
                    Token(
                        sensor=modality if len(several) == 1 else f'{modality} {number}',
                        modality=modality,
                        vector=encoded.vector,
                        informative=encoded.informative,
                        space=encoded.space,
                    )
                )
        return self.fuse(tokens, top_k=top_k, abstain_below=abstain_below)

    def fuse(
        self, tokens: Sequence[Token], *, top_k: int = 5, abstain_below: float = 0.0
    ) -> Recognized:
        """Combine whatever there is.

        :param tokens: at least one; several of one modality are fine.
        :param top_k: how many classes are listed.
        :param abstain_below: least posterior of the best class; 0: the bundle's threshold.
        :raises InputError: for no tokens, or a vector of another length or with values that are not
            finite.
        :raises SpaceError: for a vector of another space.
        :raises BackendError: when the fusion fails or was not loaded.
        """
        labels, fuser = self._labels.current, self._checked([tokens])
        fused = fuser(tokens, labels.bank.embeddings)
        return recognized(tokens, fused, labels, self._rule(abstain_below), top_k)

    def fuse_many(
        self, sets: Sequence[Sequence[Token]], *, top_k: int = 5, abstain_below: float = 0.0
    ) -> list[Recognized]:
        """As :meth:`fuse` of each set of tokens, in few runs of the model: for recorded data.

        :raises InputError: as :meth:`fuse`, likewise the others.
        """
        labels, fuser = self._labels.current, self._checked(sets)
        rule = self._rule(abstain_below)
        fused = fuser.many(sets, labels.bank.embeddings)
        return [
            recognized(tokens, one, labels, rule, top_k)
            for tokens, one in zip(sets, fused, strict=True)
        ]

    def set_labels(self, labels: Sequence[str] | None, *, prompt: str = '') -> LabelBank:
        """Recognise other things: any words, where the bundle has a text encoder.

        A label that the bundle has itself keeps its vector, unless a prompt is given; so some of
        its own labels can be chosen without a text encoder, or others added to them.

        The scores are no longer calibrated then. Recognitions that other threads are making use the
        labels of before or after, never a mixture; when this raises, those of before stay.

        :param labels: what to recognise, all different; ``None``: the bundle's own labels again.
        :param prompt: sentence with {} where the label stands; empty: the bundle's own prompts.
        :return: the labels in use now.
        :raises BundleError: when a text encoder is needed and the bundle has none, with how to add
            one.
        :raises UnavailableError: when the package that reads its tokenizer is not installed.
        :raises InputError: for labels or a prompt that cannot be used.
        :raises BackendError: when the text encoder fails.
        """
        return self._labels.set(labels, prompt)

    def _rule(self, abstain_below: float) -> AbstentionRule:
        own_threshold = self._bundle.manifest.calibration.abstain_below
        return AbstentionRule(threshold=abstain_below or own_threshold)

    def _checked(self, sets: Sequence[Sequence[Token]]) -> Fuser:
        """What fuses, if these sets can be fused."""
        if self._fuser is None:
            raise BackendError('no fusion is loaded: this recognizer was loaded to encode only')
        for tokens in sets:
            if not tokens:
                raise InputError('tokens', 'none', 'at least one')
            for token in tokens:
                if token.space not in ('', self.space):
                    raise SpaceError(
                        f'space of {token.sensor}', repr(token.space), repr(self.space)
                    )
                if token.vector.shape != (self.dimension,):
                    allowed = f'({self.dimension},)'
                    raise InputError(f'vector of {token.sensor}', token.vector.shape, allowed)
        return self._fuser

    def _encode_any(self, modality: str, reading: Any, settings: Any) -> Encoded:
        if isinstance(reading, Encoded):
            if reading.modality != modality:
                raise InputError('modality', reading.modality, modality)
            return reading
        if isinstance(reading, Prepared):
            return self.encode(modality, reading)
        return self.encode_raw(modality, reading, settings)

    def _session(self, modality: str) -> EncoderSession:
        if modality not in self._sessions:
            loaded = ', '.join(self._sessions) or 'none'
            raise BackendError(f'no encoder for {modality!r} is loaded; loaded: {loaded}')
        return self._sessions[modality]
