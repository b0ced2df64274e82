"""What the fusion was meant to reach, and whether it does; a goal that is missed is said so."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from omnibind_core.evaluation.corruption_plan import GARBLED
from omnibind_core.evaluation.subsets.comparison import Addition

MARGIN = 0.0405
"""How far above the mean and the most confident sensor: what the paper prints."""

HARMLESS = -0.02
"""How little a garbled sensor may cost against not having it."""

LEVEL = 0.05


def goals(
    comparisons: Sequence[Mapping[str, Any]],
    added: Sequence[Addition],
    spoilt: Mapping[str, Any],
    method: str,
) -> list[dict[str, Any]]:
    """Each goal with the figure that decides it.

    :param comparisons: of the learned fusion with the others, clean, same instance.
    :param added: what every added sensor does to it.
    :param spoilt: by condition, see the document.
    :param method: the learned fusion's name.
    :return: empty where there is no learned fusion.
    """
    if not comparisons:
        return []
    against = {item['against']: item for item in comparisons}
    found = []
    product = against['product']
    found.append(
        {
            'goal': 'significantly above the calibrated product, Holm at 5 %',
            'difference': product['difference'],
            'ci95': product['ci95'],
            'p_holm': product['p_holm'],
            'met': product['difference'] > 0.0 and product['p_holm'] <= LEVEL,
        }
    )
    found += [
        {
            'goal': f'at least {100 * MARGIN:.2f} points above {title}',
            'difference': against[name]['difference'],
            'ci95': against[name]['ci95'],
            'met': against[name]['difference'] >= MARGIN,
        }
        for name, title in (
            ('mean', 'the mean of embeddings'),
            ('max_confidence', 'the most confident sensor'),
        )
    ]
    harmful = [item for item in added if item.p_holm <= LEVEL and item.difference.value < 0.0]
    found.append(
        {
            'goal': 'no added sensor is significantly worse, Holm over all pairs at 5 %',
            'pairs': len(added),
            'significantly_worse': len(harmful),
            'met': bool(added) and not harmful,
        }
    )
    garbled = spoilt.get(GARBLED, {}).get('methods', {})
    if method in garbled:
        own = garbled[method]['against_without']
        found.append(
            {
                'goal': 'one of three or more sensors garbled: within 2 points of not having it',
                'difference': own['difference'],
                'ci95': own['ci95'],
                'mean_of_embeddings': garbled['mean']['against_without']['difference'],
                'met': own['difference'] >= HARMLESS,
            }
        )
    return found
