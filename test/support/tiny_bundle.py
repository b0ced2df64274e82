"""Small real bundles for tests, made by the same tool that users have."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
import hashlib
import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

from omnibind_core.inference.bundle import MANIFEST_NAME
from omnibind_core.inference.manifest_seal import BLANK
from omnibind_core.inference.manifest_seal import seal

ROOT = Path(__file__).resolve().parents[2]


def random_bundle_tool() -> ModuleType:
    """`tools/random_bundle.py` as a module."""
    specification = importlib.util.spec_from_file_location(
        'random_bundle', ROOT / 'tools' / 'random_bundle.py'
    )
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def make(
    folder: Path,
    *,
    seed: int = 0,
    modalities: tuple[str, ...] = ('image', 'thermal'),
    fusion: bool = True,
) -> Path:
    """A bundle of random encoders, with a fusion model unless told not to."""
    tool = random_bundle_tool()
    path: Path = tool.make_random_bundle(folder, modalities, seed, fusion=fusion)
    return path


def edit(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change a bundle's table of contents as its writer would have written it: sealed."""
    path = folder / MANIFEST_NAME
    content = json.loads(path.read_text())
    change(content)
    content['sha256'] = BLANK
    path.write_bytes(seal(json.dumps(content, indent=2) + '\n'))


def replace_file(folder: Path, name: str, content: bytes) -> None:
    """Put another file in the place of one, with its digest in the table of contents."""
    (folder / name).write_bytes(content)

    def change(table: dict[str, Any]) -> None:
        for entry in _file_entries(table):
            if entry['path'] == name:
                entry['sha256'] = hashlib.sha256(content).hexdigest()
                entry['size'] = len(content)

    edit(folder, change)


def _file_entries(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if set(value) == {'path', 'sha256', 'size'}:
            yield value
        for item in value.values():
            yield from _file_entries(item)
