"""`omnibind train fusion`: stage 2, the adaptive fusion of the students' embeddings."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from collections.abc import Mapping
import json
from pathlib import Path
from typing import TYPE_CHECKING

from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem

if TYPE_CHECKING:
    from omnibind_core.data.embedding_table import EmbeddingTable
    from omnibind_core.training.fusion_settings import FusionSettings

EXAMPLE = (
    'omnibind train fusion --data data/omnihome --encoders runs/cad_0 --teacher runs/teacher_0 '
    '--split 0 --seed 0 --out runs/fusion_0_0'
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    add = parser.add_argument
    add('--out', type=Path, required=True, metavar='DIR', help='folder of the run')
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument('--data', type=Path, metavar='DIR', help='data set, or its manifest')
    source.add_argument(
        '--table', type=Path, metavar='FILE', help='embeddings made before, instead of data'
    )
    add(
        '--encoders',
        type=Path,
        nargs='+',
        default=[],
        metavar='RUN',
        help='runs of `omnibind train cad`, or folders of them',
    )
    add('--teacher', type=Path, metavar='RUN', help='the run of `omnibind train teacher`')
    add('--split', type=int, default=0, metavar='N', help='of the data set (0)')
    add('--seed', type=int, metavar='N', help='of everything drawn (as configured)')
    add(
        '--config',
        type=Path,
        default=Path('config/train_fusion.yaml'),
        metavar='FILE',
        help='settings (config/train_fusion.yaml)',
    )
    add('--drawn', type=int, default=2, metavar='N', help='corruptions of each reading (2)')
    add(
        '--without',
        action='append',
        default=[],
        metavar='KIND',
        help='corruption never drawn: noise, or thermal:noise; may be given several times',
    )
    add('--cache', type=Path, metavar='DIR', help='embeddings by content, to go on after a stop')
    add('--write-table', type=Path, metavar='FILE', help='keep the embeddings of --data')
    add('--workers', type=int, default=1, metavar='N', help='processes that prepare (1)')
    add('--threads', type=int, default=1, metavar='N', help='of the training (1)')
    add('--json', type=Path, metavar='FILE', help='write the result as JSON')


def run(arguments: argparse.Namespace) -> int:
    """Embed or read a table, train, export."""
    settings = _settings(arguments)

    import torch

    from omnibind_core.cli.progress import Progress
    from omnibind_core.training.fusion import FusionTask
    from omnibind_core.training.fusion import train_fusion

    torch.set_num_threads(arguments.threads)
    table, encoders = _table(arguments)
    progress = Progress(max(settings.epochs, 1), 'epochs')

    def show(row: Mapping[str, float]) -> None:
        progress.reach(int(row['epoch']) + 1)

    finished = train_fusion(FusionTask(table, settings, encoders), arguments.out, observe=show)
    training = finished.document.training
    for pairing, figures in training['val'].items():
        said = ', '.join(f'{name} {100.0 * value:.1f}' for name, value in figures.items())
        print(f'val, by {pairing}, two or more sensors, top-1 in %: {said}')
    print(
        f'{finished.folder}: {", ".join(finished.document.modalities)}; val nll '
        f'{training["val_nll"]:.3f} (product {training["val_nll_product"]:.3f}), best of '
        f'{training["epochs"]} epochs {training["best_epoch"]}, abstains below '
        f'{finished.document.calibration.abstain_below:.3f}'
    )
    if arguments.json is not None:
        result = {'folder': str(finished.folder), **training}
        arguments.json.write_text(json.dumps(result, indent=2) + '\n', encoding='utf-8')
    return 0


def _settings(arguments: argparse.Namespace) -> FusionSettings:
    """The configured settings with what the command line changes."""
    from omnibind_core.training.fusion_settings import read_fusion_settings

    problems = [
        Problem(f'--{name}', str(getattr(arguments, name)), f'a whole number >= {least}')
        for name, least in (('threads', 1), ('workers', 0), ('split', 0), ('drawn', 0), ('seed', 0))
        if getattr(arguments, name) is not None and getattr(arguments, name) < least
    ]
    if arguments.data is not None:
        problems += [
            Problem(f'--{name}', '', 'needed with --data')
            for name in ('encoders', 'teacher')
            if not getattr(arguments, name)
        ]
    if arguments.write_table is not None:
        if arguments.data is None:
            problems.append(Problem('--write-table', 'no --data', 'only with --data'))
        elif arguments.write_table.exists():
            given = f'{arguments.write_table}, which exists'
            problems.append(Problem('--write-table', given, 'a new file'))
    if problems:
        raise ConfigError('omnibind train fusion', problems)
    settings = read_fusion_settings(arguments.config)
    return settings if arguments.seed is None else settings.changed(seed=arguments.seed)


def _table(arguments: argparse.Namespace) -> tuple[EmbeddingTable, dict[str, str]]:
    """The embeddings, and the digests of the encoders that made them."""
    from omnibind_core.cli.progress import Progress
    from omnibind_core.evaluation.corruption_plan import CorruptionPlan
    from omnibind_core.training.fusion_sources import embedded
    from omnibind_core.training.fusion_sources import students_in
    from omnibind_core.training.fusion_sources import table_in

    students = students_in(arguments.encoders) if arguments.encoders else {}
    digests = {name: run.document.sha256 for name, run in students.items()}
    if arguments.table is not None:
        return table_in(arguments.table), digests

    def begin(total: int) -> Callable[[int], None]:
        return Progress(total, 'readings').step

    table = embedded(
        arguments.data,
        students,
        arguments.teacher,
        split=arguments.split,
        plan=CorruptionPlan(drawn=arguments.drawn, without=tuple(arguments.without)),
        cache=arguments.cache,
        workers=arguments.workers,
        begin=begin,
    )
    if arguments.write_table is not None:
        table.save(arguments.write_table)
    return table, digests
