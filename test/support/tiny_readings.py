"""Raw readings of every modality, and small data sets made of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from omnibind_core.data.class_map import ClassMap
from omnibind_core.data.codec import encode
from omnibind_core.data.codec import SUFFIXES
from omnibind_core.data.manifest import Manifest
from omnibind_core.data.manifest import write_manifest
from omnibind_core.data.record import Record
from omnibind_core.data.shard import shard_writer
from omnibind_core.modalities.audio_clip import AudioClip
from omnibind_core.modalities.event_slice import EVENT_DTYPE
from omnibind_core.modalities.event_slice import EventSlice
from omnibind_core.modalities.registry import NAMES
from omnibind_core.modalities.touch import TouchFrame


def reading(modality: str, random: np.random.Generator) -> Any:
    """A small random raw reading."""
    if modality == 'image':
        return random.integers(0, 256, (24, 32, 3), np.uint8)
    if modality == 'thermal':
        return random.integers(27_000, 33_000, (12, 16), np.uint16)
    if modality == 'touch':
        background = random.integers(0, 256, (24, 32, 3), np.uint8)
        return TouchFrame(random.integers(0, 256, (24, 32, 3), np.uint8), background)
    if modality == 'event':
        events = np.zeros(int(random.integers(0, 300)), EVENT_DTYPE)
        events['x'] = random.integers(0, 32, len(events))
        events['y'] = random.integers(0, 24, len(events))
        events['p'] = random.integers(0, 2, len(events))
        events['t'] = np.sort(random.integers(0, 50_000, len(events)))
        return EventSlice(events, 32, 24, 50_000)
    if modality == 'point_cloud':
        return random.normal(0.0, 1.0, (64, 3)).astype(np.float32)
    if modality == 'audio':
        return AudioClip(random.uniform(-1.0, 1.0, 1600).astype(np.float32), 16_000)
    return f'a thing number {random.integers(1000)}'


def records_only(
    folds_of: Sequence[tuple[str, str, tuple[str, ...]]],
    *,
    modalities: Sequence[str] = NAMES,
    views: int = 2,
    nothing: int = 1,
) -> tuple[Record, ...]:
    """Records without files, of instances given as (name, class, folds)."""
    found = []
    for instance, label, folds in folds_of:
        for name in modalities:
            for view in range(views + (nothing if name != 'text' else 0)):
                is_nothing = view >= views
                found.append(
                    Record(
                        path=f'shards/{instance}.tar/view_{view:02d}.{SUFFIXES[name][0]}',
                        modality=name,
                        label='' if is_nothing else label,
                        instance=instance,
                        folds=folds,
                        view=view,
                        nothing=is_nothing,
                    )
                )
    return tuple(found)


def tiny_data_set(
    root: Path,
    *,
    classes: Sequence[str] = ('cup', 'sofa'),
    instances: int = 4,
    views: int = 2,
    nothing: int = 1,
    modalities: Sequence[str] = NAMES,
    folds: Sequence[str] = ('student', 'fusion', 'val', 'test'),
    seed: int = 0,
) -> Manifest:
    """A data set of random readings on disk: one shard for each instance."""
    random = np.random.default_rng(seed)
    (root / 'shards').mkdir(parents=True)
    table = [
        (f'{label}_{number}', label, (folds[number % len(folds)], 'student'))
        for label in classes
        for number in range(instances)
    ]
    records = records_only(table, modalities=modalities, views=views, nothing=nothing)
    for instance, _, _ in table:
        with shard_writer(root / 'shards' / f'{instance}.tar') as shard:
            for record in records:
                if record.instance == instance:
                    key = record.shard[1].partition('.')[0]
                    files = encode(record.modality, reading(record.modality, random))
                    for suffix, content in zip(SUFFIXES[record.modality], files, strict=True):
                        shard.add(f'{key}.{suffix}', content)
    manifest = Manifest(root, records, ClassMap(tuple(classes)))
    write_manifest(manifest)
    return manifest
