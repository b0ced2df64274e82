"""`omnibind train cad`: stage 1, one sensor's student taught by the frozen teachers."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from collections.abc import Mapping
import json
from pathlib import Path
from typing import TYPE_CHECKING

from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.modalities.registry import SENSOR_NAMES

if TYPE_CHECKING:
    from omnibind_core.training.cad_settings import CadSettings

EXAMPLE = (
    'omnibind train cad --modality thermal --data data/omnihome --teacher runs/teacher_0 '
    '--out runs/cad_0/thermal'
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    parser.add_argument('--modality', required=True, choices=SENSOR_NAMES, help='whose student')
    parser.add_argument('--out', type=Path, required=True, help='folder of the run')
    add_source_arguments(parser)
    parser.add_argument('--split', type=int, default=0, metavar='N', help='of the data set (0)')
    parser.add_argument(
        '--terms',
        metavar='LIST',
        help='losses, of in,cr,se; or scratch: labels only (default: as configured)',
    )
    parser.add_argument('--budget', type=int, metavar='N', help='most readings to learn from')
    parser.add_argument('--seed', type=int, metavar='N', help='of everything drawn')
    parser.add_argument('--epochs', type=int, metavar='N', help='how long')
    parser.add_argument('--device', choices=('cpu', 'auto'), default='auto', help='(auto)')
    parser.add_argument(
        '--devices',
        type=int,
        default=1,
        metavar='N',
        help='processes; start them with `torchrun --nproc-per-node N -m omnibind_core.cli.main`',
    )
    parser.add_argument('--threads', type=int, default=1, metavar='N', help='of each process (1)')
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the result as JSON')


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare where data, teacher and settings are; shared with `train ablation`."""
    parser.add_argument('--data', type=Path, required=True, help='folder of the data set')
    parser.add_argument('--teacher', type=Path, required=True, help="the teacher's run folder")
    parser.add_argument(
        '--config',
        type=Path,
        default=Path('config/train_cad.yaml'),
        metavar='FILE',
        help='settings (config/train_cad.yaml)',
    )
    parser.add_argument(
        '--cache',
        type=Path,
        metavar='FOLDER',
        help='for prepared readings (default: prepared, beside the data)',
    )
    parser.add_argument(
        '--workers', type=int, default=2, metavar='N', help='processes that prepare readings (2)'
    )


def run(arguments: argparse.Namespace) -> int:
    """Prepare, train, export."""
    settings = _settings(arguments)

    import torch

    from omnibind_core.cli.progress import Progress
    from omnibind_core.training.cad import train_cad
    from omnibind_core.training.cad_sources import cad_task

    torch.set_num_threads(arguments.threads)
    task = cad_task(
        data=arguments.data,
        teacher=arguments.teacher,
        modality=arguments.modality,
        split=arguments.split,
        settings=settings,
        cache=arguments.cache or arguments.data.parent / 'prepared',
        workers=arguments.workers,
        observe=preparing(),
    )
    progress = Progress(settings.epochs, 'epochs')

    def show(row: Mapping[str, float]) -> None:
        if 'val_top1' in row:
            progress.say(
                f'epoch {int(row["epoch"])}: loss {row["train_loss"]:.3f}, '
                f'val top-1 {100.0 * row["val_top1"]:.1f} %, nll {row["val_nll"]:.3f}'
            )
        progress.reach(int(row['epoch']) + 1)

    finished = train_cad(
        task, arguments.out, device=arguments.device, devices=arguments.devices, observe=show
    )
    if finished is None:  # another process of the same training writes
        return 0
    training = finished.document.training
    print(
        f'{finished.folder}: {arguments.modality}, {training["readings"]} readings, '
        f'{training["parameters"]} parameters, best of {training["epochs"]} epochs '
        f'{training["best_epoch"]}, val top-1 {100.0 * training["val_top1"]:.1f} %, '
        f'temperature {finished.document.temperature:.4f}'
    )
    if arguments.json is not None:
        result = {'folder': str(finished.folder), **training}
        arguments.json.write_text(json.dumps(result, indent=2) + '\n', encoding='utf-8')
    return 0


def _settings(arguments: argparse.Namespace) -> CadSettings:
    """The configured settings with what the command line changes."""
    from omnibind_core.configuration.reader import read
    from omnibind_core.training.cad_settings import CadSettings
    from omnibind_core.training.cad_settings import read_cad_settings

    problems = [
        Problem(f'--{name}', str(getattr(arguments, name)), f'a whole number >= {least}')
        for name, least in (('threads', 1), ('devices', 1), ('workers', 0), ('split', 0))
        if getattr(arguments, name) < least
    ]
    if problems:
        raise ConfigError('omnibind train cad', problems)
    settings = read_cad_settings(arguments.config, arguments.modality)
    changes = {
        name: getattr(arguments, name)
        for name in ('budget', 'seed', 'epochs')
        if getattr(arguments, name) is not None
    }
    if arguments.terms is not None:
        changes['terms'] = [term.strip() for term in arguments.terms.split(',')]
    return read(CadSettings, {**settings.document(), **changes}, source='omnibind train cad')


def preparing() -> Callable[[int, int], None]:
    """What shows how far the preparation of readings is."""
    from omnibind_core.cli.progress import Progress

    bars: list[Progress] = []

    def show(_: int, total: int) -> None:
        if not bars:
            bars.append(Progress(total, 'readings prepared'))
        bars[0].step()

    return show
