"""`docs/results.md`, made from what finished runs left in `docs/results/`.

`cad/` holds the ablation of stage 1, `fusion/` the fusions by seed and split, `notes.md` what is
said by hand: what failed, and what the figures do not show.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path

from omnibind_core.evaluation.corruption_plan import GARBLED
from omnibind_core.evaluation.results.fusion_result import FusionResult
from omnibind_core.evaluation.results.fusion_result import read_fusion_results
from omnibind_core.evaluation.results.fusion_table import fusion_table
from omnibind_core.evaluation.results.fusion_table import FusionTable
from omnibind_core.evaluation.statistics.bootstrap import Estimate
from omnibind_core.evaluation.statistics.bootstrap import RESAMPLES
from omnibind_core.evaluation.subsets.document import LEARNED
from omnibind_core.evaluation.subsets.goals import HARMLESS
from omnibind_core.evaluation.subsets.goals import LEVEL
from omnibind_core.evaluation.subsets.goals import MARGIN
from omnibind_core.evaluation.subsets.methods import TITLES

MIX = 'mix'
NOTES = 'notes.md'
_WORST = 10
_CONDITIONS = {
    'garbled': 'one of three or more garbled, severity 5',
    'corrupted': 'one of two or more corrupted, severity 5',
    'nothing': 'one of two or more with nothing to sense',
}
_VARIANTS = {'mix': 'a mix of both', 'instance': 'same instance', 'class': 'any of the class'}


def results_page(
    folder: Path, *, ablation: Callable[[Path], str], resamples: int = RESAMPLES
) -> str:
    """The page as Markdown; sections without a finished run say so.

    :param folder: ``docs/results``.
    :param ablation: makes the table of stage 1 from a folder.
    :raises ResultError: a file is no result of a run; names it.
    """
    fusion = read_fusion_results(folder / 'fusion') if (folder / 'fusion').is_dir() else []
    cad = folder / 'cad'
    parts = [
        '# Results',
        '',
        'Made by `omnibind evaluate results` from the files in `results/`; do not edit it. '
        'All data is simulated (OmniHome). Nothing was chosen on the test fold. Brackets are 95 % '
        'intervals.',
        '',
        *_stage_one(cad, ablation),
        *_stage_two(fusion, resamples),
    ]
    notes = folder / NOTES
    if notes.is_file():
        parts += [notes.read_text(encoding='utf-8').strip(), '']
    return '\n'.join(parts).rstrip() + '\n'


def _stage_one(folder: Path, ablation: Callable[[Path], str]) -> list[str]:
    head = [
        '## Stage 1: what each term of alignment distillation is worth',
        '',
    ]
    if not folder.is_dir() or not any(folder.glob('*/*.json')):
        return [*head, 'No run has finished yet.', '']
    return [
        *head,
        'Test top-1 in percent of one sensor alone, split 0; in parentheses how many seeds. '
        '`scratch` learns from labels alone; differences are in points to `in` (L_in alone), '
        'paired by instance. Intervals: bootstrap over test instances.',
        '',
        ablation(folder).strip(),
        '',
    ]


def _stage_two(results: Sequence[FusionResult], resamples: int) -> list[str]:
    head = ['## Stage 2: fusing whatever arrived', '']
    mixed = [item for item in results if item.variant == MIX]
    if not mixed:
        return [*head, 'No run has finished yet.', '']
    table = fusion_table(mixed, resamples=resamples)
    runs = '; '.join(
        f'split {split}: seeds {", ".join(str(seed) for seed in seeds)}'
        for split, seeds in table.runs.items()
    )
    return [
        *head,
        f'{len(mixed)} trained fusions ({runs}), on the test fold. Top-1 in percent, mean over the '
        'subsets of two and more sensors, over seeds, and over splits. Drawn again in the '
        f'{resamples} draws of the bootstrap are the instances and the seeds; p-values are '
        "two-sided, Holm's over the four baselines.",
        '',
        *_methods(table, mixed),
        f'Standard deviation of the adaptive fusion between seeds: {100 * table.seeds_sd:.2f} '
        'points.'
        if table.seeds_sd == table.seeds_sd
        else 'One seed a split so far: nothing is known of what seeds do.',
        '',
        *_goals(table),
        *_spoilt(table),
        *_worst(table),
        *_cells(results, resamples),
    ]


def _methods(table: FusionTable, results: Sequence[FusionResult]) -> list[str]:
    against = {item.second: item for item in table.comparisons}
    splits = list(table.by_split)
    head = ['method', 'same instance', *(f'split {split}' for split in splits)]
    head += ['adaptive fusion minus it', 'p (Holm)', 'any of the class', 'NLL', 'ECE, %']
    rows = []
    for name, value in table.accuracy.items():
        versus = against.get(name)
        means = {
            key: sum(item.mean[name][key] for item in results) / len(results)
            for key in ('nll', 'ece')
            if all(key in item.mean.get(name, {}) for item in results)
        }
        rows.append(
            [
                TITLES.get(name, name),
                _percent(value),
                *(f'{100 * table.by_split[split][name]:.1f}' for split in splits),
                _points(versus.difference) if versus else '',
                f'{versus.p_holm:.4f}' if versus else '',
                _percent(table.by_class[name]),
                f'{means["nll"]:.3f}' if 'nll' in means else '',
                f'{100 * means["ece"]:.1f}' if 'ece' in means else '',
            ]
        )
    return [*_table(head, rows), '']


def _goals(table: FusionTable) -> list[str]:
    against = {item.second: item for item in table.comparisons}
    product = against['product']
    harmful = [item for item in table.added if item.p_holm <= LEVEL and item.difference.value < 0]
    rows = [
        [
            'significantly above the calibrated product',
            f'{_points(product.difference)}, p {product.p_holm:.4f}',
            _verdict(product.difference.value > 0 and product.p_holm <= LEVEL),
        ],
        *(
            [
                f'{100 * MARGIN:.2f} points above {title}',
                _points(against[name].difference),
                _verdict(against[name].difference.value >= MARGIN),
            ]
            for name, title in (
                ('mean', 'the mean of embeddings'),
                ('max_confidence', 'the most confident sensor'),
            )
        ),
    ]
    if table.added:
        rows.append(
            [
                'no added sensor is significantly worse (one-sided, Holm over the pairs)',
                f'{len(harmful)} of {len(table.added)}',
                _verdict(not harmful),
            ]
        )
    if GARBLED in table.spoilt:
        own, mean = table.spoilt[GARBLED][LEARNED], table.spoilt[GARBLED]['mean']
        rows.append(
            [
                'one of three or more garbled: within 2 points of not having it',
                f'{_points(own)}; mean of embeddings {_points(mean)}',
                _verdict(own.value >= HARMLESS),
            ]
        )
    return [*_table(['goal', 'measured, points', ''], rows), '']


def _spoilt(table: FusionTable) -> list[str]:
    if not table.spoilt:
        return []
    conditions = list(table.spoilt)
    rows = [
        [TITLES.get(name, name), *(_points(table.spoilt[key][name]) for key in conditions)]
        for name in table.accuracy
    ]
    head = ['method', *(_CONDITIONS.get(key, key) for key in conditions)]
    text = 'A spoilt sensor against not having it, points, mean over subsets and spoilt sensors:'
    return [text, '', *_table(head, rows), '']


def _worst(table: FusionTable) -> list[str]:
    if not table.added:
        return []
    rows = [
        [
            ' + '.join(item.subset),
            item.sensor,
            _points(item.difference),
            f'{item.difference.p_below:.4f}',
            f'{item.p_holm:.3f}',
        ]
        for item in table.added[:_WORST]
    ]
    head = ['to', 'add', 'points', 'p (one-sided)', 'p (Holm)']
    return ['The ten worst additions of a sensor, adaptive fusion:', '', *_table(head, rows), '']


def _cells(results: Sequence[FusionResult], resamples: int) -> list[str]:
    """What the fusion was trained on against what it is tested on."""
    variants = [name for name in _VARIANTS if any(item.variant == name for item in results)]
    if len(variants) < 2:
        return []
    rows = []
    for name in variants:
        own = fusion_table([item for item in results if item.variant == name], resamples=resamples)
        runs = sum(len(seeds) for seeds in own.runs.values())
        rows.append(
            [
                f'{_VARIANTS[name]} ({runs} runs)',
                _percent(own.accuracy[LEARNED]),
                _percent(own.by_class[LEARNED]),
            ]
        )
    head = ['adaptive fusion trained on', 'tested: same instance', 'tested: any of the class']
    return ['What tuples the fusion is trained and tested on:', '', *_table(head, rows), '']


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [f'| {" | ".join(head)} |', f'|{"---|" * len(head)}']
    return lines + [f'| {" | ".join(row)} |' for row in rows]


def _verdict(met: bool) -> str:
    return 'met' if met else '**missed**'


def _percent(found: Estimate) -> str:
    return f'{100 * found.value:.1f} [{100 * found.low:.1f}, {100 * found.high:.1f}]'


def _points(found: Estimate) -> str:
    return f'{100 * found.value:+.2f} [{100 * found.low:+.2f}, {100 * found.high:+.2f}]'
