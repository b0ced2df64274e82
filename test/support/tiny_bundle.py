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

import numpy as np

from omnibind_core.inference.bundle import MANIFEST_NAME
from omnibind_core.inference.bundle import open_bundle
from omnibind_core.inference.bundle_text import TextExport
from omnibind_core.inference.bundle_writer import EncoderExport
from omnibind_core.inference.bundle_writer import FusionExport
from omnibind_core.inference.bundle_writer import write_bundle
from omnibind_core.inference.label_bank import LabelBank
from omnibind_core.inference.manifest_seal import BLANK
from omnibind_core.inference.manifest_seal import seal
from omnibind_core.inference.projection import Projection
from omnibind_core.inference.text_encoder import TextEncoder
from omnibind_core.inference.text_labels import label_vectors
from omnibind_core.inference.text_space import text_space

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


def text_export(seed: int = 0) -> TextExport:
    """A tiny text encoder of a space of its own."""
    import tiny_text_model

    random = np.random.default_rng(seed)
    width, dimension = tiny_text_model.WIDTH, random_bundle_tool().DIMENSION
    projection = Projection(
        np.zeros(width, np.float32),
        random.standard_normal((width, dimension)).astype(np.float32),
    )
    return TextExport(
        tiny_text_model.model(), tiny_text_model.tokenizer(), projection, 'tiny', ('a {}', '{}')
    )


def make_textual(folder: Path, text: TextExport) -> Path:
    """A bundle of the space that a text encoder embeds into, still without it."""
    tool = random_bundle_tool()
    plain = make(folder.with_name(f'{folder.name}_plain'))
    bundle = open_bundle(plain)
    encoder = TextEncoder(text.model, text.tokenizer, text.projection)
    ids = ('cup', 'sofa', 'thing')
    labels = LabelBank(
        class_ids=ids,
        names=ids,
        embeddings=label_vectors(encoder, ids, templates=text.templates),
        space=text_space(text.teacher, encoder),
    )
    entries = bundle.manifest.modalities
    return write_bundle(
        folder,
        name='textual',
        encoders={
            name: EncoderExport(bundle.read_bytes(entry.model), bundle.specifications[name], 0.1)
            for name, entry in entries.items()
        },
        labels=labels,
        fusion=FusionExport(tool.gated_fusion(np.array([10.0, 5.0])), tuple(entries)),
    )
