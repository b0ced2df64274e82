"""The whole demo: set up, play, evaluate, report; and a clean end at any moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import json
import os
import signal
import sys
import time
from typing import Any

from omnibind_core.configuration.robot import read_robot
from omnibind_core.configuration.robot import Robot
from omnibind_core.data.atomic_file import write_atomically
from omnibind_core.data.bag_source import BagSource
from omnibind_core.demo.display import Display
from omnibind_core.demo.display import open_display
from omnibind_core.demo.outcome import live_figures
from omnibind_core.demo.outcome import sentence
from omnibind_core.demo.story import Story
from omnibind_core.demo.view import View
from omnibind_core.inference.bundle import open_bundle
from omnibind_ros.bag_evaluation.evaluate import simulated
from omnibind_ros.demo.listener import truth_topic
from omnibind_ros.demo.options import Options
from omnibind_ros.demo.play import play
from omnibind_ros.demo.report import REPORT
from omnibind_ros.demo.report import write_report
from omnibind_ros.stage.interrupts import Interrupts
from omnibind_ros.stage.isolation import isolated
from omnibind_ros.stage.isolation import share
from omnibind_ros.stage.setting import Setting

SECOND = 1_000_000_000


def run(options: Options) -> int:
    """See `omnibind demo --help`.

    :returns: 0; after a signal 128 and its number.
    :raises OmniBindError: with one sentence.
    """
    interrupts = Interrupts()
    try:
        with interrupts.handled(), isolated() as domain:
            _run(options, interrupts, domain)
    except KeyboardInterrupt as stop:
        name = str(stop) or 'SIGINT'
        print(f'stopped ({name})', file=sys.stderr)
        return 128 + signal.Signals[name].value
    return 0


def _run(options: Options, interrupts: Interrupts, domain: int) -> None:
    parameters = options.robot or share() / 'config' / 'replay.yaml'
    robot = read_robot(parameters, bundle=str(options.bundle))
    setting = Setting(
        bundle=options.bundle,
        bag=options.bag,
        parameters=parameters.resolve(),
        robot=robot,
        interrupts=interrupts,
    )
    with BagSource(options.bag) as bag:
        begin, end, truth = bag.begin, bag.end, truth_topic(bag)
    if options.seconds:
        end = min(end, begin + round(options.seconds * SECOND))
    story = _story(options, robot, begin, end, domain)
    picture = _Picture(options)
    options.out.mkdir(parents=True, exist_ok=True)
    display = open_display(sys.stdout, os.environ, plain=options.plain)
    began = time.monotonic()
    with _shown(display, interrupts):
        slow = play(setting, options, story, truth, display, picture.look)
        played = time.monotonic() - began
        known = story.known_truth()
        known = None if known is None else known.within(begin, end + 1)
        figures = live_figures(story.answers, known)
        found = None
        if options.report:
            display.show(story.view('the bag is over; evaluating it offline, with every subset'))
            found = write_report(options, robot, story.answers, known, display, story, interrupts)
    picture.write()
    _tell(options, figures, found, slow)
    if options.json is not None:
        seconds = {'played_s': round(played, 1), 'all_s': round(time.monotonic() - began, 1)}
        text = json.dumps(_document(options, figures, found, seconds), indent=2)
        write_atomically(options.json, text + '\n')


def _story(options: Options, robot: Robot, begin: int, end: int, domain: int) -> Story:
    manifest = open_bundle(options.bundle).manifest
    fusion = robot.fusion
    threshold = fusion.abstain_below if fusion is not None else 0.0
    word = ', simulated' if simulated(options.bag) else ''
    speed = '' if options.rate == 1.0 else f', {options.rate:g} times as fast'
    return Story(
        title=f'{options.bag.name}{word}{speed} · live nodes, ROS domain {domain}',
        sensors={one.name: one.parameters.modality for one in robot.encoders},
        sporadic=() if fusion is None else fusion.sporadic,
        begin=begin,
        length=(end - begin) / SECOND,
        names=dict(zip(manifest.labels.class_ids, manifest.labels.names, strict=True)),
        threshold=threshold or manifest.calibration.abstain_below,
    )


class _Picture:
    """Keeps the view of the moment of which a picture is wanted."""

    def __init__(self, options: Options) -> None:
        self._file, self._at = options.picture, options.picture_at
        self._view: View | None = None

    def look(self, view: View) -> None:
        if self._view is None or view.at <= self._at:
            self._view = view

    def write(self) -> None:
        if self._file is not None and self._view is not None:
            from omnibind_core.demo.picture import picture

            write_atomically(self._file, picture(self._view))


@contextmanager
def _shown(display: Display, interrupts: Interrupts) -> Iterator[None]:
    """Whatever happens, the terminal is given back."""
    try:
        with interrupts.shielded():
            display.open()
        yield
    finally:
        with interrupts.shielded():
            display.close()


def _tell(
    options: Options, figures: dict[str, Any], found: dict[str, Any] | None, slow: str
) -> None:
    print(sentence(figures, None if found is None else found['bags'][0]))
    if slow:
        print(f'note: {slow.rpartition("; ")[2]}')
    if found is not None:
        for problem in found['problems']:
            print(f'warning: {problem}', file=sys.stderr)
        print(f'report: {options.out / REPORT}')


def _document(
    options: Options, figures: dict[str, Any], found: dict[str, Any] | None, seconds: dict[str, Any]
) -> dict[str, Any]:
    keys = ('top1', 'time_top1', 'abstained_at_nothing', 'realtime_factor')
    return {
        'bag': options.bag.name,
        'bundle': open_bundle(options.bundle).manifest.bundle_id,
        'rate': options.rate,
        'live': figures,
        'offline': None if found is None else {key: found[key] for key in keys},
        'report': None if found is None else str(options.out / REPORT),
        'timings': seconds,
    }
