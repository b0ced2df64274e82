"""`omnibind simulate bag`: a robot's bag with six sensors that come and go, fail and lie."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from dataclasses import replace
import json
from pathlib import Path
import time
from typing import Any
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omnibind_core.simulation.bag.settings import BagSettings

EXAMPLE = 'omnibind simulate bag --profile lite --config config/bag_lite.yaml --out bags/lite'

_PROFILES = ('lite', 'full')
_MOST_SEEDS = 1000


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
    parser.add_argument(
        '--seeds',
        metavar='A-B',
        help='a bag for each of these seeds, in folders in --out named by them; those that exist '
        'are left as they are',
    )
    parser.add_argument(
        '--fold',
        choices=('test', 'val'),
        help='things of this fold, whatever the configuration says; val: to choose settings with',
    )
    parser.add_argument('--json', type=Path, metavar='FILE', help='write time, size, hash as JSON')


def run(arguments: argparse.Namespace) -> int:
    """Make the bag, or one for each seed."""
    from omnibind_core.data.atomic_file import write_atomically
    from omnibind_core.errors import ConfigError
    from omnibind_core.errors import Problem
    from omnibind_core.simulation.bag.settings import read_bag_settings

    path = arguments.config or Path('config') / f'bag_{arguments.profile}.yaml'
    settings = read_bag_settings(path)
    if settings.profile != arguments.profile:
        problem = Problem('profile', settings.profile, f'{arguments.profile}, as --profile says')
        raise ConfigError(str(path), [problem])
    if arguments.fold is not None:
        settings = replace(settings, fold=arguments.fold)
    if arguments.seeds is None:
        summary: Any = _made(settings, arguments.out)
    else:
        arguments.out.mkdir(parents=True, exist_ok=True)
        summary = []
        for seed in _seeds(arguments.seeds):
            out = arguments.out / str(seed)
            if out.exists():
                print(f'{out} exists and is left as it is')
            else:
                summary.append(_made(replace(settings, seed=seed), out))
    if arguments.json is not None:
        write_atomically(arguments.json, json.dumps(summary, indent=2) + '\n')
    return 0


def _made(settings: BagSettings, out: Path) -> dict[str, Any]:
    from omnibind_core.cli.progress import Progress
    from omnibind_core.simulation.bag.generate import make_bag

    progress = Progress(len(settings.stops), 'stops')
    started = time.monotonic()
    made = make_bag(settings, out, progress.step)
    elapsed = time.monotonic() - started
    print(
        f'{settings.duration:g} s, {made.messages} messages of {len(made.instances)} things, '
        f'{made.size / 1e6:.1f} MB, made in {elapsed:.0f} s'
    )
    print(f'hash {made.sha256}')
    return {'seconds': round(elapsed, 1), 'duration_s': settings.duration, **asdict(made)}


def _seeds(text: str) -> range:
    """``101-120``, or one number.

    :raises ConfigError: it is something else.
    """
    from omnibind_core.errors import ConfigError
    from omnibind_core.errors import Problem

    bounds = text.split('-')
    if len(bounds) <= 2 and all(bound.isdecimal() for bound in bounds):
        found = range(int(bounds[0]), int(bounds[-1]) + 1)
        if 0 < len(found) <= _MOST_SEEDS:
            return found
    allowed = f'A-B, 0 or more, at most {_MOST_SEEDS} of them'
    raise ConfigError('omnibind simulate bag', [Problem('--seeds', text, allowed)])
