"""`omnibind evaluate subsets`: every subset of the sensors by every way of fusing; a report."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any
from typing import TYPE_CHECKING

from omnibind_core.data.record import FOLDS
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem

if TYPE_CHECKING:
    from omnibind_core.data.embedding_table import EmbeddingTable
    from omnibind_core.evaluation.subsets.methods import Fuser
    from omnibind_core.inference.bundle import Bundle

EXAMPLE = (
    'omnibind evaluate subsets --bundle bundle --data data/omnihome --json subsets.json '
    '--html subsets.html'
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    add = parser.add_argument
    add('--bundle', type=Path, required=True, metavar='DIR', help='bundle to evaluate')
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument('--data', type=Path, metavar='DIR', help='data set, or its manifest')
    source.add_argument(
        '--table', type=Path, metavar='FILE', help='embeddings made before, instead of data'
    )
    add('--json', type=Path, required=True, metavar='FILE', help='write all figures')
    add('--html', type=Path, metavar='FILE', help='write a report with pictures')
    add('--predictions', type=Path, metavar='FILE', help='per-sample predictions (beside --json)')
    add('--summary', type=Path, metavar='FILE', help='write the small result that tables take')
    add('--fold', default='test', choices=FOLDS, help='fold that is evaluated (test)')
    add('--split', type=int, default=0, metavar='N', help='split of the data set (0)')
    add('--seed', type=int, default=0, metavar='N', help='of what is drawn (0)')
    add('--resamples', type=int, metavar='N', help='draws of the bootstrap (20000)')
    add('--fusion', type=Path, metavar='DIR', help="fusion's run folder, instead of the bundle's")
    add('--garbled-views', type=int, default=2, metavar='N', help='views garbled (2 an instance)')
    add('--curve-views', type=int, default=1, metavar='N', help='views at all severities (1)')
    add('--workers', type=int, default=1, metavar='N', help='processes that prepare (1)')
    add('--cache', type=Path, metavar='DIR', help='embeddings by content, to go on after a stop')
    add('--write-table', type=Path, metavar='FILE', help='keep the embeddings of --data')
    add(
        '--untrained',
        type=Path,
        metavar='PATH',
        help='for a map without distillation: embeddings, or, with --data, a folder of run folders',
    )
    add('--overwrite', action='store_true', help='replace files that exist')


def run(arguments: argparse.Namespace) -> int:
    """Embed or read a table, evaluate, print the summary, write the files."""
    if arguments.predictions is None:
        arguments.predictions = arguments.json.with_suffix('.npz')
    _check(arguments)

    import json

    from omnibind_core.cli.progress import Progress
    from omnibind_core.data.atomic_file import write_atomically
    from omnibind_core.data.embedding_table import read_embedding_table
    from omnibind_core.evaluation.statistics.bootstrap import RESAMPLES
    from omnibind_core.evaluation.subsets.document import document
    from omnibind_core.evaluation.subsets.evaluate import evaluate
    from omnibind_core.evaluation.subsets.evaluate import Plan
    from omnibind_core.evaluation.subsets.predictions import write_predictions
    from omnibind_core.evaluation.subsets.print_summary import lines
    from omnibind_core.evaluation.subsets.settings import settings_of
    from omnibind_core.evaluation.subsets.table_check import check_table
    from omnibind_core.inference.bundle import open_bundle

    def begin(unit: str) -> Callable[[int], Callable[[int], None]]:
        return lambda total: Progress(total, unit).step

    bundle = open_bundle(arguments.bundle)
    plan = Plan(
        fold=arguments.fold,
        seed=arguments.seed,
        resamples=arguments.resamples or RESAMPLES,
        threshold=bundle.manifest.calibration.abstain_below,
    )
    fuser, about_fusion = _fusion(arguments, bundle)
    about: dict[str, Any] = {
        'bundle': bundle.manifest.bundle_id,
        'space': bundle.manifest.space,
        'split': arguments.split,
        'fusion': about_fusion,
    }
    if arguments.table is not None:
        table = read_embedding_table(arguments.table)
        check_table(arguments.table, table, bundle)
        about |= {'data': arguments.table.name, 'simulated': _simulated(bundle)}
    else:
        table, origin = _embedded(arguments, bundle, begin('readings'))
        about |= origin
    maps = {}
    if arguments.html is not None:
        if arguments.untrained is not None:
            maps['Without distillation'] = _untrained(arguments, bundle, begin('readings'))
        maps['With distillation'] = table
    settings = settings_of(table, bundle.manifest, table.modalities)
    measured = evaluate(table, settings, plan, fuser=fuser, begin=begin('steps'))
    found = document(measured, about)
    print('\n'.join(lines(found)))
    write_predictions(arguments.predictions, measured)
    write_atomically(arguments.json, _json(found, json))
    if arguments.summary is not None:
        from omnibind_core.evaluation.results.fusion_result import fusion_result

        small = fusion_result(measured, about, found)
        write_atomically(arguments.summary, json.dumps(small, separators=(',', ':')) + '\n')
    if arguments.html is not None:
        from omnibind_core.evaluation.report.subset_report import subset_report

        write_atomically(arguments.html, subset_report(found, maps))
    return 0


def _check(arguments: argparse.Namespace) -> None:
    problems = [
        Problem(f'--{name.replace("_", "-")}', str(getattr(arguments, name)), f'at least {least}')
        for name, least in (
            ('split', 0),
            ('seed', 0),
            ('garbled_views', 0),
            ('curve_views', 0),
            ('workers', 0),
            ('resamples', 100),
        )
        if getattr(arguments, name) is not None and getattr(arguments, name) < least
    ]
    for name in ('json', 'html', 'predictions', 'summary', 'write_table'):
        path = getattr(arguments, name)
        option = f'--{name.replace("_", "-")}'
        if path is None:
            continue
        if path.exists() and not arguments.overwrite:
            given = f'{path}, which exists'
            problems.append(Problem(option, given, 'a new file, or say --overwrite'))
        if not path.resolve().parent.is_dir():
            problems.append(Problem(option, f'{path}', 'a file in a folder that exists'))
    if arguments.write_table is not None and arguments.data is None:
        problems.append(Problem('--write-table', 'no --data', 'only with --data'))
    if arguments.untrained is not None and arguments.html is None:
        problems.append(Problem('--untrained', 'no --html', 'only with --html'))
    if arguments.untrained is not None and arguments.untrained.is_dir() and not arguments.data:
        problems.append(Problem('--untrained', 'a folder without --data', 'embeddings, or --data'))
    if problems:
        raise ConfigError('omnibind evaluate subsets', problems)


def _embedded(
    arguments: argparse.Namespace, bundle: Bundle, begin: Callable[[int], Callable[[int], None]]
) -> tuple[EmbeddingTable, dict[str, Any]]:
    """The data set's readings as a table: the fold, and val for what is chosen."""
    from omnibind_core.cli.data_choice import check_split
    from omnibind_core.data.manifest import read_manifest
    from omnibind_core.data.origin import is_simulated
    from omnibind_core.evaluation.corruption_plan import CorruptionPlan
    from omnibind_core.evaluation.embed import embed_fold
    from omnibind_core.evaluation.encoders import encoders_of
    from omnibind_core.evaluation.subsets.settings import VAL
    from omnibind_core.inference.bundle_models import open_text

    manifest = read_manifest(arguments.data)
    check_split(manifest, arguments.split, arguments.fold)
    there = {record.folds[arguments.split] for record in manifest.records}
    folds = [arguments.fold, *([VAL] if VAL in there and arguments.fold != VAL else [])]
    table = embed_fold(
        manifest,
        encoders_of(bundle),
        bundle.labels(),
        folds=folds,
        split=arguments.split,
        plan=CorruptionPlan(
            garbled_views=arguments.garbled_views,
            curve_views=arguments.curve_views,
            folds=(arguments.fold,),
            seed=arguments.seed,
        ),
        text=open_text(bundle) if bundle.manifest.text is not None else None,
        cache=arguments.cache,
        workers=arguments.workers,
        begin=begin,
    )
    if arguments.write_table is not None:
        table.save(arguments.write_table)
    return table, {'data': manifest.root.name, 'simulated': is_simulated(manifest)}


