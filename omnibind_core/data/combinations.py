"""Which modalities take part in one training sample: random non-empty subsets (OmniBind 3.3)."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING

from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.modalities.registry import NAMES

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Combinations:
    """How subsets of modalities are drawn.

    First the size, then modalities one after the other without putting back, each with a chance in
    proportion to its weight. Uniform over the *size*, not over all subsets: among the subsets of
    seven modalities, 70 of 127 have three or four members and only seven are single sensors.

    :param modalities: that may take part.
    :param weights: by modality; 1 where not mentioned. 0 leaves it out.
    :param sizes: relative chance of each size, the first for one modality; empty = all alike.
    :raises ConfigError: with every problem found.
    """

    modalities: tuple[str, ...]
    weights: Mapping[str, float] = field(default_factory=dict)
    sizes: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        problems = [
            Problem('modalities', repr(name), f'one of {", ".join(NAMES)}, once')
            for place, name in enumerate(self.modalities)
            if name not in NAMES or name in self.modalities[:place]
        ]
        problems += [
            Problem(f'weights.{name}', repr(weight), 'a number >= 0, for a modality of the list')
            for name, weight in self.weights.items()
            if name not in self.modalities or not 0.0 <= weight < float('inf')
        ]
        if not any(self.weights.get(name, 1.0) > 0.0 for name in self.modalities):
            problems.append(Problem('modalities', 'none with a weight', 'at least one'))
        if self.sizes and (
            len(self.sizes) != len(self.modalities)
            or not all(0.0 <= chance < float('inf') for chance in self.sizes)
            or not any(self.sizes)
        ):
            allowed = f'{len(self.modalities)} numbers >= 0, not all 0'
            problems.append(Problem('sizes', str(self.sizes), allowed))
        if problems:
            raise ConfigError('combinations', problems)

    def draw(self, random: np.random.Generator, available: Sequence[str]) -> tuple[str, ...]:
        """A non-empty subset of what is available, in the order of ``modalities``.

        :param random: the only source of chance.
        :param available: modalities that the sample has.
        :returns: empty only if none of them may take part.
        """
        left = [
            name
            for name in self.modalities
            if name in available and self.weights.get(name, 1.0) > 0.0
        ]
        if not left:
            return ()
        chances = list(self.sizes[: len(left)]) or [1.0] * len(left)
        if not any(chances):  # only larger subsets are wanted than can be had
            chances[-1] = 1.0
        size = 1 + _choose(random, chances)
        chosen = []
        for _ in range(size):
            place = _choose(random, [self.weights.get(name, 1.0) for name in left])
            chosen.append(left.pop(place))
        return tuple(name for name in self.modalities if name in chosen)


def _choose(random: np.random.Generator, chances: Sequence[float]) -> int:
    """A place, with the given relative chances."""
    at = random.random() * sum(chances)
    for place, chance in enumerate(chances):
        at -= chance
        if at < 0.0 < chance:
            return place
    return max(place for place, chance in enumerate(chances) if chance > 0.0)
