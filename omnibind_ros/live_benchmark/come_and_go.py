"""Scenarios `silence`, `plug` and `kill`: three sensors of which one comes or goes."""

from __future__ import annotations

from collections.abc import Sequence
import time
from typing import Any

from omnibind_core.configuration.robot import Encoder
from omnibind_core.evaluation.live.outcome import Outcome
from omnibind_core.evaluation.live.outcome import Target
from omnibind_core.evaluation.live.spread import longest_gap
from omnibind_core.evaluation.live.spread import spread
from omnibind_ros.conversions.stamp import stamp_to_ns
from omnibind_ros.live_benchmark.bench import Bench
from omnibind_ros.live_benchmark.sensors import EVERY_MESSAGE
from omnibind_ros.live_benchmark.sensors import RATE
from omnibind_ros.live_benchmark.sensors import Sensors
from omnibind_ros.stage.probe import Heard
from omnibind_ros.stage.stage import Stage

MODALITIES = ('image', 'thermal', 'point_cloud')
BEFORE = 10  # moments that say what is usual
LOOKED_AT = 20  # moments after a sensor has gone
ANSWERED_WITHIN = 5.0  # s for the recognitions of these moments
NOT_LATE_MS = 10.0  # what scheduling may add; a wait for a sensor is longer
CONTRIBUTES_WITHIN = 1.0  # s
RETURNS_WITHIN = 3.0  # s


def silence(bench: Bench) -> Outcome:
    """One of three falls silent; its node and publisher stay."""
    sensors = _three(bench)
    names = [one.name for one in sensors]
    gone = names[-1]
    max_wait = _max_wait(bench)
    shares, firsts, seconds, others, usual_ms = [], [], [], [], []
    timeouts = []
    with Stage(bench) as stage:
        driven = _start(stage, sensors, names)
        for _ in range(bench.rounds):
            driven.wait_settled(names)
            before = driven.silence(gone)
            stamps = _after(stage, driven, before, LOOKED_AT)
            moments = stage.moments()
            delays = moments.delays(driven.stamps[before - BEFORE : before])
            usual = spread(delays).p50 if delays else float('nan')
            usual_ms.append(usual)
            shares.append(moments.share(stamps))
            firsts.append(_extra(moments.delay(stamps[0]), usual))
            seconds.append(_extra(moments.delay(stamps[1]), usual))
            others += [delay - usual for delay in moments.delays(stamps[2:])]
            timeouts.append(moments.in_vain(stamps, names[:-1]))
            driven.speak(gone)
    figures = {
        'rounds': bench.rounds,
        'max_wait_ms': max_wait,
        'share_recognised': shares,
        'first_late_ms': firsts,
        'second_late_ms': seconds,
        'timeouts': timeouts,
        'usual_delay_ms': usual_ms,
        **spread(others).figures('later_late_ms'),
    }
    targets = [
        Target('windows that give a recognition', min(shares), 1.0, sign='>='),
        Target('the first one is late by', max(firsts), max_wait, 'ms'),
        Target('the second one is late by', max(seconds), NOT_LATE_MS, 'ms'),
        Target('windows that waited for the silent one', max(timeouts), 1.0),
    ]
    return Outcome('silence', figures, targets, [f'{bench.rounds} rounds, the worst is shown'])


def plug(bench: Bench) -> Outcome:
    """An encoder is started beside two others, and ended again."""
    sensors = _three(bench)
    names = [one.name for one in sensors]
    new = sensors[1]
    rest = [name for name in names if name != new.name]
    contributes, lost, timeouts, extra = [], [], [], []
    with Stage(bench) as stage:
        driven = _start(stage, sensors, rest)
        for _ in range(bench.rounds):
            driven.wait_settled(rest)
            heard = len(stage.recognitions), len(stage.embeddings)
            stage.encoder(new, **EVERY_MESSAGE)
            begin = _first_vector(stage, new.name, heard[1])
            at, sensed = _contribution(stage, new.name, heard[0])
            # Where the machine stood still, vectors are fewer than their rate says.
            contributes.append(at - min(begin, sensed))
            driven.wait_settled(names)
            usual = spread(stage.moments().delays(driven.stamps[-BEFORE - 2 : -2])).p50
            unplugged = time.monotonic()
            stage.stop(new.name)
            last = max(
                stamp_to_ns(one.message.header.stamp)
                for one in stage.embeddings
                if one.message.sensor == new.name
            )
            before = sum(stamp <= last for stamp in list(driven.stamps))
            stage.wait(
                lambda: stage.status('fusion').get(f'sensor {new.name}', '').startswith('lost'),
                'the unplugged sensor to be reported lost',
            )
            lost.append(time.monotonic() - unplugged)
            stamps = _after(stage, driven, before, LOOKED_AT)
            moments = stage.moments()
            timeouts.append(moments.in_vain(stamps, rest))
            extra += [delay - usual for delay in moments.delays(stamps[1:])]
    figures = {
        'rounds': bench.rounds,
        'first_vector_to_contribution_s': contributes,
        'reported_lost_s': lost,
        'timeouts_after_unplugging': timeouts,
        **spread(extra).figures('after_first_missed_late_ms'),
    }
    targets = [
        Target('first vector -> first contribution', max(contributes), CONTRIBUTES_WITHIN, 's'),
        Target('windows that waited for the unplugged one', max(timeouts), 1.0),
        Target(
            'delay added after its first missed window, p50', spread(extra).p50, NOT_LATE_MS, 'ms'
        ),
    ]
    return Outcome('plug', figures, targets, [f'reported lost after {max(lost):.1f} s'])