def _untrained(
    arguments: argparse.Namespace, bundle: Bundle, begin: Callable[[int], Callable[[int], None]]
) -> EmbeddingTable:
    """Embeddings of the fold by other students, which need not share the bundle's space."""
    from omnibind_core.data.embedding_table import read_embedding_table
    from omnibind_core.data.manifest import read_manifest
    from omnibind_core.evaluation.corruption_plan import CorruptionPlan
    from omnibind_core.evaluation.embed import embed_fold
    from omnibind_core.evaluation.encoders import encoders_of_runs

    if not arguments.untrained.is_dir():
        return read_embedding_table(arguments.untrained)
    return embed_fold(
        read_manifest(arguments.data),
        encoders_of_runs(arguments.untrained),
        bundle.labels(),
        folds=[arguments.fold],
        split=arguments.split,
        plan=CorruptionPlan(nothing=False),
        cache=arguments.cache,
        workers=arguments.workers,
        begin=begin,
    )


def _simulated(bundle: Bundle) -> bool | None:
    """Whether the bundle says that it was made from simulated data; ``None`` where it says not."""
    entries = bundle.manifest.modalities.values()
    said = [entry.training['simulated'] for entry in entries if 'simulated' in entry.training]
    return any(said) if said else None


def _fusion(
    arguments: argparse.Namespace, bundle: Bundle
) -> tuple[Fuser | None, dict[str, Any] | None]:
    """The learned fusion and what is known of its training."""
    from omnibind_core.inference.bundle_models import open_fusion
    from omnibind_core.inference.fusion_session import FusionSession

    if arguments.fusion is None:
        entry = bundle.manifest.fusion
        return open_fusion(bundle), dict(entry.training) if entry is not None else None
    from omnibind_core.errors import SpaceError
    from omnibind_core.training.fusion_run import FILES
    from omnibind_core.training.fusion_run import read_fusion_run

    found = read_fusion_run(arguments.fusion)
    if found.document.space != bundle.manifest.space:
        path = arguments.fusion / FILES.document
        raise SpaceError(f'{path}: space', found.document.space, bundle.manifest.space)
    session = FusionSession(
        found.model,
        name=str(arguments.fusion / FILES.model),
        modalities=found.document.modalities,
        dimension=found.document.dimension,
    )
    return session, dict(found.document.training)


def _json(found: dict[str, Any], json: Any) -> str:
    """JSON with one row a line where there are many rows."""
    parts = []
    for key, value in found.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rows = ',\n  '.join(json.dumps(row) for row in value)
            parts.append(f' {json.dumps(key)}: [\n  {rows}\n ]')
        else:
            parts.append(f' {json.dumps(key)}: {json.dumps(value)}')
    return '{\n' + ',\n'.join(parts) + '\n}\n'
