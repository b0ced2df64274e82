"""`omnibind simulate objects`: generate OmniHome, the simulated household data set."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from functools import partial
import json
from pathlib import Path
import sys
import time
from typing import Any
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omnibind_core.simulation.generate import Generated
    from omnibind_core.simulation.instance_shard import Outcome

EXAMPLE = 'omnibind simulate objects --config config/omnihome.yaml --out data/omnihome'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    parser.add_argument('--config', type=Path, required=True, help='YAML file')
    parser.add_argument(
        '--out', type=Path, required=True, help='folder of the data set; run again, it goes on'
    )
    parser.add_argument('--workers', type=int, default=2, help='processes (default 2)')
    parser.add_argument(
        '--limit', type=int, default=0, help='only so many instances of each class, to try it'
    )
    parser.add_argument(
        '--only-fold', default='', help='only instances in this fold of the first split'
    )
    parser.add_argument('--json', type=Path, metavar='FILE', help='write time, size, hash as JSON')


def run(arguments: argparse.Namespace) -> int:
    """Generate; 1 if an instance could not be, with one sentence for each."""
    from omnibind_core.cli.progress import Progress
    from omnibind_core.data.atomic_file import write_atomically
    from omnibind_core.data.class_map import ClassMap
    from omnibind_core.data.data_card import FUNNEL_NAME
    from omnibind_core.data.data_card import GENERATION_NAME
    from omnibind_core.data.record import FOLDS
    from omnibind_core.errors import ConfigError
    from omnibind_core.errors import Problem
    from omnibind_core.simulation.generate import generate
    from omnibind_core.simulation.household import HouseholdStage
    from omnibind_core.simulation.household import read_household
    from omnibind_core.simulation.omnihome import read_omnihome
    from omnibind_core.simulation.plan import selection

    problems = []
    if not 1 <= arguments.workers <= 256:
        problems.append(Problem('--workers', str(arguments.workers), '1 to 256'))
    if arguments.limit < 0:
        problems.append(Problem('--limit', str(arguments.limit), '0 (all) or more'))
    if arguments.only_fold not in ('', *FOLDS):
        problems.append(Problem('--only-fold', repr(arguments.only_fold), ', '.join(FOLDS)))
    if problems:
        raise ConfigError('arguments', problems)
    settings = read_omnihome(arguments.config)
    household = read_household(settings)
    planned = selection(household.planned, limit=arguments.limit, fold=arguments.only_fold)
    progress = Progress(len(planned), 'instances')

    def report(outcome: Outcome) -> None:
        if outcome.problem:
            progress.say(f'left out: {outcome.problem}')
        progress.step()

    started = time.monotonic()
    done = generate(
        arguments.out,
        planned,
        begin=partial(HouseholdStage, settings),
        seed=settings.seed,
        classes=ClassMap(tuple(household.curation.classes())),
        configuration=settings.content(),
        workers=arguments.workers,
        report=report,
    )
    elapsed = time.monotonic() - started
    failed = len(done.problems)
    print(
        f'{len(done.outcomes) - failed} instances ({done.resumed} of them from before), '
        f'{done.readings} readings, {done.size / 1e6:.0f} MB, {elapsed / 60:.1f} min'
    )
    print(f'total hash {done.total_hash}')
    summary = json.dumps(_summary(done, elapsed, arguments.workers), indent=2) + '\n'
    funnel = json.dumps([asdict(step) for step in household.curation.funnel], indent=2) + '\n'
    write_atomically(arguments.out / FUNNEL_NAME, funnel)
    if len(done.outcomes) > done.resumed:  # a run that only looked on took no time worth telling
        write_atomically(arguments.out / GENERATION_NAME, summary)
    if arguments.json is not None:
        arguments.json.write_text(summary)
    if failed:
        print(f'error: {failed} instance(s) could not be generated:', file=sys.stderr)
        for problem in done.problems:
            print(f'  {problem}', file=sys.stderr)
        return 1
    return 0


def _summary(done: Generated, elapsed: float, workers: int) -> dict[str, Any]:
    spent: dict[str, float] = {}
    for outcome in done.outcomes:
        for name, seconds in outcome.seconds.items():
            spent[name] = spent.get(name, 0.0) + seconds
    return {
        'instances': len(done.outcomes) - len(done.problems),
        'resumed': done.resumed,
        'failed': list(done.problems),
        'readings': done.readings,
        'bytes': done.size,
        'seconds': round(elapsed, 1),
        'workers': workers,
        'total_hash': done.total_hash,
        'process_seconds': {name: round(value, 2) for name, value in spent.items()},
    }
