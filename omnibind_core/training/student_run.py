"""A trained student's folder: the encoder as ONNX, and beside it what one must know to use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omnibind_core.configuration.option import option
from omnibind_core.configuration.reader import read
from omnibind_core.errors import ConfigError
from omnibind_core.modalities.registry import modality as find_modality
from omnibind_core.training.errors import TrainingError
from omnibind_core.training.run_folder import digest_of
from omnibind_core.training.run_folder import read_run
from omnibind_core.training.run_folder import RunFiles
from omnibind_core.training.run_folder import write_run

MODEL_NAME = 'encoder.onnx'
DOCUMENT_NAME = 'encoder.json'
FILES = RunFiles(model=MODEL_NAME, document=DOCUMENT_NAME)
SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class StudentDocument:
    """What ``encoder.json`` holds.

    :param fingerprint: of settings, data and teacher: two runs with equal ones are the same run.
    """

    schema: int = option(text='Format version.', choices=(SCHEMA,))
    modality: str = option(text='Whose readings it embeds.')
    specification: dict[str, Any] = option(text="Fields of the modality's input specification.")
    space: str = option(text='Embedding space.')
    dimension: int = option(text='Length of the vectors.', minimum=2)
    temperature: float = option(
        text='Calibrates softmax(cosine / temperature) on the val fold.', minimum=1e-4
    )
    sha256: str = option(text='Of encoder.onnx.')
    fingerprint: str = option(text='Of settings, data and teacher.')
    training: dict[str, Any] = option(text='How it was made, and how good it is on val.')


@dataclass(frozen=True)
class StudentRun:
    """A finished run.

    :param folder: where it is.
    :param document: what ``encoder.json`` says.
    :param specification: the encoder's input specification.
    :param model: the ONNX file's bytes, verified.
    """

    folder: Path
    document: StudentDocument
    specification: Any
    model: bytes


def write_student_run(folder: Path, document: Mapping[str, Any], model: bytes) -> None:
    """Write both files; the document last, so that where it is, the run is complete.

    :param document: the fields of :class:`StudentDocument` but ``schema`` and ``sha256``.
    """
    complete = StudentDocument(schema=SCHEMA, sha256=digest_of(model), **dict(document))
    write_run(folder, FILES, complete, model)


def read_student_run(folder: Path) -> StudentRun:
    """Read and verify a finished run.

    :raises TrainingError: a file is missing, altered, or not what it should be; names it.
    """
    document, model = read_run(folder, FILES, StudentDocument)
    source = str(folder / FILES.document)
    try:
        found = find_modality(document.modality)
        specification = read(found.specification, document.specification, source=source)
    except ConfigError as error:
        raise TrainingError(f'{error}\n  in {source}: train it again') from None
    return StudentRun(folder, document, specification, model)
