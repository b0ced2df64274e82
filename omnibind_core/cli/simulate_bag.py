"""`omnibind simulate bag`: a robot's bag with six sensors that come and go, fail and lie."""

from __future__ import annotations

import argparse
from dataclasses import asdict
import json
from pathlib import Path
import time

EXAMPLE = 'omnibind simulate bag --profile lite --config config/bag_lite.yaml --out bags/lite'

_PROFILES = ('lite', 'full')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    parser.add_argument(
        '--profile',
        choices=_PROFILES,
        required=True,
        help='lite: 60 to 90 s, some MB, for demonstrations; full: more of everything, for load',
    )
    parser.add_argument('--config', type=Path, help='YAML file (default: config/bag_PROFILE.yaml)')
    parser.add_argument(
        '--out', type=Path, required=True, help='folder of the bag; it must not exist'
    )
    parser.add_argument('--json', type=Path, metavar='FILE', help='write time, size, hash as JSON')


def run(arguments: argparse.Namespace) -> int:
    """Make the bag."""
    from omnibind_core.cli.progress import Progress
    from omnibind_core.data.atomic_file import write_atomically
    from omnibind_core.errors import ConfigError
    from omnibind_core.errors import Problem
    from omnibind_core.simulation.bag.generate import make_bag
    from omnibind_core.simulation.bag.settings import read_bag_settings

    path = arguments.config or Path('config') / f'bag_{arguments.profile}.yaml'
    settings = read_bag_settings(path)
    if settings.profile != arguments.profile:
        problem = Problem('profile', settings.profile, f'{arguments.profile}, as --profile says')
        raise ConfigError(str(path), [problem])
    progress = Progress(len(settings.stops), 'stops')
    started = time.monotonic()
    made = make_bag(settings, arguments.out, progress.step)
    elapsed = time.monotonic() - started
    print(
        f'{settings.duration:g} s, {made.messages} messages of {len(made.instances)} things, '
        f'{made.size / 1e6:.1f} MB, made in {elapsed:.0f} s'
    )
    print(f'hash {made.sha256}')
    if arguments.json is not None:
        summary = {'seconds': round(elapsed, 1), 'duration_s': settings.duration, **asdict(made)}
        write_atomically(arguments.json, json.dumps(summary, indent=2) + '\n')
    return 0
