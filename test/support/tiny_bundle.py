"""Small real bundles for tests, made by the same tool that users have."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

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
    folder: Path, *, seed: int = 0, modalities: tuple[str, ...] = ('image', 'thermal')
) -> Path:
    """A bundle of random encoders."""
    path: Path = random_bundle_tool().make_random_bundle(folder, modalities, seed)
    return path
