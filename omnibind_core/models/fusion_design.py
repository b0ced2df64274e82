"""The size and the freedom of an adaptive fusion; needs no torch."""

from __future__ import annotations

from dataclasses import dataclass

from omnibind_core.configuration.option import option


@dataclass(frozen=True, kw_only=True)
class FusionDesign:
    """Of an :class:`~omnibind_core.models.adaptive_fusion.AdaptiveFusion`."""

    members: int = option(6, 'Networks whose mean decides.', minimum=1, maximum=64)
    hidden: int = option(24, 'Hidden units of each, for gates and shares.', minimum=1, maximum=512)
    set_hidden: int = option(16, 'Hidden units of each, for the blend.', minimum=1, maximum=512)
    traits: int = option(4, 'Numbers learnt about each modality.', minimum=1, maximum=64)
    kinship: float = option(
        0.5,
        'Correlation of the errors of two sensors of one modality: any number of them together '
        'count for at most 1 / kinship.',
        minimum=0.0,
        maximum=1.0,
    )
    explaining: bool = option(True, 'Whether gates may be below 0 (explaining away).')
    adapter_rank: int = option(
        16, 'Rank of the affine change of each embedding; 0: none.', minimum=0, maximum=64
    )
