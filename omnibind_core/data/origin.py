"""Where a data set comes from: what its ``dataset.json`` says, if it has one."""

from __future__ import annotations

from collections.abc import Mapping
import json
from pathlib import Path
from typing import Any

from omnibind_core.data.errors import DataError
from omnibind_core.data.manifest import Manifest

FILE_NAME = 'dataset.json'


def read_origin(root: Path) -> Mapping[str, Any]:
    """The content of ``dataset.json``; empty where there is none.

    :raises DataError: it is there and is no JSON object.
    """
    path = root / FILE_NAME
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text(encoding='utf-8'))
    except (OSError, ValueError) as error:
        raise DataError(f'{path} cannot be read: {error}') from None
    if not isinstance(content, dict):
        raise DataError(f'{path} holds no JSON object')
    return content


def is_simulated(manifest: Manifest) -> bool:
    """Whether every figure measured on it must be called simulated."""
    return bool(read_origin(manifest.root).get('simulated', False))
