"""What a data set holds: readings and instances by class, modality and fold, and their size."""

from __future__ import annotations

from collections import Counter
from collections import defaultdict
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from omnibind_core.data.codec import companions
from omnibind_core.data.manifest import Manifest
from omnibind_core.data.record import FOLDS
from omnibind_core.data.record import Record
from omnibind_core.data.shard import Files
from omnibind_core.modalities.registry import NAMES


@dataclass(frozen=True)
class Statistics:
    """Counts of one split.

    :param instances: of originals by class and fold.
    :param copies: deformed copies that are students in this split, by class.
    :param readings: of something, by modality and fold.
    :param nothing: readings of nothing, by modality and fold.
    :param size: bytes of the readings' files by modality, of the whole data set.
    """

    instances: Mapping[str, Mapping[str, int]]
    copies: Mapping[str, int]
    readings: Mapping[str, Mapping[str, int]]
    nothing: Mapping[str, Mapping[str, int]]
    size: Mapping[str, int]


def statistics(manifest: Manifest, split: int = 0) -> Statistics:
    """Count a data set.

    :param split: which of its splits into folds.
    :raises ContainerError: a shard is missing or damaged.
    """
    instances: dict[str, Counter[str]] = {name: Counter() for name in manifest.classes.names}
    copies: Counter[str] = Counter()
    seen: set[str] = set()
    kinds: dict[bool, dict[str, Counter[str]]] = {
        flag: defaultdict(Counter) for flag in (False, True)
    }
    for record in manifest.records:
        fold = record.folds[split]
        if fold in FOLDS:
            kinds[record.nothing][record.modality][fold] += 1
        if record.label and record.instance not in seen:
            seen.add(record.instance)
            if not record.copy_of:
                instances[record.label][fold] += 1
            elif fold in FOLDS:
                copies[record.label] += 1
    return Statistics(
        instances=_plain(instances),
        copies=dict(copies),
        readings=_plain(kinds[False]),
        nothing=_plain(kinds[True]),
        size=_sizes(manifest),
    )


def _plain(counts: Mapping[str, Counter[str]]) -> dict[str, dict[str, int]]:
    return {name: dict(counter) for name, counter in counts.items()}


def _sizes(manifest: Manifest) -> dict[str, int]:
    files = Files(manifest.root)
    sizes: Counter[str] = Counter()
    for record in manifest.records:
        sizes[record.modality] += size_of(files, record)
    files.close()
    return dict(sizes)


def size_of(files: Files, record: Record) -> int:
    """Bytes of a record's files.

    :raises ContainerError: a shard is missing or damaged.
    """
    total = 0
    for path in (record.path, *companions(record.modality, record.path)):
        head, in_shard, member = path.partition('.tar/')
        if in_shard:
            total += files.shard(f'{head}.tar').size(member)
        else:
            total += (files.root / path).stat().st_size
    return total


def table(found: Statistics) -> str:
    """The counts as a text for people."""
    rows = [['class', *FOLDS, 'all', 'copies']]
    for name, folds in found.instances.items():
        counts = [folds.get(fold, 0) for fold in FOLDS]
        rows.append([name, *map(str, counts), str(sum(counts)), str(found.copies.get(name, 0))])
    totals = [sum(folds.get(fold, 0) for folds in found.instances.values()) for fold in FOLDS]
    all_copies = sum(found.copies.values())
    rows.append(['instances', *map(str, totals), str(sum(totals)), str(all_copies)])
    rows += [[], ['modality', *FOLDS, 'nothing', 'kB each']]
    for name in NAMES:
        of_something = found.readings.get(name, {})
        of_nothing = sum(found.nothing.get(name, {}).values())
        if not of_something and not of_nothing:
            continue
        counts = [of_something.get(fold, 0) for fold in FOLDS]
        number = max(sum(counts) + of_nothing, 1)
        each = f'{found.size.get(name, 0) / number / 1000:.1f}'
        rows.append([name, *map(str, counts), str(of_nothing), each])
    rows.append(['MB in all', '', '', '', '', '', f'{sum(found.size.values()) / 1e6:.1f}'])
    return '\n'.join(_line(row) for row in rows)


def _line(row: Sequence[str]) -> str:
    return (f'{row[0]:<22}' + ''.join(f'{cell:>10}' for cell in row[1:])) if row else ''
