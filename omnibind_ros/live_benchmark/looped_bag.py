"""Scenarios `lite`, `composed` and `full`: a bag's sensors for minutes, as on a robot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import math
from pathlib import Path
import time
from typing import Any

from rosgraph_msgs.msg import Clock

from omnibind_core.cli.progress import Progress
from omnibind_core.data.bag_source import BagSource
from omnibind_core.evaluation.live.process_usage import cpu_share
from omnibind_core.evaluation.live.process_usage import Usage
from omnibind_core.evaluation.live.simulated_clock import SimulatedClock
from omnibind_core.evaluation.live.spread import first_and_last
from omnibind_core.evaluation.live.spread import longest_gap
from omnibind_core.evaluation.live.spread import slope
from omnibind_core.evaluation.live.spread import spread
from omnibind_ros.conversions.stamp import stamp_to_ns
from omnibind_ros.live_benchmark.bench import Bench
from omnibind_ros.stage.probe import Heard
from omnibind_ros.stage.probe import InVainError
from omnibind_ros.stage.stage import Stage

MINUTE = 60.0
_SETTLING = 5.0  # s after the first recognitions: everything has run once


@dataclass(frozen=True)
class Run:
    """What was seen while the bag was played.

    :param begin: of the measurement, system time, nanoseconds.
    :param seconds: how long it took.
    :param period: of one round of the bag, seconds.
    :param recognitions: seconds from the begin, by when they were heard.
    :param latencies: from the newest fresh stamp to hearing each, ms of bag time.
    :param embeddings: all that were heard.
    :param usages: of each process, by name.
    :param before: the nodes' statuses at the begin.
    :param statuses: their last ones.
    :param held_back: by how much the player had to hold the clock back, as it says.
    """

    begin: int
    seconds: float
    period: float
    recognitions: Sequence[float]
    latencies: Sequence[float]
    embeddings: Sequence[Heard[Any]]
    usages: dict[str, list[Usage]]
    before: dict[str, dict[str, str]]
    statuses: dict[str, dict[str, str]]
    held_back: str

    def stretches(self, length: float = MINUTE) -> tuple[float, float, float]:
        """Begin of the first stretch, of the last, and their length: the same part of the bag."""
        length = min(length, self.seconds / 3.0)
        return (*first_and_last(self.seconds, self.period, length), length)

    @property
    def comparable(self) -> bool:
        """Whether the first stretch and the last show the same part of the bag."""
        first, last, _ = self.stretches()
        return last > first and abs(math.remainder(last - first, self.period)) < 1e-6

    def growth(self) -> dict[str, Any]:
        """Latency of the first stretch and of the last, of each round, and the slope, ms.

        :raises InVainError: nothing was recognised in one of them.
        """
        first, last, length = self.stretches()
        halves = [
            [
                value
                for at, value in zip(self.recognitions, self.latencies, strict=True)
                if begin <= at < begin + length
            ]
            for begin in (first, last)
        ]
        if not all(halves):
            raise InVainError('nothing was recognised in the first or in the last minute')
        before, after = (spread(values) for values in halves)
        minutes = [at / MINUTE for at in self.recognitions]
        return {
            **before.figures('first_minute_ms'),
            **after.figures('last_minute_ms'),
            'slope_ms_per_minute': round(slope(minutes, self.latencies), 4),
            'rounds_ms_p50': self._rounds(),
        }

    def _rounds(self) -> list[float]:
        """The median latency of each whole round of the bag, ms."""
        rounds: dict[int, list[float]] = {}
        for at, value in zip(self.recognitions, self.latencies, strict=True):
            rounds.setdefault(int(at // self.period), []).append(value)
        whole = int(self.seconds // self.period)
        return [round(spread(rounds[one]).p50, 2) for one in range(whole) if one in rounds]

    def memory(self) -> dict[str, dict[str, float]]:
        """MB of each process in the first stretch and in the last, and its growth."""
        first, last, length = self.stretches()
        found = {}
        for name, usages in self.usages.items():
            start = usages[0].time
            sizes = [
                [one.megabytes for one in usages if begin <= one.time - start < begin + length]
                for begin in (first, last)
            ]
            if all(sizes):
                before, after = (spread(values).p50 for values in sizes)
                found[name] = {
                    'first_minute_mb': round(before, 2),
                    'last_minute_mb': round(after, 2),
                    'growth_mb': round(after - before, 2),
                }
        return found

    def cpu(self) -> dict[str, float]:
        """CPU seconds per second of each process."""
        return {
            name: round(cpu_share(usages[0], usages[-1]), 4) for name, usages in self.usages.items()
        }

    def count(self, node: str, key: str) -> int:
        """By how much a number of a node's status grew; what it does not say is 0."""
        first, last = (one.get(node, {}).get(key, 0) for one in (self.before, self.statuses))
        return int(last) - int(first)

    def figures(self) -> dict[str, Any]:
        """What every such scenario reports."""
        end_to_end = spread(self.latencies)
        fusion = self.statuses.get('fusion', {})
        return {
            'seconds': round(self.seconds, 1),
            'recognitions': len(self.recognitions),
            'recognitions_per_second': round(len(self.recognitions) / self.seconds, 3),
            'longest_gap_s': round(longest_gap(self.recognitions, 0.0, self.seconds), 3),
            **end_to_end.figures('stamp_to_recognition_ms'),
            'cpu_seconds_per_second': self.cpu(),
            'memory': self.memory(),
            'clock_held_back': self.held_back,
            'fusion': {
                key: text
                for key, text in fusion.items()
                if key.startswith(('vectors', 'windows', 'latency'))
            },
        }


