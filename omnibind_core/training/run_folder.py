"""A finished run's folder: one ONNX model, and a JSON document that says what it is.

The document is written last, so that where it is, the run is complete; it holds the model's
SHA-256.
"""

from __future__ import annotations

from dataclasses import asdict
from dataclasses import dataclass
import hashlib
import json
from pathlib import Path
from typing import Any
from typing import TypeVar

from omnibind_core.configuration.reader import read
from omnibind_core.data.atomic_file import write_atomically
from omnibind_core.errors import ConfigError
from omnibind_core.training.errors import TrainingError

MOST_BYTES = 1_000_000_000
T = TypeVar('T')


@dataclass(frozen=True)
class RunFiles:
    """What the two files are called.

    :param model: ``encoder.onnx``.
    :param document: ``encoder.json``.
    """

    model: str
    document: str


def digest_of(model: bytes) -> str:
    """What a document says of its model."""
    return hashlib.sha256(model).hexdigest()


def write_run(folder: Path, files: RunFiles, document: Any, model: bytes) -> None:
    """Write both files, each completely or not at all.

    :param document: a dataclass with the field ``sha256``, :func:`digest_of` the model.
    """
    write_atomically(folder / files.model, model)
    write_atomically(folder / files.document, json.dumps(asdict(document), indent=1) + '\n')


def read_run(folder: Path, files: RunFiles, kind: type[T]) -> tuple[T, bytes]:
    """The document and the model it is of.

    :param kind: the document's class.
    :raises TrainingError: a file is missing, altered, or not what it should be; names it.
    """
    path, model_path = folder / files.document, folder / files.model
    try:
        content = json.loads(path.read_text(encoding='utf-8'))
        document = read(kind, content, source=str(path))
    except FileNotFoundError:
        raise TrainingError(f'{path} is missing: the run is not finished; train it again') from None
    except (OSError, ValueError, RecursionError) as error:
        raise TrainingError(f'{path} cannot be read: {error}; train it again') from None
    except ConfigError as error:
        raise TrainingError(f'{error}\n  train it again') from None
    try:
        if model_path.stat().st_size > MOST_BYTES:
            raise TrainingError(f'{model_path} is larger than {MOST_BYTES} bytes')
        model = model_path.read_bytes()
    except OSError as error:
        raise TrainingError(f'{model_path}: {error.strerror}; train it again') from None
    if digest_of(model) != getattr(document, 'sha256', ''):
        raise TrainingError(f'{model_path} is not the file that {path.name} is of; train it again')
    return document, model
