"""`omnibind bench preprocessing`: how long preprocessing takes, beside the usual way."""

from __future__ import annotations

import argparse
from pathlib import Path

from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem

EXAMPLE = 'omnibind bench preprocessing --repeats 200 --json preprocessing.json'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    parser.add_argument(
        '--repeats', type=int, default=100, metavar='N', help='how often each is timed (100)'
    )
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the figures as JSON')


def run(arguments: argparse.Namespace) -> int:
    """Measure and print; a ConfigError for a wrong number or a file that exists."""
    problems = []
    if not 1 <= arguments.repeats <= 100_000:
        problems.append(Problem('--repeats', str(arguments.repeats), '1 to 100000'))
    if arguments.json is not None and arguments.json.exists():
        problems.append(Problem('--json', f'{arguments.json}, which exists', 'a new file'))
    if problems:
        raise ConfigError('omnibind bench preprocessing', problems)

    import json
    import time

    from omnibind_core.evaluation import preprocessing_benchmark

    print(preprocessing_benchmark.threads())
    print(preprocessing_benchmark.HEADER, flush=True)
    measurements = []
    for measurement in preprocessing_benchmark.measure(
        preprocessing_benchmark.CASES, repeats=arguments.repeats, clock=time.perf_counter
    ):
        measurements.append(measurement)
        print(preprocessing_benchmark.line(measurement), flush=True)
    if arguments.json is not None:
        document = preprocessing_benchmark.document(measurements)
        arguments.json.write_text(json.dumps(document, indent=2) + '\n', encoding='utf-8')
    return 0