def play(bench: Bench, bag: Path, seconds: float, *, composed: bool = False) -> Run:
    """Loop a bag before all its sensors' nodes.

    The clock goes on from round to round, and the stamps with it.

    :param composed: all nodes in one process.
    :raises InVainError: a process ended, or nothing was recognised.
    """
    with BagSource(bag) as source:
        period = (source.end - source.begin) / 1e9
    with Stage(bench) as stage:
        ticks = stage.probe.hear(Clock, '/clock', 50)
        if composed:
            stage.perception()
        else:
            for sensor in bench.robot.encoders:
                stage.encoder(sensor, use_sim_time=True)
            stage.fusion(use_sim_time=True)
        names = [one.name for one in bench.robot.encoders]
        stage.active('fusion', *names)
        sensors = bench.robot.encoders
        stage.bag_player(bag, '--loop', '--at-loop', 'continue', sensors=sensors)
        stage.begin_playing()
        stage.wait(lambda: len(stage.recognitions) >= 3, 'recognitions', 90.0)
        stage.pause(_SETTLING)
        before = {name: dict(stage.status(name)) for name in ('fusion', *names)}
        begin, skipped = time.time_ns(), len(stage.recognitions)
        _watch(stage, seconds, bag.name)
        passed = (time.time_ns() - begin) / 1e9
        heard = list(stage.recognitions[skipped:])
        embeddings = list(stage.embeddings)
        statuses = {name: dict(stage.status(name)) for name in ('fusion', *names)}
        player = stage.processes['bag_player']
        stage.stop('bag_player')
        clock = SimulatedClock()
        said = [stamp_to_ns(one.message.clock) for one in ticks]
        clock.ticks([one.at for one in ticks], said)
    timed = []
    for one in heard:
        now = clock.at(one.at)
        if now is not None:
            latency = (now - stamp_to_ns(one.message.header.stamp)) / 1e6
            timed.append(((one.at - begin) / 1e9, latency))
    if not timed:
        raise InVainError('nothing was recognised after the first three')
    return Run(
        begin=begin,
        seconds=passed,
        period=period,
        recognitions=[at for at, _ in timed],
        latencies=[latency for _, latency in timed],
        embeddings=embeddings,
        usages=stage.usages,
        before=before,
        statuses=statuses,
        held_back=_held_back(player.output),
    )


def _watch(stage: Stage, seconds: float, name: str) -> None:
    progress = Progress(round(seconds), f's of {name}')
    end = time.monotonic() + seconds
    for second in range(round(seconds) + 1):
        stage.measure()
        progress.reach(second)
        left = end - time.monotonic()
        if left <= 0:
            return
        stage.pause(min(1.0, left))


def _held_back(output: str) -> str:
    """``0.0 s`` unless the player says otherwise at its end."""
    _, found, rest = output.rpartition('held back by ')
    return rest.partition(' in all')[0] if found else '0.0 s'
