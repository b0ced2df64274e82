"""The live part of the demo: the nodes, the bag, and the view of what they say."""

from __future__ import annotations

from collections.abc import Callable
import signal
import time

from omnibind_core.demo.display import Display
from omnibind_core.demo.story import Story
from omnibind_core.demo.view import View
from omnibind_core.errors import OmniBindError
from omnibind_ros.demo.listener import Listener
from omnibind_ros.demo.options import Options
from omnibind_ros.stage.setting import Setting
from omnibind_ros.stage.stage import FOUND_WITHIN
from omnibind_ros.stage.stage import Stage
from omnibind_ros.stage.stage import START_TIMEOUT

LOOK_EVERY = 0.12  # s
LINGER = '1.5'  # s for the last windows to close
_WIDTH = 300  # letters of a last word


class DemoError(OmniBindError):
    """The demo cannot go on; the message says which process it was, and what it said last."""


def play(
    setting: Setting,
    options: Options,
    story: Story,
    truth: str,
    display: Display,
    look: Callable[[View], None],
) -> str:
    """Start the nodes, play the bag to its end, and end everything.

    :param truth: the topic, if the bag has one.
    :param look: is given each view while the bag is played.
    :returns: a line about a machine that was too slow; empty where it was not.
    :raises DemoError: a process ended by itself, or a node refused its configuration.
    """
    sensors = setting.robot.encoders
    cut = ('--duration', str(options.seconds)) if options.seconds else ()
    names = ['fusion', *(one.name for one in sensors)]
    with Stage(setting) as stage:
        listener = Listener(stage, story, truth, options.rate)
        stage.perception(use_sim_time=True)
        display.show(story.view(f'starting {len(names) - 1} encoders and the fusion node'))
        _start(stage, names)
        stage.note_memory()
        words = ('--rate', str(options.rate), '--linger', LINGER, *cut)
        player = stage.bag_player(setting.bag, *words, sensors=sensors)

        def show() -> None:
            _check(stage)
            listener.take()
            view = story.view()
            display.show(view)
            look(view)
            time.sleep(LOOK_EVERY)

        end = time.monotonic() + FOUND_WITHIN
        while not stage.found_player() and time.monotonic() < end:
            show()
        stage.release_player()
        while player.process.poll() is None:
            show()
        _check(stage)
        listener.take()
        return next((line for line in player.output.splitlines() if 'held back' in line), '')


def _start(stage: Stage, names: list[str]) -> None:
    """Wait until all nodes are active."""

    def waiting() -> list[str]:
        return [one for one in names if not stage.status(one).get('state', '').startswith('active')]

    end = time.monotonic() + START_TIMEOUT
    while stage.probe.happens(lambda: not waiting(), 0.5) is False:
        _check(stage)
        for name in names:
            status = stage.status(name)
            if status.get('state') == 'unconfigured' and status['message'] != 'unconfigured':
                raise DemoError(f'{name}: {status["message"]}')
        if time.monotonic() > end:
            raise DemoError(f'after {START_TIMEOUT:.0f} s {", ".join(waiting())} did not start')


def _check(stage: Stage) -> None:
    """A process that has ended by itself is told in one sentence."""
    for name, process in stage.processes.items():
        code = process.process.poll()
        if code is None or (name == 'bag_player' and code == 0):
            continue
        how = signal.Signals(-code).name if code < 0 else f'exit code {code}'
        said = [line.strip() for line in process.output.splitlines() if line.strip()]
        last = f'; its last words: {said[-1][:_WIDTH]}' if said else ''
        raise DemoError(f'{name} has ended by itself ({how}){last}')
