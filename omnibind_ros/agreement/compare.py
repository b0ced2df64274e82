"""A bag live and offline: the trace replayed, the windows compared, the answers compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from omnibind_core.configuration.parameters import FusionParameters
from omnibind_core.configuration.robot import read_robot
from omnibind_core.configuration.robot import Robot
from omnibind_core.data.bag_source import BagSource
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.evaluation.bag.agreement import agreement
from omnibind_core.evaluation.bag.replayed import offline_window
from omnibind_core.evaluation.bag.trace_check import check_trace
from omnibind_core.evaluation.bag.truth import TruthError
from omnibind_core.evaluation.bag.window_causes import Side
from omnibind_core.evaluation.bag.window_causes import WindowCauses
from omnibind_core.inference.bundle import open_bundle
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.streaming.arrival_trace import replay
from omnibind_core.streaming.window_replay import arrivals_of
from omnibind_ros.agreement.live_run import LiveRun
from omnibind_ros.agreement.live_run import play_once
from omnibind_ros.agreement.said_again import said_again
from omnibind_ros.bag_evaluation.delays import check_sensors
from omnibind_ros.bag_evaluation.evaluate import evaluate_bag
from omnibind_ros.bag_evaluation.options import BagResult
from omnibind_ros.bag_evaluation.options import Options
from omnibind_ros.bag_evaluation.recorded import answer_from
from omnibind_ros.bag_evaluation.truth_choice import chosen_truth
from omnibind_ros.stage.isolation import isolated
from omnibind_ros.stage.setting import Setting

_UNREPORTED = 0.01  # s of encoding, where a node has not said how long it takes


@dataclass(frozen=True)
class Choices:
    """What is compared.

    :param robot: the parameter file of both.
    :param bundle: instead of that of the parameter file.
    :param truth: a topic or a CSV file; empty: a topic named ``truth``.
    :param delay: of the offline model, seconds; ``None``: what each live node reports.
    :param delays: the same by sensor.
    :param rate: bag seconds in one second, live.
    :param clock_rate: ticks of the simulated clock, Hz.
    :param least: wanted share of agreement.
    """

    bag: Path
    robot: Path
    bundle: Path | None = None
    truth: str = ''
    delay: float | None = None
    delays: Mapping[str, float] = field(default_factory=dict)
    rate: float = 1.0
    clock_rate: float = 40.0
    least: float = 0.95


def compare(choices: Choices) -> dict[str, Any]:
    """Play the bag live, evaluate it offline, and compare: the document of the JSON file.

    :raises ConfigError: the parameter file is wrong.
    :raises InVainError: the live run failed.
    :raises TruthError: there is no truth.
    """
    robot, bundle = _robot(choices)
    _check(choices, robot, bundle)
    setting = Setting(
        bundle=bundle, bag=choices.bag.resolve(), parameters=choices.robot.resolve(), robot=robot
    )
    with (
        TemporaryDirectory(prefix='omnibind_agreement_') as folder,
        setting.interrupts.handled(),
        isolated(),
    ):
        live = play_once(setting, Path(folder), rate=choices.rate, clock_rate=choices.clock_rate)
    return compared(choices, robot, bundle, live)


def compared(choices: Choices, robot: Robot, bundle: Path, live: LiveRun) -> dict[str, Any]:
    """The same, of a live run that is over."""
    assert robot.fusion is not None
    recognizer = Recognizer.load(bundle, modalities=(), backend='onnxruntime')
    figures, windows = check_trace(live.trace)
    published = [window for window in windows if window.publish]
    again = said_again(live.recognitions, published, recognizer, robot.fusion)
    delays = _delays(choices, robot, live)
    offline = evaluate_bag(
        choices.bag,
        Options(
            bundle=bundle,
            robot=robot,
            truth=choices.truth,
            delays=delays,
            subsets=False,
            arrivals=True,
        ),
    )
    if offline.truth is None:
        raise TruthError('; '.join(offline.document['problems']) or 'no truth')
    causes = WindowCauses(
        Side(arrivals_of(live.trace), published), _side(offline, recognizer.space, robot.fusion)
    )
    said = [answer_from(one, 0) for one in live.recognitions]
    said.sort(key=lambda answer: answer.stamp)
    found = agreement(said, offline.answers, offline.truth, causes.between)
    enough = found['agreement'] is not None and found['agreement'] >= choices.least
    replays = (figures['call_by_call'], figures['arrivals_alone'], again)
    the_same = figures['whole'] and all(part['all'] for part in replays)
    return {
        'bag': choices.bag.name,
        'simulated': offline.document['simulated'],
        'bundle': recognizer.bundle_id,
        'wanted': choices.least,
        'met': enough and the_same,
        'top1': found,
        'trace': figures,
        'recognitions': again,
        'windows': causes.document(),
        'encode_delay_s': delays,
        'live': {
            'rate': choices.rate,
            'clock_rate_hz': choices.clock_rate,
            'player': live.player,
            'messages': {
                name: {key: text for key, text in values.items() if key.startswith('count ')}
                for name, values in live.statuses.items()
            },
        },
        'problems': offline.document['problems'],
    }


def _check(choices: Choices, robot: Robot, bundle: Path) -> None:
    """What can be known before a bag is played for minutes."""
    open_bundle(bundle)
    with BagSource(choices.bag) as bag:
        topics, begin = dict(bag.topics), bag.begin
    truth, problem = chosen_truth(choices.bag, choices.truth, topics, begin=begin)
    if truth is None:
        raise TruthError(problem)
    names = [one.name for one in robot.encoders]
    check_sensors(choices.delays, names, 'omnibind evaluate agreement')


def _robot(choices: Choices) -> tuple[Robot, Path]:
    given = None if choices.bundle is None else str(choices.bundle)
    robot = read_robot(choices.robot, bundle=given)
    fusion = robot.fusion
    named = given or (robot.encoders[0].parameters.bundle if fusion is None else fusion.bundle)
    if fusion is not None and fusion.sync != 'adaptive':
        problem = Problem('fusion.sync', fusion.sync, 'adaptive: only that is evaluated offline')
        raise ConfigError(str(choices.robot), [problem])
    bundle = Path(named).resolve()
    return Robot(robot.encoders, fusion or FusionParameters(bundle=str(bundle))), bundle


def _delays(choices: Choices, robot: Robot, live: LiveRun) -> dict[str, float]:
    """Of every sensor: as said, or what its node reports."""
    reported = live.in_node_ms()
    found = {}
    for name in (one.name for one in robot.encoders):
        measured = round(reported[name] / 1e3, 4) if name in reported else _UNREPORTED
        usual = measured if choices.delay is None else choices.delay
        found[name] = choices.delays.get(name, usual)
    return found


def _side(offline: BagResult, space: str, fusion: FusionParameters) -> Side:
    window = offline_window(space, fusion)
    windows = [closed for closed in replay(window, offline.arrivals) if closed.publish]
    return Side(offline.arrivals, windows)
