"""What is wanted of a bag that is looped: `lite`, `composed`, `full`."""

from __future__ import annotations

import math
from typing import Any

from omnibind_core.data.bag_source import BagSource
from omnibind_core.errors import UnavailableError
from omnibind_core.evaluation.live.decimation import decimation
from omnibind_core.evaluation.live.decimation import usual_rate
from omnibind_core.evaluation.live.outcome import Outcome
from omnibind_core.evaluation.live.outcome import Target
from omnibind_ros.conversions.stamp import stamp_to_ns
from omnibind_ros.live_benchmark.bench import Bench
from omnibind_ros.live_benchmark.looped_bag import MINUTE
from omnibind_ros.live_benchmark.looped_bag import play
from omnibind_ros.live_benchmark.looped_bag import Run

MOST_GROWTH_MB = 5.0  # of one process, from the first minute to the last
MOST_REPLACED = 0.01  # share of the readings
MOST_LATE = 0.05  # share of the vectors; one that is late is not lost, it is held
MOST_SLOWER = 1.1  # times the first minute's median ...
AND_MS = 5.0  # ... and so much
LEAST_FILLED = 0.95  # share of the grid's cells
DENSE = 1.5  # a sensor so many times faster than max_rate must fill the grid


def lite(bench: Bench) -> Outcome:
    """The lite bag for minutes, a process each."""
    run = play(bench, bench.bag, bench.minutes * MINUTE)
    growth, memory = run.growth(), run.memory()
    replaced, encoded = _encoders(run, bench, 'count replaced'), _encoders(run, bench, _ENCODED)
    received, late = run.count('fusion', 'vectors received'), run.count('fusion', 'vectors late')
    first = growth['first_minute_ms_p50']
    fattest = max(memory, key=lambda name: memory[name]['growth_mb'])
    figures = {**run.figures(), **growth, 'replaced': replaced, 'late': late, 'encoded': encoded}
    targets = [
        Target('readings replaced', replaced / max(encoded + replaced, 1), MOST_REPLACED),
        Target('vectors late', late / max(received, 1), MOST_LATE),
    ]
    notes = _notes(run)
    if run.comparable:
        targets += [
            Target(
                f'latency in the last minute (first: {first:.1f} ms), p50',
                growth['last_minute_ms_p50'],
                round(MOST_SLOWER * first + AND_MS, 1),
                'ms',
            ),
            Target(
                f'growth of memory ({fattest})', memory[fattest]['growth_mb'], MOST_GROWTH_MB, 'MB'
            ),
        ]
    else:
        enough = math.ceil(15.0 * run.period / MINUTE) / 10.0
        notes.append(
            'too short to tell whether anything grows: the same part of the bag must come '
            f'twice, --minutes {enough:g}'
        )
    return Outcome('lite', figures, targets, notes)


def composed(bench: Bench) -> Outcome:
    """The lite bag once, all nodes in one process: for comparison, nothing is wanted."""
    run = play(bench, bench.bag, min(bench.minutes, 1.0) * MINUTE, composed=True)
    replaced = _encoders(run, bench, 'count replaced')
    return Outcome('composed', {**run.figures(), 'replaced': replaced}, [], _notes(run))


def full(bench: Bench) -> Outcome:
    """The full bag for a minute: decimation holds."""
    if bench.full_bag is None:
        raise UnavailableError(
            'no --full-bag; make one: omnibind simulate bag --profile full --config '
            'config/bag_full.yaml --out FOLDER'
        )
    run = play(bench, bench.full_bag, min(bench.minutes, 1.0) * MINUTE)
    rates = _rates(bench)
    targets, sensors = [], {}
    for sensor in bench.robot.encoders:
        most = sensor.parameters.max_rate
        stamps = [
            stamp_to_ns(one.message.header.stamp)
            for one in run.embeddings
            if one.message.sensor == sensor.name
        ]
        rate = rates.get(sensor.parameters.topic, 0.0)
        if most <= 0 or len(stamps) < 2:
            sensors[sensor.name] = {'embeddings': len(stamps), 'input_hz': round(rate, 2)}
            continue
        found = decimation(stamps, most)
        sensors[sensor.name] = {
            'embeddings': len(stamps),
            'input_hz': round(rate, 2),
            'max_rate_hz': most,
            'output_hz': round(found.rate, 3),
            'crowded': found.crowded,
            'filled': round(found.filled, 4),
        }
        name = f'{sensor.name} {rate:.0f} -> {most:g} Hz'
        targets.append(Target(f'{name}, vectors too many', found.crowded, 0.0))
        if rate >= DENSE * most:
            filled = round(found.filled, 3)
            targets.append(Target(f'{name}, share delivered', filled, LEAST_FILLED, sign='>='))
    figures = {
        **run.figures(),
        'sensors': sensors,
        'replaced': _encoders(run, bench, 'count replaced'),
    }
    return Outcome('full', figures, targets, _notes(run))


_ENCODED = 'count encoded'


def _encoders(run: Run, bench: Bench, key: str) -> int:
    return sum(run.count(one.name, key) for one in bench.robot.encoders)


def _notes(run: Run) -> list[str]:
    figures = run.figures()
    cpu, memory = run.cpu(), run.memory()
    nodes = ', '.join(
        f'{name} {cpu[name]:.2f} CPU, {memory[name]["last_minute_mb"]:.0f} MB' for name in memory
    )
    return [
        f'{figures["recognitions_per_second"]:.1f} recognitions/s, longest gap '
        f"{figures['longest_gap_s']:.2f} s, sensor stamp -> recognition (the bag's own delays "
        f'included) p50 {figures["stamp_to_recognition_ms_p50"]:.1f} ms, p99 '
        f'{figures["stamp_to_recognition_ms_p99"]:.1f} ms; clock held back by {run.held_back}',
        f'CPU seconds per second and memory: {nodes}; all {sum(cpu.values()):.2f} CPU',
    ]


def _rates(bench: Bench) -> dict[str, Any]:
    """How often each sensor of the full bag delivers, Hz."""
    assert bench.full_bag is not None
    heard: dict[str, list[int]] = {}
    with BagSource(bench.full_bag) as source:
        for message in source.messages(source.begin, source.end + 1):
            heard.setdefault(message.topic, []).append(message.received)
    return {topic: usual_rate(times) for topic, times in heard.items()}
