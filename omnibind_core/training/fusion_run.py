"""A trained fusion's folder: the model as ONNX, and beside it what one must know to use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

from omnibind_core.configuration.option import option
from omnibind_core.inference.manifest import Calibration
from omnibind_core.training.run_folder import digest_of
from omnibind_core.training.run_folder import read_run
from omnibind_core.training.run_folder import RunFiles
from omnibind_core.training.run_folder import write_run

FILES = RunFiles(model='fusion.onnx', document='fusion.json')
SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class FusionDocument:
    """What ``fusion.json`` holds.

    :param modalities: what it was trained with, in the order of the indices that the model takes.
    :param encoders: SHA-256 of the encoders whose vectors it was trained with, by modality; with
        others its weights would be wrong. May be empty where there were none (simulated vectors).
    :param calibration: when to abstain, and the temperature of the mean as a baseline; both fitted
        on the val fold.
    """

    schema: int = option(text='Format version.', choices=(SCHEMA,))
    modalities: tuple[str, ...] = option(text='Modalities by the index that the model takes.')
    space: str = option(text='Embedding space.')
    dimension: int = option(text='Length of the vectors.', minimum=2)
    encoders: dict[str, str] = field(default_factory=dict)
    calibration: Calibration = field(default_factory=Calibration)
    sha256: str = option(text='Of fusion.onnx.')
    training: dict[str, Any] = option(text='How it was made, and how good it is on val.')


@dataclass(frozen=True)
class FusionRun:
    """A finished run.

    :param folder: where it is.
    :param document: what ``fusion.json`` says.
    :param model: the ONNX file's bytes, verified.
    """

    folder: Path
    document: FusionDocument
    model: bytes


def write_fusion_run(folder: Path, document: Mapping[str, Any], model: bytes) -> None:
    """Write a finished run.

    :param document: the fields of :class:`FusionDocument` but ``schema`` and ``sha256``.
    """
    complete = FusionDocument(schema=SCHEMA, sha256=digest_of(model), **dict(document))
    write_run(folder, FILES, complete, model)


def read_fusion_run(folder: Path) -> FusionRun:
    """Read and verify a finished run.

    :raises TrainingError: a file is missing, altered, or not what it should be; names it.
    """
    document, model = read_run(folder, FILES, FusionDocument)
    return FusionRun(folder, document, model)
