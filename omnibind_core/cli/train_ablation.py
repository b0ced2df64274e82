"""`omnibind train ablation`: what each term of stage 1 is worth, at four amounts of data."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
import json
from pathlib import Path
from typing import Any

from omnibind_core.cli.train_cad import add_source_arguments
from omnibind_core.cli.train_cad import preparing
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.modalities.registry import SENSOR_NAMES

EXAMPLE = (
    'omnibind train ablation --data data/omnihome --teacher runs/teacher_0 '
    '--out docs/results/cad --minutes 60'
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    parser.add_argument(
        '--out', type=Path, required=True, help='folder of the results; goes on where it ended'
    )
    add_source_arguments(parser)
    parser.add_argument(
        '--plan',
        type=Path,
        default=Path('config/cad_ablation.yaml'),
        metavar='FILE',
        help='what is varied (config/cad_ablation.yaml)',
    )
    parser.add_argument('--modalities', metavar='LIST', help='of image,thermal,... (default: all)')
    parser.add_argument(
        '--processes', type=int, default=2, metavar='N', help='runs at a time, one thread each (2)'
    )
    parser.add_argument('--minutes', type=float, metavar='M', help='begin no run after these')
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the table as JSON')


def run(arguments: argparse.Namespace) -> int:
    """Prepare readings, do the missing runs, print the table of all there are."""
    names = tuple(arguments.modalities.split(',')) if arguments.modalities else SENSOR_NAMES
    problems = [
        Problem('--modalities', repr(name), ', '.join(SENSOR_NAMES))
        for name in names
        if name not in SENSOR_NAMES
    ]
    if arguments.processes < 1:
        problems.append(Problem('--processes', str(arguments.processes), 'a whole number >= 1'))
    if arguments.minutes is not None and not arguments.minutes >= 0.0:
        problems.append(Problem('--minutes', str(arguments.minutes), 'a number >= 0'))
    if problems:
        raise ConfigError('omnibind train ablation', problems)

    from omnibind_core.cli.progress import Progress
    from omnibind_core.configuration.reader import read
    from omnibind_core.configuration.yaml_file import read_yaml
    from omnibind_core.data.manifest import read_manifest
    from omnibind_core.training.ablation import ablate
    from omnibind_core.training.ablation import AblationSources
    from omnibind_core.training.ablation_plan import AblationRun
    from omnibind_core.training.ablation_plan import AblationSettings
    from omnibind_core.training.ablation_plan import planned_runs
    from omnibind_core.training.ablation_table import ablation_rows
    from omnibind_core.training.ablation_table import markdown
    from omnibind_core.training.ablation_table import read_results
    from omnibind_core.training.cad_settings import read_cad_settings
    from omnibind_core.training.cad_sources import task_of
    from omnibind_core.training.cad_sources import teacher_of
    from omnibind_core.training.student_readings import training_readings

    settings = read(AblationSettings, read_yaml(arguments.plan) or {}, source=str(arguments.plan))
    students = {name: read_cad_settings(arguments.config, name) for name in names}
    cache = arguments.cache or arguments.data.parent / 'prepared'
    manifest, teacher = read_manifest(arguments.data), teacher_of(arguments.teacher)
    budgets = {}
    for name in names:
        task = task_of(
            manifest,
            teacher,
            modality=name,
            split=settings.split,
            settings=students[name],
            cache=cache,
            workers=arguments.workers,
            observe=preparing(),
        )
        found = training_readings(
            task.prepared, teacher, split=settings.split, budget=students[name].budget, seed=0
        )
        budgets[name] = len(found)
    runs = planned_runs(settings, budgets)
    progress = Progress(sum(not (arguments.out / item.file).is_file() for item in runs), 'runs')

    def show(done: AblationRun, result: Mapping[str, Any]) -> None:
        progress.say(f'{done.file}: test top-1 {100.0 * result["test"]["top1"]:.1f} %')
        progress.step()

    outcome = ablate(
        AblationSources(arguments.data, arguments.teacher, cache, settings, students),
        runs,
        arguments.out,
        processes=arguments.processes,
        minutes=arguments.minutes,
        observe=show,
    )
    rows = ablation_rows(read_results(arguments.out))
    print(markdown(rows), end='')
    print(f'{outcome.finished} of {outcome.planned} runs finished')
    for sentence in outcome.failed:
        print(f'failed: {sentence}')
    if arguments.json is not None:
        from dataclasses import asdict

        document = {
            'finished': outcome.finished,
            'planned': outcome.planned,
            'failed': list(outcome.failed),
            'rows': [asdict(row) for row in rows],
        }
        arguments.json.write_text(json.dumps(document, indent=2) + '\n', encoding='utf-8')
    return 1 if outcome.failed else 0
