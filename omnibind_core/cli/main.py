"""The `omnibind` command: finds the subcommand, imports only its module, and reports errors."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
import sys
from typing import Protocol

from omnibind_core import __version__
from omnibind_core.errors import OmniBindError


@dataclass(frozen=True)
class Command:
    """One subcommand.

    :param words: as typed: ``('bench', 'window')``.
    :param module: where :func:`add_arguments` and :func:`run` are; imported only when it is called.
    :param text: one line for the list of commands.
    """

    words: tuple[str, ...]
    module: str
    text: str


class CommandModule(Protocol):
    """What a subcommand's module defines."""

    EXAMPLE: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare its arguments."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it; returns the exit code."""


COMMANDS = (
    Command(
        ('demo',),
        'omnibind_core.cli.demo',
        'watch a robot recognise things while its sensors come and go; a report at the end',
    ),
    Command(
        ('check-config',),
        'omnibind_core.cli.check_config',
        "validate a robot's YAML file without ROS",
    ),
    Command(
        ('simulate', 'objects'),
        'omnibind_core.cli.simulate_objects',
        'generate OmniHome, the simulated household data set',
    ),
    Command(
        ('simulate', 'bag'),
        'omnibind_core.cli.simulate_bag',
        "simulate a robot's bag: six sensors that come and go among the household things",
    ),
    Command(
        ('data', 'stats'),
        'omnibind_core.cli.data_stats',
        "check a data set's manifest and count its readings",
    ),
    Command(
        ('data', 'sheet'),
        'omnibind_core.cli.data_sheet',
        'draw contact sheets of a data set, to look at what is in it',
    ),
    Command(
        ('data', 'probe'),
        'omnibind_core.cli.data_probe',
        'measure what simple features of each modality say of the class, and what must say nothing',
    ),
    Command(
        ('data', 'subset'),
        'omnibind_core.cli.data_subset',
        'copy a small part of a data set, of every class, to be shipped',
    ),
    Command(
        ('data', 'card'),
        'omnibind_core.cli.data_card',
        'write the card of a generated data set',
    ),
    Command(
        ('train', 'teacher'),
        'omnibind_core.cli.train_teacher',
        "embed a data set's pictures and texts by a frozen teacher",
    ),
    Command(
        ('train', 'cad'),
        'omnibind_core.cli.train_cad',
        'stage 1: distil a student encoder of one sensor from the teachers',
    ),
    Command(
        ('train', 'fusion'),
        'omnibind_core.cli.train_fusion',
        'stage 2: learn to fuse any combination of sensors on frozen students',
    ),
    Command(
        ('train', 'ablation'),
        'omnibind_core.cli.train_ablation',
        'train students with and without each term of the loss, on more and less data',
    ),
    Command(
        ('evaluate', 'subsets'),
        'omnibind_core.cli.evaluate_subsets',
        'measure every way of fusing on every subset of the sensors',
    ),
    Command(
        ('evaluate', 'bag'),
        'omnibind_ros.bag_evaluation.command',
        'replay bags offline against the truth, for every subset of their sensors',
    ),
    Command(
        ('evaluate', 'agreement'),
        'omnibind_ros.agreement.command',
        'play a bag before the live nodes, and compare with the same bag offline',
    ),
    Command(
        ('evaluate', 'results'),
        'omnibind_core.cli.evaluate_results',
        'put finished runs together into the tables of results',
    ),
    Command(
        ('export',),
        'omnibind_core.cli.export',
        'put trained encoders, fusion and labels into a bundle that a robot takes',
    ),
    Command(
        ('bundle', 'show'),
        'omnibind_core.cli.bundle_show',
        'list what a bundle holds',
    ),
    Command(
        ('bundle', 'verify'),
        'omnibind_core.cli.bundle_verify',
        "check a bundle's files, models and contracts",
    ),
    Command(
        ('bundle', 'add-text'),
        'omnibind_core.cli.bundle_add_text',
        'give a bundle a text encoder, so that it takes any labels',
    ),
    Command(
        ('engine', 'build'),
        'omnibind_core.cli.engine_build',
        "build a bundle's TensorRT engines ahead of the first start",
    ),
    Command(
        ('engine', 'list'),
        'omnibind_core.cli.engine_list',
        'list the TensorRT engines that were built on this machine',
    ),
    Command(
        ('engine', 'clean'),
        'omnibind_core.cli.engine_clean',
        'remove the TensorRT engines that were built on this machine',
    ),
    Command(
        ('bench', 'preprocessing'),
        'omnibind_core.cli.bench_preprocessing',
        "time each sensor's preprocessing against the usual way to write it",
    ),
    Command(
        ('bench', 'models'),
        'omnibind_core.cli.bench_models',
        "time a bundle's encoders, its fusion, and a whole window of sensors",
    ),
    Command(
        ('bench', 'window'),
        'omnibind_core.cli.bench_window',
        'simulate arrivals at the adaptive window, beside an approximate-time synchronizer',
    ),
    Command(
        ('bench', 'live'),
        'omnibind_core.cli.bench_live',
        'measure the live nodes over DDS: latency, load, sensors that come and go',
    ),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    :returns: 0; 1 with one clear sentence on stderr for bad input; 2 for a wrong command line;
        130 after ctrl-C.
    """
    given = list(sys.argv[1:] if argv is None else argv)
    command = _find(given)
    if command is None:
        return _overview(given)
    module: CommandModule = import_module(command.module)
    name = ' '.join(command.words)
    parser = argparse.ArgumentParser(
        prog=f'omnibind {name}',
        description=command.text[0].upper() + command.text[1:] + '.',
        epilog=f'example: {module.EXAMPLE}',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    arguments = parser.parse_args(given[len(command.words) :])
    try:
        return module.run(arguments)
    except OmniBindError as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    except OSError as error:
        where = f'{error.filename}: ' if error.filename else ''
        print(f'error: {where}{error.strerror or error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('stopped', file=sys.stderr)
        return 130


def _find(given: Sequence[str]) -> Command | None:
    for command in COMMANDS:
        if tuple(given[: len(command.words)]) == command.words:
            return command
    return None


def _overview(given: Sequence[str]) -> int:
    """Help and version, or the reason why no subcommand was found."""
    if given and given[0] == '--version':
        print(f'omnibind {__version__}')
        return 0
    width = max(len(' '.join(command.words)) for command in COMMANDS)
    lines = ['usage: omnibind COMMAND [ARGUMENTS] (each command has --help)', '']
    lines += [f'  {" ".join(command.words):<{width}}  {command.text}' for command in COMMANDS]
    if not given or given[0] in ('-h', '--help'):
        print('\n'.join(lines))
        return 0
    begun = [command for command in COMMANDS if command.words[0] == given[0]]
    if begun:
        choices = ', '.join(' '.join(command.words) for command in begun)
        print(f'error: `omnibind {" ".join(given[:2])}`: choose one of {choices}', file=sys.stderr)
    else:
        print(f'error: no command {given[0]!r}; see omnibind --help', file=sys.stderr)
    return 2


if __name__ == '__main__':
    sys.exit(main())
