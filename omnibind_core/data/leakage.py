"""Probes of what simulators drew rather than sensed: temperatures and materials.

The temperatures of a thing, its surroundings and the heat source are drawn without looking at the
class, so that a probe of them alone must stay at chance. What a thing is made of comes from its
model and does tell something of the class, in the real world as here: that probe is a row to
compare with.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
import json
from typing import Any

import numpy as np

from omnibind_core.data.errors import DataError
from omnibind_core.data.manifest import Manifest
from omnibind_core.data.probe import metadata_features
from omnibind_core.data.probe import probe
from omnibind_core.data.probe import Probed
from omnibind_core.data.record import Record
from omnibind_core.data.shard import Files

TEMPERATURE = 'temperature only'
MATERIAL = 'material only'

# What the thermal simulator writes down of its draws: degrees C, and the source's strength.
_DRAWN = ('ambient', 'strength')
_SOURCE = 'source'


def temperature_probe(manifest: Manifest) -> Probed:
    """Probe the temperatures that the thermal simulator drew, without what shows the shape.

    These are the surroundings' temperature, and the kind and strength of the heat source.

    :raises DataError: the data set has no such numbers.
    """
    records = _one_each(manifest, 'thermal', views=True)
    drawn = [item.get('thermal', {}) for item in read_about(manifest, records)]
    if not all(name in item for item in drawn for name in _DRAWN[:1]):
        raise DataError(f'{manifest.root} says nothing of the temperatures that were drawn')
    numbers = metadata_features(drawn, _DRAWN)
    kinds = sorted({str(item.get(_SOURCE, '')) for item in drawn})
    one_hot = np.array([[item.get(_SOURCE, '') == kind for kind in kinds] for item in drawn])
    return probe(TEMPERATURE, manifest, records, np.hstack([numbers, one_hot]))


def material_probe(manifest: Manifest) -> Probed:
    """Probe the shares of substances on the surface, one row for each instance.

    :raises DataError: the data set does not say what its things are made of.
    """
    records = _one_each(manifest, 'image', views=False)
    made_of = [
        item.get('substances', {}) for item in read_about(manifest, records, 'instance.json')
    ]
    names = sorted({name for item in made_of for name in item})
    if not names:
        raise DataError(f'{manifest.root} does not say what its things are made of')
    return probe(MATERIAL, manifest, records, metadata_features(made_of, names))


def read_about(
    manifest: Manifest, records: Sequence[Record], name: str = ''
) -> list[Mapping[str, Any]]:
    """What the shards say of views, or with ``instance.json`` of instances; empty where nothing.

    :param name: the JSON file in the record's shard; ``''`` = that of the record's view.
    :raises DataError: a description is there but damaged.
    """
    files = Files(manifest.root)
    found: list[Mapping[str, Any]] = []
    for record in records:
        folder, _, file = record.path.rpartition('/')
        path = f'{folder}/{name or file.partition(".")[0] + ".json"}'
        if not files.exists(path):
            found.append({})
            continue
        try:
            content = json.loads(files.read(path))
        except ValueError:
            content = None
        if not isinstance(content, dict):
            raise DataError(f'{manifest.root / path} is damaged; generate it again')
        found.append(content)
    files.close()
    return found


def _one_each(manifest: Manifest, modality: str, *, views: bool) -> list[Record]:
    """Labelled records of originals: all views, or the first one of each."""
    chosen: dict[tuple[str, int], Record] = {}
    for record in manifest.records:
        if record.modality == modality and not record.nothing and not record.copy_of:
            chosen.setdefault((record.instance, record.view if views else 0), record)
    return list(chosen.values())


def guessing(manifest: Manifest, seed: int = 0) -> Probed:
    """A probe of pure noise, for comparison: what chance looks like through the same procedure."""
    records = _one_each(manifest, 'image', views=True)
    noise = np.random.default_rng(seed).normal(size=(len(records), 8))
    return probe('noise', manifest, records, noise)
