"""A small part of a data set, of every class, to be shipped: readings of one fold within a size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
import json
from pathlib import Path

from omnibind_core.data.atomic_file import write_atomically
from omnibind_core.data.codec import companions
from omnibind_core.data.errors import DataError
from omnibind_core.data.manifest import Manifest
from omnibind_core.data.manifest import write_manifest
from omnibind_core.data.record import Record
from omnibind_core.data.shard import Files
from omnibind_core.data.shard import shard_writer

NOTHING_SHARE = 0.1
"""Share of the size that readings of nothing may take."""

_HEADER = 512
_BLOCK = 512


def write_subset(
    manifest: Manifest, out: Path, *, most_bytes: int, fold: str = 'test', split: int = 0
) -> Manifest:
    """Write a part of a data set as a data set of its own, byte by byte the same readings.

    First one view of one instance of every class, then of the next instances, then second views,
    as long as there is room; a view is taken with all its modalities. Readings of nothing take at
    most a tenth of the room.

    :param out: a new or empty folder.
    :param most_bytes: of everything written.
    :raises DataError: the folder is not empty, the fold is empty, or not even one view of every
        class fits.
    """
    if out.exists() and any(out.iterdir()):
        raise DataError(f'{out} is not empty; choose another folder, or delete it')
    files = Files(manifest.root)
    chosen = _choose(manifest, files, most_bytes, fold, split)
    (out / 'shards').mkdir(parents=True, exist_ok=True)
    by_instance: dict[str, list[list[Record]]] = defaultdict(list)
    for group in chosen:
        by_instance[group[0].instance].append(group)
    records: list[Record] = []
    for instance, groups in sorted(by_instance.items()):
        shard_path = f'shards/{instance}.tar'
        with shard_writer(out / shard_path) as shard:
            for about in _instance_files(groups[0][0]):
                if files.exists(about):
                    shard.add('instance.json', files.read(about))
            for group in sorted(groups, key=lambda group: group[0].view):
                for path in _paths(files, group):
                    shard.add(path.rpartition('/')[2], files.read(path))
                for record in group:
                    name = record.path.rpartition('/')[2]
                    records.append(replace(record, path=f'{shard_path}/{name}'))
    files.close()
    result = Manifest(out, tuple(records), manifest.classes)
    write_manifest(result)
    source = {'part_of': manifest.root.name, 'fold': fold, 'split': split, 'simulated': True}
    write_atomically(out / 'dataset.json', json.dumps(source, indent=1) + '\n')
    return result


def _choose(
    manifest: Manifest, files: Files, most_bytes: int, fold: str, split: int
) -> list[list[Record]]:
    groups: dict[tuple[str, int], list[Record]] = defaultdict(list)
    for record in manifest.records:
        if record.folds[split] == fold:
            groups[record.instance, record.view].append(record)
    things = [group for group in groups.values() if not group[0].nothing]
    empty = [group for group in groups.values() if group[0].nothing]
    if not things:
        raise DataError(f'there is no reading in the fold {fold!r} of split {split}')
    left = most_bytes - 200_000  # manifest, class list, ends of archives
    room = round(left * NOTHING_SHARE)
    chosen: list[list[Record]] = []
    for group in _in_turns(empty):
        needed = _needed(files, group)
        if needed <= room:
            chosen.append(group)
            room -= needed
            left -= needed
    labels = set()
    for group in _in_turns(things):
        needed = _needed(files, group)
        if needed <= left:
            chosen.append(group)
            labels.add(group[0].label)
            left -= needed
    lacking = {group[0].label for group in things} - labels
    if lacking:
        raise DataError(
            f'{most_bytes} bytes do not hold one view of every class ({len(lacking)} lack); '
            'allow more'
        )
    return chosen


def _in_turns(groups: list[list[Record]]) -> Iterator[list[Record]]:
    """One group of every class, then the next; instances before further views."""
    ranks: dict[str, dict[str, int]] = defaultdict(dict)
    keyed = []
    seen: dict[str, int] = defaultdict(int)
    for group in sorted(groups, key=lambda group: (group[0].instance, group[0].view)):
        first = group[0]
        of_class = ranks[first.label]
        rank = of_class.setdefault(first.instance, len(of_class))
        keyed.append((seen[first.instance], rank, first.label, group))
        seen[first.instance] += 1
    for item in sorted(keyed, key=lambda item: item[:3]):
        yield item[3]


def _needed(files: Files, group: list[Record]) -> int:
    """Bytes in a shard, with headers; the description of an instance is counted each time."""
    total = 4 * (_HEADER + _BLOCK) * 2
    for path in _paths(files, group):
        total += _HEADER + -(-len(files.read(path)) // _BLOCK) * _BLOCK
    return total


def _paths(files: Files, group: list[Record]) -> list[str]:
    """All files of a view: the readings, their companions, and its description."""
    paths = [
        path
        for record in group
        for path in (record.path, *companions(record.modality, record.path))
    ]
    folder, _, name = group[0].path.rpartition('/')
    about = f'{folder}/{name.partition(".")[0]}.json'
    return [*paths, about] if files.exists(about) else paths


def _instance_files(record: Record) -> list[str]:
    return [f'{record.path.rpartition("/")[0]}/instance.json']