def kill(bench: Bench) -> Outcome:
    """Kill -9 of one of three encoders, and a new one at once."""
    sensors = _three(bench)
    names = [one.name for one in sensors]
    victim = sensors[0]
    gaps, back = [], []
    longest = 1.0 / RATE + _max_wait(bench) / 1e3 + 0.1
    with Stage(bench) as stage:
        driven = _start(stage, sensors, names)
        for _ in range(bench.rounds):
            driven.wait_settled(names)
            seen = len(stage.recognitions)
            killed = time.time_ns()
            stage.kill(victim.name)
            restarted = time.time_ns()
            stage.encoder(victim, **EVERY_MESSAGE)
            fresh = max(restarted, stage.recognitions[-1].at)
            at, _ = _contribution(stage, victim.name, seen, after=fresh)
            back.append(at - restarted / 1e9)
            driven.wait_moments(len(driven.stamps) + 10)
            times = [one.at / 1e9 for one in list(stage.recognitions)]
            gaps.append(longest_gap(times, killed / 1e9 - 1.0, times[-1]))
    figures = {
        'rounds': bench.rounds,
        'longest_gap_s': gaps,
        'restart_to_contribution_s': back,
    }
    targets = [
        Target('longest time without a recognition', max(gaps), longest, 's'),
        Target('restart -> contributes again', max(back), RETURNS_WITHIN, 's'),
    ]
    return Outcome('kill', figures, targets, [f'{bench.rounds} rounds, the worst is shown'])


def _three(bench: Bench) -> list[Encoder]:
    return [bench.sensor(kind) for kind in MODALITIES]


def _max_wait(bench: Bench) -> float:
    """What the fusion waits at most, ms."""
    from omnibind_core.streaming.config import WindowConfig

    given = bench.robot.fusion or WindowConfig()
    return given.max_wait * 1e3


def _start(stage: Stage, sensors: Sequence[Encoder], names: Sequence[str]) -> Sensors:
    """The fusion, these encoders, and drivers of all sensors."""
    stage.fusion(diagnostics_period=0.2)
    for sensor in sensors:
        if sensor.name in names:
            stage.encoder(sensor, **EVERY_MESSAGE)
    stage.active('fusion', *names)
    driven = Sensors(stage, sensors)
    driven.start()
    return driven


def _after(stage: Stage, driven: Sensors, before: int, count: int) -> list[int]:
    """So many moments from one on, once they have their recognitions or time is up."""
    driven.wait_moments(before + count)
    stamps = driven.stamps[before : before + count]
    stage.probe.happens(lambda: stage.moments().share(stamps) >= 1.0, ANSWERED_WITHIN)
    return stamps


def _extra(delay: float | None, usual: float) -> float:
    """What was added, ms; infinite where nothing was recognised."""
    return float('inf') if delay is None else delay - usual


def _first_vector(stage: Stage, name: str, before: int) -> float:
    """When the encoder received what its first vector was made of, seconds of system time."""

    def found() -> Heard[Any] | None:
        later = stage.embeddings[before:]
        return next((one for one in later if one.message.sensor == name), None)

    stage.wait(found, f'a vector of {name}', 60.0)
    first = found()
    assert first is not None
    # Discovery may have cost us the first ones; they came ten times a second.
    return stamp_to_ns(first.message.received) / 1e9 - first.message.seq / RATE


def _contribution(stage: Stage, name: str, before: int, after: int = 0) -> tuple[float, float]:
    """When a sensor's first fresh contribution was heard, and sensed; seconds of system time."""

    def found() -> tuple[float, float] | None:
        for one in stage.recognitions[before:]:
            stamps = (
                stamp_to_ns(part.stamp)
                for part in one.message.contributions
                if part.sensor == name and not part.held
            )
            stamp = next((stamp for stamp in stamps if stamp >= after), None)
            if stamp is not None and one.at >= after:
                return one.at / 1e9, stamp / 1e9
        return None

    stage.wait(found, f'{name} to contribute', 60.0)
    moment = found()
    assert moment is not None
    return moment
