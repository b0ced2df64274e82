"""`omnibind evaluate bag`: bags offline against the truth, for every subset of their sensors."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
import sys
from typing import Any

from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_ros.bag_evaluation.delays import check_sensors
from omnibind_ros.bag_evaluation.delays import read_delays

EXAMPLE = (
    'omnibind evaluate bag samples/bag_lite --robot config/replay.yaml --json bag.json '
    '--html bag.html'
)
_DELAY = 0.01  # s of encoding in the model of latency


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    add = parser.add_argument
    add('bags', nargs='+', type=Path, metavar='BAG', help="a bag's folder, or one file of it")
    add('--robot', type=Path, metavar='FILE', help="parameter file of the robot's sensors")
    add('--bundle', type=Path, metavar='DIR', help="bundle (default: the parameter file's)")
    add(
        '--suggest',
        action='store_true',
        help='print a parameter file proposed from the types of the topics, and do nothing else',
    )
    add(
        '--truth', default='', metavar='TOPIC|FILE.csv', help='truth (default: a topic named truth)'
    )
    add('--recognition', default='', metavar='TOPIC', help='recorded recognitions (all topics)')
    add(
        '--encode-delay',
        action='append',
        default=[],
        metavar='[SENSOR=]SECONDS',
        help='how long encoding takes in the model of latency (0.01); may be repeated',
    )
    add('--no-subsets', action='store_true', help='only the sensors as they came')
    add('--json', type=Path, metavar='FILE', help='write all figures')
    add('--summary', type=Path, metavar='FILE', help='write what all bags come to, as small JSON')
    add('--html', type=Path, metavar='FILE', help='write a report with pictures')
    add('--png', type=Path, metavar='FILE', help='write the timeline of the first bag as a picture')
    add('--workers', type=int, default=0, metavar='N', help='processes (0: one for each core)')
    add('--strict', action='store_true', help='exit with 1 if anything was wrong with any bag')
    add('--overwrite', action='store_true', help='replace files that exist')


def run(arguments: argparse.Namespace) -> int:
    """Evaluate, print the summary, write the files; 1 when a bag could not be evaluated at all."""
    delay, delays = _check(arguments)
    from omnibind_ros.executables import tune

    tune()
    if arguments.suggest:
        return _suggest(arguments)

    import time

    from omnibind_core.configuration.robot import read_robot
    from omnibind_core.data.atomic_file import write_atomically
    from omnibind_core.evaluation.bag.brief import brief
    from omnibind_core.evaluation.bag.document import text_of
    from omnibind_core.evaluation.bag.print_summary import lines
    from omnibind_ros.bag_evaluation.options import Options
    from omnibind_ros.bag_evaluation.run import evaluated
    from omnibind_ros.bag_evaluation.run import gathered
    from omnibind_ros.stage.interrupts import Interrupts

    given = None if arguments.bundle is None else str(arguments.bundle)
    robot = None if arguments.robot is None else read_robot(arguments.robot, bundle=given)
    if robot is not None:
        names = [one.name for one in robot.encoders]
        check_sensors(delays, names, 'omnibind evaluate bag')
    options = Options(
        bundle=_bundle(arguments, robot),
        robot=robot,
        truth=arguments.truth,
        recognition=arguments.recognition,
        delay=delay,
        delays=delays,
        subsets=not arguments.no_subsets,
        pictures=bool(arguments.html or arguments.png),
    )
    began = time.perf_counter()
    interrupts = Interrupts()
    with interrupts.handled():
        results = evaluated(arguments.bags, options, arguments.workers, shield=interrupts.shielded)
    found = gathered(results, time.perf_counter() - began)
    problems = found['problems']
    for problem in problems:
        print(f'warning: {problem}', file=sys.stderr)
    print('\n'.join(lines(found)))
    if arguments.json is not None:
        write_atomically(arguments.json, text_of(found))
    if arguments.summary is not None:
        write_atomically(arguments.summary, text_of(brief(found)))
    if arguments.html is not None or arguments.png is not None:
        _draw(arguments, found, results)
    complete = all(document['evaluated'] for document in found['bags'])
    return 0 if complete and not (arguments.strict and problems) else 1


def _draw(arguments: argparse.Namespace, found: Mapping[str, Any], results: Any) -> None:
    from omnibind_core.data.atomic_file import write_atomically
    from omnibind_core.evaluation.report.bag_report import bag_report
    from omnibind_core.evaluation.report.bag_report import timeline_png

    drawn = [result for result in results if result.answers]
    if arguments.html is not None:
        write_atomically(arguments.html, bag_report(found, drawn))
    if arguments.png is not None and drawn:
        write_atomically(arguments.png, timeline_png(drawn[0]))


def _suggest(arguments: argparse.Namespace) -> int:
    from omnibind_core.data.bag_source import BagSource
    from omnibind_ros.bag_evaluation.suggestion import as_yaml
    from omnibind_ros.bag_evaluation.suggestion import suggested

    topics = {}
    for path in arguments.bags:
        with BagSource(path) as bag:
            topics.update(bag.topics)
    sensors = suggested(topics.values())
    if not sensors:
        given = ', '.join(f'{name} ({topic.message})' for name, topic in topics.items())
        problem = Problem('topics', given, 'pictures, point clouds, events or sound')
        raise ConfigError('omnibind evaluate bag --suggest', [problem])
    print(as_yaml(sensors, str(arguments.bundle or 'bundles/omnihome')), end='')
    return 0


def _bundle(arguments: argparse.Namespace, robot: Any) -> Path:
    """That of the command line, or the first of the parameter file."""
    if arguments.bundle is not None:
        return Path(arguments.bundle)
    given = [] if robot is None else [one.parameters.bundle for one in robot.encoders]
    if robot is not None and robot.fusion is not None:
        given.insert(0, robot.fusion.bundle)
    if not given:
        problem = Problem('--bundle', '', 'a folder, or a parameter file that names one (--robot)')
        raise ConfigError('omnibind evaluate bag', [problem])
    return Path(given[0])


def _check(arguments: argparse.Namespace) -> tuple[float, dict[str, float]]:
    """All problems of the command line at once; the delays, of all sensors and by sensor."""
    problems: list[Problem] = []
    delay, delays = read_delays(arguments.encode_delay, problems)
    if arguments.workers < 0:
        problems.append(Problem('--workers', str(arguments.workers), 'at least 0'))
    for name in ('json', 'summary', 'html', 'png'):
        path = getattr(arguments, name)
        if path is None:
            continue
        if path.exists() and not arguments.overwrite:
            problems.append(
                Problem(f'--{name}', f'{path}, which exists', 'a new file, or say --overwrite')
            )
        if not path.resolve().parent.is_dir():
            problems.append(Problem(f'--{name}', str(path), 'a file in a folder that exists'))
    if problems:
        raise ConfigError('omnibind evaluate bag', problems)
    return _DELAY if delay is None else delay, delays
