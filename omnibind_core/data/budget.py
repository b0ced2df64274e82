"""Unequal scale: how many readings of each modality the students may learn from.

The paper's point is that modalities come with very different amounts of data (OmniBind sections 1
and 4). Here the amounts are chosen: a budget for each modality, taken from the student fold only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
import hashlib

from omnibind_core.data.record import Record
from omnibind_core.data.record import UNUSED
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.modalities.registry import NAMES


def within_budget(
    records: tuple[Record, ...],
    budgets: Mapping[str, int | None],
    *,
    split: int,
    seed: int,
) -> tuple[Record, ...]:
    """The records of a split, with students cut down to their budgets.

    Exactly ``min(budget, available)`` informative student readings of a modality remain: spread
    over the classes as evenly as they allow, originals and copies alike (there are few instances,
    and another shape teaches more than another view). A larger budget keeps all that a smaller one
    keeps. Of the readings of nothing the same share remains, rounded up. The other folds stay
    whole; what takes no part in the split is left out.

    :param records: of the whole data set.
    :param budgets: most student readings by modality; ``None`` or not mentioned = all.
    :param split: number of the split.
    :param seed: which ones remain.
    :returns: the remaining records in the given order.
    :raises ConfigError: for an unknown modality, a negative budget, or a split that is not there.
    """
    problems = [
        Problem(f'budgets.{name}', repr(budget), f'0 or more, for one of {", ".join(NAMES)}')
        for name, budget in budgets.items()
        if name not in NAMES or (budget is not None and budget < 0)
    ]
    splits = len(records[0].folds) if records else 1
    if not 0 <= split < splits:
        problems.append(Problem('split', str(split), f'0 to {splits - 1}'))
    if problems:
        raise ConfigError('budgets', problems)
    groups: dict[str, list[int]] = defaultdict(list)
    empty: dict[str, list[int]] = defaultdict(list)
    kept: set[int] = set()
    for index, record in enumerate(records):
        fold = record.folds[split]
        if fold == UNUSED:
            continue
        if fold == 'student' and budgets.get(record.modality) is not None:
            (empty if record.nothing else groups)[record.modality].append(index)
        else:
            kept.add(index)
    for name in {*groups, *empty}:
        budget = budgets[name]
        assert budget is not None
        available = groups[name]
        taken = min(budget, len(available))
        kept.update(_evenly(records, available, seed)[:taken])
        share = taken / len(available) if available else float(budget > 0)
        order = sorted(empty[name], key=lambda index: _rank(records[index], seed))
        kept.update(order[: -int(-share * len(order) // 1)])
    return tuple(record for index, record in enumerate(records) if index in kept)


def _evenly(records: tuple[Record, ...], indices: list[int], seed: int) -> list[int]:
    """Indices in the order they are taken: one of each class in turn."""
    by_class: dict[str, list[int]] = defaultdict(list)
    for index in indices:
        by_class[records[index].label].append(index)
    turns: list[tuple[int, bytes, int]] = []
    for members in by_class.values():
        members.sort(key=lambda index: _rank(records[index], seed))
        turns += [(turn, _rank(records[index], seed), index) for turn, index in enumerate(members)]
    return [index for _, _, index in sorted(turns)]


def _rank(record: Record, seed: int) -> bytes:
    """A random place that depends on the record alone."""
    return hashlib.sha256(f'{seed}\0{record.path}'.encode()).digest()
