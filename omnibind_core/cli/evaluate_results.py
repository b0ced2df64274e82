"""`omnibind evaluate results`: the page of results from what finished runs left."""

from __future__ import annotations

import argparse
from pathlib import Path

from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem

EXAMPLE = 'omnibind evaluate results --runs docs/results --out docs/results.md'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    add = parser.add_argument
    add(
        '--runs',
        type=Path,
        default=Path('docs/results'),
        metavar='DIR',
        help="finished runs' files: cad/, fusion/, notes.md (docs/results)",
    )
    add('--out', type=Path, required=True, metavar='FILE', help='page to write, replaced if there')
    add('--resamples', type=int, default=20_000, metavar='N', help='draws of the bootstrap (20000)')


def run(arguments: argparse.Namespace) -> int:
    """Read, calculate, write."""
    problems = []
    if not arguments.runs.is_dir():
        problems.append(Problem('--runs', str(arguments.runs), 'a folder that exists'))
    if not arguments.out.resolve().parent.is_dir():
        problems.append(Problem('--out', str(arguments.out), 'a file in a folder that exists'))
    if arguments.resamples < 100:
        problems.append(Problem('--resamples', str(arguments.resamples), 'at least 100'))
    if problems:
        raise ConfigError('omnibind evaluate results', problems)

    from omnibind_core.data.atomic_file import write_atomically
    from omnibind_core.evaluation.results.page import results_page
    from omnibind_core.training.ablation_table import ablation_rows
    from omnibind_core.training.ablation_table import markdown
    from omnibind_core.training.ablation_table import read_results

    def ablation(folder: Path) -> str:
        return markdown(ablation_rows(read_results(folder)))

    text = results_page(arguments.runs, ablation=ablation, resamples=arguments.resamples)
    write_atomically(arguments.out, text)
    print(f'{arguments.out}: {len(text.splitlines())} lines')
    return 0
