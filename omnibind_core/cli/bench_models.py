"""`omnibind bench models`: how long a bundle's encoders and its fusion take on this machine."""

from __future__ import annotations

import argparse
from pathlib import Path

from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem

EXAMPLE = 'omnibind bench models --bundle bundles/omnihome --repeats 200 --json models.json'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    add = parser.add_argument
    add('--bundle', type=Path, required=True, metavar='DIR', help='bundle to time')
    add('--repeats', type=int, default=200, metavar='N', help='how often each is timed (200)')
    add('--threads', type=int, default=1, metavar='N', help='of each encoder (1)')
    add('--json', type=Path, metavar='FILE', help='write the figures as JSON')


def run(arguments: argparse.Namespace) -> int:
    """Measure and print; a ConfigError for a wrong number or a file that exists."""
    problems = []
    if not 1 <= arguments.repeats <= 100_000:
        problems.append(Problem('--repeats', str(arguments.repeats), '1 to 100000'))
    if not 1 <= arguments.threads <= 256:
        problems.append(Problem('--threads', str(arguments.threads), '1 to 256'))
    if arguments.json is not None and arguments.json.exists():
        problems.append(Problem('--json', f'{arguments.json}, which exists', 'a new file'))
    if problems:
        raise ConfigError('omnibind bench models', problems)

    from dataclasses import asdict
    import json
    import time

    from omnibind_core.evaluation import model_benchmark
    from omnibind_core.evaluation.preprocessing_benchmark import machine

    recognizer, loading = model_benchmark.load(
        arguments.bundle,
        threads=arguments.threads,
        clock=time.perf_counter,
        resident=model_benchmark.resident_megabytes,
    )
    print(
        f'{recognizer.bundle_id}: loaded in {loading.seconds:.2f} s, {loading.megabytes:.0f} MB, '
        f'first runs {sum(loading.first_ms.values()):.0f} ms; back end {recognizer.backend}, '
        f'{arguments.threads} thread{"" if arguments.threads == 1 else "s"}'
    )
    print(model_benchmark.HEADER, flush=True)
    timings = []
    for timing in model_benchmark.measure(
        recognizer, repeats=arguments.repeats, clock=time.perf_counter
    ):
        timings.append(timing)
        print(model_benchmark.line(timing), flush=True)
    if arguments.json is not None:
        document = {
            'machine': machine(),
            'bundle': recognizer.bundle_id,
            'threads': arguments.threads,
            'loading': asdict(loading),
            'timings': [asdict(timing) for timing in timings],
        }
        arguments.json.write_text(json.dumps(document, indent=2) + '\n', encoding='utf-8')
    return 0
