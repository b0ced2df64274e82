"""A bag played once before the live nodes, with everything that the fusion node was given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
import time
from typing import Any

from omnibind_core.cli.progress import Progress
from omnibind_core.data.bag_source import BagSource
from omnibind_core.diagnostics.latency_meter import milliseconds
from omnibind_core.streaming.window_trace import read_trace
from omnibind_core.streaming.window_trace import WindowTrace
from omnibind_ros.stage.probe import InVainError
from omnibind_ros.stage.setting import Setting
from omnibind_ros.stage.stage import LISTENERS_WITHIN
from omnibind_ros.stage.stage import Stage

LINGER = 1.0  # s of simulated time after the end: the last windows close
SLOWER = 3.0  # times as long as the bag may it take
_QUIET = 1.5  # s; diagnostics come once a second


@dataclass(frozen=True)
class LiveRun:
    """What was seen and recorded.

    :param trace: what reached the window, and which windows closed.
    :param recognitions: the messages, as they were heard.
    :param statuses: the last diagnostic values of each node.
    :param player: the last line of the bag player.
    """

    trace: WindowTrace
    recognitions: tuple[Any, ...]
    statuses: Mapping[str, Mapping[str, str]]
    player: str

    def in_node_ms(self) -> dict[str, float]:
        """How long a message takes from its encoder's callback to the embedding, p50, by sensor."""
        found = {}
        for name, values in self.statuses.items():
            pair = milliseconds(values.get('latency in node'))
            if pair is not None:
                found[name] = pair[0]
        return found


def play_once(
    setting: Setting, folder: Path, *, rate: float = 1.0, clock_rate: float = 40.0
) -> LiveRun:
    """Play a bag in simulated time; each node is a process.

    :param folder: for the trace.
    :param rate: bag seconds in one second.
    :param clock_rate: ticks of the simulated clock, Hz; what arrives between two has the time of
        the first.
    :raises InVainError: a process ended, or the bag takes far longer than it is.
    """
    trace = folder / 'trace.jsonl'
    with BagSource(setting.bag) as source:
        length = (source.end - source.begin) / 1e9 / rate
    encoders = [one for one in setting.robot.encoders if one.parameters.enabled]
    with Stage(setting) as stage:
        for sensor in encoders:
            stage.encoder(sensor, use_sim_time=True)
        stage.fusion(use_sim_time=True, arrival_trace=str(trace))
        stage.active('fusion', *[one.name for one in encoders])
        words = ['--linger', str(LINGER), '--rate', str(rate), '--clock-rate', str(clock_rate)]
        stage.bag_player(setting.bag, *words, sensors=encoders)
        stage.begin_playing()
        output = _until_over(stage, length)
        # What the nodes say of themselves is at most this old then, and nothing is under way.
        stage.pause(_QUIET)
        statuses = {
            name: dict(stage.status(name)) for name in ('fusion', *[one.name for one in encoders])
        }
        stage.stop('fusion')
        recognitions = tuple(one.message for one in list(stage.recognitions))
    return LiveRun(read_trace(trace), recognitions, statuses, output.strip().rpartition('\n')[2])


def _until_over(stage: Stage, length: float) -> str:
    """Wait until the player has ended; what it printed."""
    player = stage.processes['bag_player']
    progress = Progress(max(round(length), 1), 's of the bag, live')
    began = time.monotonic()
    deadline = began + LISTENERS_WITHIN + SLOWER * length + 30.0
    while not stage.probe.happens(lambda: player.process.poll() is not None, 0.5):
        dead = [name for name, one in stage.processes.items() if one.process.poll() is not None]
        if dead and dead != ['bag_player']:
            stage.pause(0.0)  # which tells it
        if time.monotonic() > deadline:
            raise InVainError(f'the bag is still played after {time.monotonic() - began:.0f} s')
        progress.reach(min(round(time.monotonic() - began), max(round(length), 1)))
    code = stage.stop('bag_player')
    if code:
        raise InVainError(f'the bag player ended with {code}:\n{player.output[-2000:]}')
    return player.output
