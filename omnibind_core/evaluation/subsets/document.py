"""Everything measured as plain data for a JSON file, the statements beside the figures."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.seeding import generator
from omnibind_core.evaluation.corruption_plan import GARBLED
from omnibind_core.evaluation.statistics.bootstrap import Bootstrap
from omnibind_core.evaluation.statistics.bootstrap import Estimate
from omnibind_core.evaluation.statistics.bootstrap import estimate
from omnibind_core.evaluation.statistics.bootstrap import mean_of_columns
from omnibind_core.evaluation.statistics.calibration import reliability
from omnibind_core.evaluation.subsets.blocks import Block
from omnibind_core.evaluation.subsets.blocks import CONDITIONS
from omnibind_core.evaluation.subsets.choice import key_of
from omnibind_core.evaluation.subsets.comparison import added_sensors
from omnibind_core.evaluation.subsets.comparison import Addition
from omnibind_core.evaluation.subsets.comparison import compare
from omnibind_core.evaluation.subsets.comparison import harm_counts
from omnibind_core.evaluation.subsets.comparison import mean_accuracy
from omnibind_core.evaluation.subsets.comparison import subset_counts
from omnibind_core.evaluation.subsets.evaluate import Measured
from omnibind_core.evaluation.subsets.goals import goals
from omnibind_core.evaluation.subsets.scores import Samples
from omnibind_core.evaluation.subsets.scores import score
from omnibind_core.inference.abstention import risk_coverage

VERSION = 1
LEARNED = 'af'
WORST_SHOWN = 10
SPOILT_LEAST = 3
"""Sensors of the smallest subset in which one is garbled, for the goal."""

_DIGITS = 5
_CURVE_POINTS = 50


def document(measured: Measured, about: Mapping[str, Any]) -> dict[str, Any]:
    """What the JSON file holds.

    :param about: of the bundle and the data, put first.
    """
    plan, clean = measured.plan, measured.clean
    bootstraps = {
        pairing: Bootstrap(len(block.tuples.clusters), plan.resamples, plan.seed)
        for pairing, block in clean.items()
    }
    rows = [row for block in clean.values() for row in _rows(block, measured)]
    summaries, comparisons = {}, {}
    for pairing, block in clean.items():
        summaries[pairing], comparisons[pairing] = _summary(block, bootstraps[pairing], rows)
    extra = _additions(clean['instance'], bootstraps['instance'])
    spoilt = {
        pairing: _spoilt(clean[pairing], blocks, bootstraps[pairing])
        for pairing, blocks in measured.spoilt.items()
    }
    found = {
        'version': VERSION,
        **about,
        'fold': plan.fold,
        'seed': plan.seed,
        'resamples': plan.resamples,
        'sensors': list(measured.sensors),
        'methods': list(measured.methods),
        'views': len(clean['instance'].tuples),
        'instances': len(clean['instance'].tuples.clusters),
        'classes': len(measured.table.classes),
        'settings': asdict(measured.settings),
        'summary': summaries['instance'],
        'summary_by_class': summaries['class'],
        'comparisons': comparisons,
        'goals': goals(comparisons['instance'], extra, spoilt['instance'], LEARNED),
        'spoilt': spoilt,
        'added_sensors': [_addition(item) for item in extra],
        'by_size': _by_size(rows),
        'nothing_at_all': [
            asdict(item) | {'subset': list(item.subset)} for item in measured.nothing
        ],
        'severity': [asdict(item) for item in measured.severity],
        'risk_coverage': {
            pairing: {name: _risk(block, name) for name in block.samples}
            for pairing, block in clean.items()
        },
        'reliability': {
            pairing: {name: _reliability(block, name) for name in block.samples}
            for pairing, block in clean.items()
        },
        'subsets': rows,
        'with_text': _rows(measured.text, measured) if measured.text is not None else [],
        'conditions': [
            row
            for blocks in measured.spoilt.values()
            for block in blocks
            for row in _rows(block, measured)
        ],
    }
    plain: dict[str, Any] = _rounded(found)
    return plain


def least_sensors(condition: str) -> int:
    """Of the smallest subset in which a spoilt sensor is compared with not having it."""
    return SPOILT_LEAST if condition == GARBLED else 2


def _rows(block: Block, measured: Measured) -> list[dict[str, Any]]:
    """One row for each method and subset."""
    found = []
    for method, given in block.samples.items():
        for number, chosen in enumerate(block.subsets):
            names = ('perfect', method, key_of(chosen), block.condition, block.sensor)
            values = score(given, number, generator(*names, measured.plan.seed))
            if values is None:
                continue
            row: dict[str, Any] = {
                'modalities': list(chosen),
                'method': method,
                'pairing': block.tuples.pairing,
                'condition': block.condition,
                'seed': measured.plan.seed,
                **asdict(values),
            }
            if block.sensor:
                row['sensor'] = block.sensor
            if method in block.weights:
                shares = block.weights[method][number]
                row['weights'] = {
                    name: float(share)
                    for name, share in zip(block.tuples.modalities, shares, strict=True)
                    if name in chosen
                }
            found.append(row)
    return found


def _several(block: Block) -> NDArray[np.bool_]:
    """Which subsets count for the headline: two sensors and more."""
    return np.array([len(chosen) > 1 for chosen in block.subsets], np.bool_)


def _summary(
    block: Block, bootstrap: Bootstrap, rows: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Means over the subsets of two and more sensors by method, and AF against the others."""
    draws = {}
    summary: dict[str, Any] = {}
    for method in block.samples:
        draws[method] = mean_accuracy(*subset_counts(block, method), _several(block), bootstrap)
        value, drawn = draws[method]
        found = estimate(value, drawn)
        own = [
            row
            for row in rows
            if row['method'] == method
            and row['pairing'] == block.tuples.pairing
            and len(row['modalities']) > 1
        ]
        summary[method] = {
            'mean_top1': value,
            'ci95': [found.low, found.high],
            'subsets': len(own),
            **{
                f'mean_{name}': float(np.mean([row[name] for row in own])) if own else None
                for name in ('nll', 'brier', 'ece', 'aurc')
            },
        }
    if LEARNED not in draws:
        return summary, []
    compared = [
        {
            'method': LEARNED,
            'against': item.second,
            **_estimate(item.difference),
            'p': item.difference.p_two_sided,
            'p_holm': item.p_holm,
        }
        for item in compare(draws, LEARNED)
    ]
    return summary, compared


