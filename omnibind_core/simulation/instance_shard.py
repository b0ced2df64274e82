"""Generating one instance: all its views through all sensors, into one shard.

Every random number comes from a generator seeded by the data set's seed, the instance, the view
and the modality, so that a shard's bytes depend on nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
from dataclasses import is_dataclass
import errno
import hashlib
import json
import math
from pathlib import Path
import time
from typing import Any

import numpy as np

from omnibind_core.data.atomic_file import write_atomically
from omnibind_core.data.codec import encode
from omnibind_core.data.codec import SUFFIXES
from omnibind_core.data.record import Record
from omnibind_core.data.seeding import generator
from omnibind_core.data.shard import shard_writer
from omnibind_core.data.shard import ShardWriter
from omnibind_core.errors import OmniBindError
from omnibind_core.simulation.plan import PlannedInstance
from omnibind_core.simulation.sensor_table import SIMULATED
from omnibind_core.simulation.simulator import SensorReading
from omnibind_core.simulation.simulator import Stage


@dataclass(frozen=True)
class Outcome:
    """What became of an instance.

    :param instance: its id.
    :param sha256: of its shard; ``''`` when there is none.
    :param size: of its shard, bytes.
    :param seconds: time spent on each modality, and on ``thing``, without storing.
    :param problem: why there is no shard, one sentence.
    :param disk_full: the reason was a full disk: going on is no use.
    """

    instance: str
    sha256: str = ''
    size: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)
    problem: str = ''
    disk_full: bool = False


def records_of(planned: PlannedInstance) -> list[Record]:
    """The manifest's lines for an instance."""
    found = []
    for name in SIMULATED:
        for view in range(planned.views + (planned.nothing if name != 'text' else 0)):
            is_nothing = view >= planned.views
            found.append(
                Record(
                    path=f'{planned.shard}/{_key(view, planned)}.{SUFFIXES[name][0]}',
                    modality=name,
                    label='' if is_nothing else planned.label,
                    instance=planned.instance,
                    folds=planned.folds,
                    view=view,
                    nothing=is_nothing,
                    copy_of=planned.copy_of,
                )
            )
    return found


def generate_instance(stage: Stage, planned: PlannedInstance, seed: int, root: Path) -> Outcome:
    """Generate an instance's shard; whatever goes wrong costs this instance only.

    :param seed: of the data set.
    :param root: the data set's folder, with ``shards`` and ``done`` in it.
    """
    seconds: dict[str, float] = {}
    path = root / planned.shard
    try:
        with shard_writer(path) as shard:
            _write(shard, stage, planned, seed, seconds)
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        outcome = Outcome(planned.instance, digest, len(content), seconds)
        write_atomically(done_marker(root, planned.instance), json.dumps(asdict(outcome)) + '\n')
    except OmniBindError as error:
        return Outcome(planned.instance, problem=f'{planned.instance}: {error}')
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        text = f'{planned.instance}: {error.filename or path}: {error.strerror or error}'
        return Outcome(planned.instance, problem=text, disk_full=full)
    # A fault of ours in one odd mesh must not cost the other instances; it is reported and counts.
    except Exception as error:  # noqa: BLE001
        text = f'{planned.instance}: {type(error).__name__} in the simulation: {error}'
        return Outcome(planned.instance, problem=text)
    return outcome


def done_marker(root: Path, instance: str) -> Path:
    """The file that says that an instance's shard is complete, with its hash."""
    return root / 'done' / f'{instance}.json'


def _write(
    shard: ShardWriter,
    stage: Stage,
    planned: PlannedInstance,
    seed: int,
    seconds: dict[str, float],
) -> None:
    started = time.perf_counter()
    thing = stage.thing(planned)
    seconds['thing'] = time.perf_counter() - started
    described = {**asdict(planned), **stage.describe(planned, thing)}
    shard.add('instance.json', _json(described))
    for number in range(planned.views + planned.nothing):
        is_nothing = number >= planned.views
        key = _key(number, planned)
        names = (seed, planned.instance, key)
        view = None if is_nothing else stage.view(generator(*names, 'view'))
        metadata: dict[str, Any] = {} if view is None else {'view': _plain(view)}
        for modality in SIMULATED:
            simulator = stage.simulators[modality]
            random = generator(*names, modality)
            started = time.perf_counter()
            reading: SensorReading | None = None
            if not is_nothing:
                reading = simulator.simulate(planned, thing, view, random)
            elif simulator.nothing is not None:
                reading = simulator.nothing(random)
            if reading is None:
                continue
            part = 'nothing' if is_nothing else modality
            seconds[part] = seconds.get(part, 0.0) + time.perf_counter() - started
            files = encode(modality, reading.raw)
            for suffix, content in zip(SUFFIXES[modality], files, strict=True):
                shard.add(f'{key}.{suffix}', content)
            metadata[modality] = dict(reading.metadata)
        shard.add(f'{key}.json', _json(metadata))


def _key(view: int, planned: PlannedInstance) -> str:
    if view < planned.views:
        return f'view_{view:02d}'
    return f'nothing_{view - planned.views:02d}'


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(_plain(value), indent=1, sort_keys=True) + '\n').encode()


def _plain(value: Any) -> Any:
    """A value as JSON can hold it; fields that are no plain data are left out."""
    if is_dataclass(value) and not isinstance(value, type):
        return _plain({name: item for name, item in vars(value).items() if _is_plain(item)})
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_plain(item) for item in value)
    return value is None or isinstance(value, str | int | float | bool | np.generic)
