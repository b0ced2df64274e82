"""Which things the robot visits: of one fold, of a different class each as long as there are."""

from __future__ import annotations

from collections.abc import Sequence
import difflib

from omnibind_core.data.seeding import generator
from omnibind_core.simulation.bag.errors import BagError
from omnibind_core.simulation.bag.errors import FoldError
from omnibind_core.simulation.bag.settings import ANY
from omnibind_core.simulation.bag.settings import NOTHING
from omnibind_core.simulation.bag.settings import Stop
from omnibind_core.simulation.plan import PlannedInstance

SPLIT = 0


def visited(
    stops: Sequence[Stop], planned: Sequence[PlannedInstance], seed: int, fold: str
) -> tuple[PlannedInstance | None, ...]:
    """What is at each stop; ``None``: nothing.

    :param planned: the household's instances with their folds.
    :param fold: of the first split.
    :raises FoldError: an instance is asked for that is in another one.
    :raises BagError: an instance or class is asked for that is not there, or there are not enough.
    """
    pool = [item for item in planned if not item.copy and item.folds[SPLIT] == fold]
    known = {item.instance: item for item in planned}
    labels = {item.label for item in planned}
    chosen: list[PlannedInstance | None] = [None] * len(stops)
    left = []
    for number, stop in enumerate(stops):  # who is named goes first
        if stop.thing in known:
            chosen[number] = known[stop.thing]
        elif stop.thing in labels or stop.thing == ANY:
            left.append(number)
        elif stop.thing != NOTHING:
            near = difflib.get_close_matches(stop.thing, [*labels, *known], n=1)
            hint = f'; nearest is {near[0]}' if near else ''
            raise BagError(
                f'stops[{number}].thing: {stop.thing!r} is no instance and no class of the '
                f'household, nor {ANY} or {NOTHING}{hint}'
            )
    for number in sorted(left, key=lambda item: (stops[item].thing == ANY, item)):
        chosen[number] = _drawn(stops[number].thing, number, pool, chosen, seed)
    for item in chosen:
        if item is not None and (item.copy or item.folds[SPLIT] != fold):
            raise FoldError(item.instance, item.folds[SPLIT], fold)
    return tuple(chosen)


def _drawn(
    thing: str,
    number: int,
    pool: Sequence[PlannedInstance],
    chosen: Sequence[PlannedInstance | None],
    seed: int,
) -> PlannedInstance:
    """An instance not yet chosen, for ``any`` of a class that was shown least often."""
    random = generator(seed, 'thing', number)
    taken = [item for item in chosen if item is not None]
    free = [item for item in pool if item not in taken and thing in (ANY, item.label)]
    if not free:
        of = 'left' if thing == ANY else f'of the class {thing} left'
        raise BagError(f'stops[{number}].thing: there is no instance {of} in the fold')
    shown = {item.label: sum(other.label == item.label for other in taken) for item in free}
    least = min(shown.values())
    labels = sorted(label for label, count in shown.items() if count == least)
    label = labels[int(random.integers(len(labels)))]
    own = sorted((item for item in free if item.label == label), key=lambda item: item.instance)
    return own[int(random.integers(len(own)))]
