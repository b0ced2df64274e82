"""Encoders by modality, as the evaluation runs them: many readings at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from dataclasses import dataclass
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import BackendError
from omnibind_core.inference.bundle import Bundle
from omnibind_core.inference.bundle_models import open_encoder
from omnibind_core.inference.onnx_session import OnnxSession
from omnibind_core.modalities.base import InputSpecification

_SHORTEST = 1e-6


@dataclass(frozen=True)
class Encoder:
    """One modality's encoder; made by :func:`encoder_of` or :func:`encoders_of`.

    :param name: the model's file, for errors.
    :param session: what runs it.
    :param specification: what its input is prepared for.
    :param digest: SHA-256 over the model's bytes and the specification.
    """

    name: str
    session: OnnxSession
    specification: InputSpecification
    digest: str

    def encode(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Prepared arrays into unit vectors: ``[b, *shape] -> [b, d]``.

        :raises BackendError: when the model fails, or returns a vector without a direction.
        """
        vectors = self.session.run(batch)
        if vectors.ndim != 2 or len(vectors) != len(batch):
            raise BackendError(f'{self.name}: returns {list(vectors.shape)} for {len(batch)}')
        lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
        if not (np.isfinite(lengths) & (lengths > _SHORTEST)).all():  # false for NaN
            raise BackendError(f'{self.name}: returns a vector that is not finite or is zero')
        unit: NDArray[np.float32] = (vectors / lengths).astype(np.float32)
        return unit


def encoder_of(
    model: bytes, specification: Any, *, name: str = 'encoder.onnx', threads: int = 1
) -> Encoder:
    """An encoder from the bytes of its ONNX file.

    :param specification: the modality's input specification, a frozen dataclass.
    :param name: the file, for errors.
    :raises BackendError: when the model cannot be loaded, or takes another input than the
        specification makes.
    """
    session = OnnxSession(model, name=name, threads=threads)
    expected = tuple(specification.shape)
    if session.input_shape != expected:
        raise BackendError(
            f'{name}: takes {list(session.input_shape)}, but its input specification makes '
            f'{list(expected)}'
        )
    digest = _digest(hashlib.sha256(model).hexdigest(), specification)
    return Encoder(name, session, specification, digest)


def encoders_of(
    bundle: Bundle, modalities: Iterable[str] | None = None, *, threads: int = 1
) -> dict[str, Encoder]:
    """The encoders of a bundle.

    :param modalities: which; ``None`` = all of them.
    :raises BundleError: when a file is missing or altered.
    :raises BackendError: as :func:`encoder_of`, and for a modality that the bundle does not have.
    """
    wanted = tuple(bundle.manifest.modalities) if modalities is None else tuple(modalities)
    return {name: _encoder_in(bundle, name, threads) for name in wanted}


def encoders_of_runs(folder: Path, *, threads: int = 1) -> dict[str, Encoder]:
    """The encoders of finished students' run folders.

    :param folder: that the run folders are in.
    :raises TrainingError: a run is altered, there is none, or two are of one modality; names it.
    :raises BackendError: as :func:`encoder_of`.
    """
    from omnibind_core.training.errors import TrainingError
    from omnibind_core.training.student_run import FILES
    from omnibind_core.training.student_run import read_student_run

    found: dict[str, Encoder] = {}
    for path in sorted(folder.glob(f'*/{FILES.document}')):
        run = read_student_run(path.parent)
        if run.document.modality in found:
            raise TrainingError(f'{path}: a second student of {run.document.modality!r}')
        name = str(path.parent / FILES.model)
        found[run.document.modality] = encoder_of(
            run.model, run.specification, name=name, threads=threads
        )
    if not found:
        raise TrainingError(f'{folder}: no folder of a finished student in it')
    return found


def _encoder_in(bundle: Bundle, modality: str, threads: int) -> Encoder:
    session = open_encoder(bundle, modality, threads=threads)
    entry = bundle.manifest.modalities[modality].model
    specification = bundle.specifications[modality]
    digest = _digest(entry.sha256.lower(), specification)
    return Encoder(str(bundle.path(entry)), session, specification, digest)


def _digest(model: str, specification: Any) -> str:
    content = json.dumps([model, asdict(specification)], sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()
