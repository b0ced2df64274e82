"""`omnibind bench window`: the adaptive window on simulated traffic, beside ROS's synchronizer."""

from __future__ import annotations

import argparse
from pathlib import Path

from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem

EXAMPLE = 'omnibind bench window --duration 60 --seed 1 --json window.json'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    parser.add_argument('--seed', type=int, default=0, metavar='N', help='of the simulation (0)')
    parser.add_argument(
        '--duration', type=float, default=60.0, metavar='S', help='seconds of traffic (60)'
    )
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the figures as JSON')


def run(arguments: argparse.Namespace) -> int:
    """Simulate and print; a ConfigError for a wrong number or a file that exists."""
    problems = []
    if arguments.seed < 0:
        problems.append(Problem('--seed', str(arguments.seed), 'a whole number >= 0'))
    if not 5.0 <= arguments.duration <= 3600.0:
        problems.append(Problem('--duration', f'{arguments.duration:g}', '5 to 3600 s'))
    if arguments.json is not None and arguments.json.exists():
        problems.append(Problem('--json', f'{arguments.json}, which exists', 'a new file'))
    if problems:
        raise ConfigError('omnibind bench window', problems)

    import json
    import time

    from omnibind_core.evaluation import window_benchmark
    from omnibind_core.evaluation.window_scenarios import SCENARIOS
    from omnibind_core.streaming.config import WindowConfig

    config = WindowConfig()
    settings = {'duration': arguments.duration, 'seed': arguments.seed}
    print(window_benchmark.HEADER, flush=True)
    rows = []
    for figures in window_benchmark.measure(SCENARIOS, config, **settings):
        rows.append(figures)
        print(window_benchmark.line(figures), flush=True)
    print(window_benchmark.remarks(rows))
    spent = window_benchmark.cost(sensors=10, seed=arguments.seed, clock=time.thread_time_ns)
    print(
        f'receive() and poll() together, {spent.sensors} sensors: median {spent.median:.0f} us, '
        f'p99 {spent.p99:.0f} us of CPU time'
    )
    if arguments.json is not None:
        document = window_benchmark.document(rows, spent, config, **settings)
        arguments.json.write_text(json.dumps(document, indent=2) + '\n', encoding='utf-8')
    return 0
