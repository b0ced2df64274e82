"""What the tuples that the fusion learns from are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from omnibind_core.configuration.option import option
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem


def _share(default: float, text: str) -> float:
    found: float = option(default, text, minimum=0.0, maximum=1.0)
    return found


@dataclass(frozen=True, kw_only=True)
class FusionMix:
    """Shares of what tuples are made of.

    :raises ConfigError: when troubles add up to more than 1.
    """

    by_class: float = _share(
        0.1, 'Tuples whose members are any readings of one class; the others: of one instance.'
    )
    several: float = _share(0.15, 'Tuples with a second sensor of one of their modalities.')
    nothing_only: float = _share(0.05, 'Tuples whose sensors all have nothing to sense.')
    troubled: float = _share(0.3, 'Tuples in which any sensor may be in trouble; then each is ...')
    corrupted: float = _share(0.2, '... corrupted, of a drawn kind and severity,')
    nothing: float = _share(0.1, '... reading nothing,')
    stale: float = _share(0.2, '... stale,')
    stale_wrong: float = _share(0.5, 'of which so many are of a thing seen before.')
    oldest: float = option(
        1.5, 'Greatest age of a stale vector.', unit='s', minimum=0.0, maximum=60.0
    )
    unknown: float = _share(0.05, 'Members whose modality is hidden, for the prior gate.')
    sizes: tuple[float, ...] = option(
        (), 'Relative chance of each number of modalities, from 1 on; empty: all alike.'
    )
    weights: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        total = self.corrupted + self.nothing + self.stale
        if total > 1.0 + 1e-9:
            given = f'{total:g} together'
            allowed = 'at most 1 together'
            raise ConfigError('mix', [Problem('corrupted, nothing, stale', given, allowed)])