def _additions(block: Block, bootstrap: Bootstrap) -> list[Addition]:
    method = LEARNED if LEARNED in block.samples else 'product'
    return added_sensors(block, method, bootstrap)


def _addition(item: Addition) -> dict[str, Any]:
    return {
        'subset': list(item.subset),
        'added': item.sensor,
        'n': item.n,
        **_estimate(item.difference),
        'p_worse': item.difference.p_below,
        'p_worse_holm': item.p_holm,
    }


def _spoilt(clean: Block, blocks: Sequence[Block], bootstrap: Bootstrap) -> dict[str, Any]:
    """By condition and method: accuracy with the spoilt sensor minus accuracy without it."""
    found: dict[str, Any] = {}
    for condition in CONDITIONS[1:]:
        own = [block for block in blocks if block.condition == condition]
        if not own:
            continue
        least = least_sensors(condition)
        found[condition] = {'least_sensors': least, 'methods': {}}
        for method in clean.samples:
            sums, counts, pairs = harm_counts(clean, own, method, least)
            if not pairs:
                continue
            values = sums.sum(axis=0) / np.maximum(counts.sum(axis=0), 1)
            draws = mean_of_columns(bootstrap.ratios(sums, counts))
            worst = int(np.argmin(values))
            found[condition]['methods'][method] = {
                'against_without': _estimate(estimate(float(values.mean()), draws)),
                'pairs': len(pairs),
                'worst': {
                    'subset': list(pairs[worst][0]),
                    'spoilt': pairs[worst][1],
                    'difference': float(values[worst]),
                },
            }
    return found


def _by_size(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Mean accuracy by pairing, method and number of sensors."""
    sums: dict[tuple[str, str, int], list[float]] = {}
    for row in rows:
        key = (row['pairing'], row['method'], len(row['modalities']))
        sums.setdefault(key, []).append(row['top1'])
    return [
        {'pairing': pairing, 'method': method, 'sensors': size, 'top1': float(np.mean(values))}
        for (pairing, method, size), values in sums.items()
    ]


def _risk(block: Block, method: str) -> dict[str, list[float]]:
    """The risk-coverage curve of all subsets of two and more together, thinned out."""
    given: Samples = block.samples[method]
    chosen = given.valid & _several(block)[:, None]
    if not chosen.any():
        return {'coverage': [], 'risk': []}
    confidence = np.clip(given.confidence[chosen].astype(np.float64), 0.0, 1.0)
    curve = risk_coverage(confidence, given.correct[chosen])
    wanted = np.linspace(0.02, 1.0, _CURVE_POINTS)
    places = np.minimum(np.searchsorted(curve.coverage, wanted), len(curve.kept) - 1)
    places = np.unique(places)
    return {'coverage': curve.coverage[places].tolist(), 'risk': curve.risk[places].tolist()}


def _reliability(block: Block, method: str) -> dict[str, Any]:
    """Confidence and accuracy in bins, of all subsets of two and more together."""
    given = block.samples[method]
    chosen = given.valid & _several(block)[:, None]
    if not chosen.any():
        return {'count': [], 'confidence': [], 'accuracy': []}
    confidence = np.clip(given.confidence[chosen].astype(np.float64), 0.0, 1.0)
    found = reliability(confidence, given.correct[chosen])
    return {
        'count': found.count.tolist(),
        'confidence': found.confidence.tolist(),
        'accuracy': found.accuracy.tolist(),
    }


def _estimate(given: Estimate) -> dict[str, Any]:
    return {'difference': given.value, 'ci95': [given.low, given.high]}


def _rounded(value: Any) -> Any:
    """Plain lists and numbers, five digits after the point, no NaN (JSON has none)."""
    if isinstance(value, Mapping):
        return {str(key): _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    if isinstance(value, float | np.floating):
        return round(float(value), _DIGITS) if np.isfinite(value) else None
    if isinstance(value, np.integer):
        return int(value)
    return value
