"""A trained student's folder: the encoder as ONNX, and beside it what one must know to use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import dataclass
import hashlib
import json
from pathlib import Path
from typing import Any

from omnibind_core.configuration.option import option
from omnibind_core.configuration.reader import read
from omnibind_core.data.atomic_file import write_atomically
from omnibind_core.errors import ConfigError
from omnibind_core.modalities.registry import modality as find_modality
from omnibind_core.training.errors import TrainingError

MODEL_NAME = 'encoder.onnx'
DOCUMENT_NAME = 'encoder.json'
SCHEMA = 1
MOST_BYTES = 1_000_000_000


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
    complete = StudentDocument(
        schema=SCHEMA, sha256=hashlib.sha256(model).hexdigest(), **dict(document)
    )
    write_atomically(folder / MODEL_NAME, model)
    write_atomically(folder / DOCUMENT_NAME, json.dumps(asdict(complete), indent=1) + '\n')


def read_student_run(folder: Path) -> StudentRun:
    """Read and verify a finished run.

    :raises TrainingError: a file is missing, altered, or not what it should be; names it.
    """
    path, model_path = folder / DOCUMENT_NAME, folder / MODEL_NAME
    try:
        content = json.loads(path.read_text(encoding='utf-8'))
        document = read(StudentDocument, content, source=str(path))
        found = find_modality(document.modality)
        specification = read(found.specification, document.specification, source=str(path))
    except FileNotFoundError:
        raise TrainingError(f'{path} is missing: the run is not finished; train it again') from None
    except (OSError, ValueError) as error:
        raise TrainingError(f'{path} cannot be read: {error}; train it again') from None
    except ConfigError as error:
        raise TrainingError(f'{error}\n  train it again') from None
    try:
        if model_path.stat().st_size > MOST_BYTES:
            raise TrainingError(f'{model_path} is larger than {MOST_BYTES} bytes')
        model = model_path.read_bytes()
    except OSError as error:
        raise TrainingError(f'{model_path}: {error.strerror}; train it again') from None
    if hashlib.sha256(model).hexdigest() != document.sha256:
        raise TrainingError(f'{model_path} is not the file that {path.name} is of; train it again')
    return StudentRun(folder, document, specification, model)
