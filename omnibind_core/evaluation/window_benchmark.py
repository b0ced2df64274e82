"""How windows fare on simulated traffic: rate, delay, completeness; beside ROS's synchronizer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import replace
import math
from typing import Any

import numpy as np

from omnibind_core.errors import UnavailableError
from omnibind_core.evaluation.approximate_time import synchronize
from omnibind_core.evaluation.window_scenarios import Scenario
from omnibind_core.evaluation.window_scenarios import START
from omnibind_core.streaming.adaptive_window import AdaptiveWindow
from omnibind_core.streaming.arrival_trace import Arrival
from omnibind_core.streaming.arrival_trace import replay
from omnibind_core.streaming.arrival_trace import simulate
from omnibind_core.streaming.arrival_trace import Source
from omnibind_core.streaming.arrival_trace import SPACE
from omnibind_core.streaming.config import WindowConfig

ADAPTIVE = 'adaptive'
APPROXIMATE = 'approximate'
QUEUE_SIZE = 10
HEADER = (
    f'{"scenario":<40} {"window":<12} {"per s":>6} {"p50":>6} {"p99":>6} {"max":>6} {"fresh":>6} '
    f'{"held":>6} {"timeout":>8} {"gap":>7}\n'
    f'{"":<40} {"":<12} {"":>6} {"ms":>6} {"ms":>6} {"ms":>6} {"":>6} {"":>6} {"%":>8} {"s":>7}'
)


@dataclass(frozen=True)
class Figures:
    """What one window made of one scenario.

    The *added delay* of a recognition is the time from the arrival of the first vector of its
    window, or set, until that closed: what waiting for the others cost, on top of what sensors and
    encoders take.

    :param rate: recognitions a second.
    :param delay_p50: median added delay, milliseconds; nan without recognitions, as the next two.
    :param delay_p99: its 99th percentile.
    :param delay_max: its largest value.
    :param fresh: mean number of sensors with a fresh vector.
    :param held: mean number of sensors with a held one.
    :param closed_by: shares of ``complete``, ``timeout`` and ``flush``.
    :param longest_gap: longest time without a recognition, seconds, from the first arrival to the
        last.
    """

    scenario: str
    window: str
    recognitions: int
    rate: float
    delay_p50: float
    delay_p99: float
    delay_max: float
    fresh: float
    held: float
    closed_by: dict[str, float]
    longest_gap: float


@dataclass(frozen=True)
class _Recognition:
    """What the figures need of a window or a set; times in nanoseconds."""

    time: int
    delay: int
    fresh: int
    held: int
    closed_by: str


def measure(
    scenarios: Iterable[Scenario], config: WindowConfig, *, duration: float, seed: int
) -> Iterator[Figures]:
    """Figures of each scenario: of the adaptive window, then of the synchronizer where installed.

    :param config: of the window; its length is the synchronizer's slop too.
    :param duration: of the traffic, seconds.
    :param seed: of the simulation.
    """
    for scenario in scenarios:
        arrivals = scenario.arrivals(duration=duration, seed=seed)
        sensors = scenario.sensors(duration)
        yield _figures(scenario, ADAPTIVE, _adaptive(scenario, arrivals, config), arrivals)
        try:
            found = _approximate(arrivals, sensors, config)
        except UnavailableError:
            continue
        yield _figures(scenario, APPROXIMATE, found, arrivals)


@dataclass(frozen=True)
class Cost:
    """CPU time of ``receive()`` and ``poll()`` together, microseconds."""

    sensors: int
    median: float
    p99: float


def cost(*, sensors: int, seed: int, clock: Callable[[], int]) -> Cost:
    """What the window itself costs on a minute of traffic of sensors around 10 Hz.

    :param clock: CPU time of this thread, nanoseconds.
    """
    sources = [Source(name=f'sensor_{index}', rate=10.0 + index / 10) for index in range(sensors)]
    window = AdaptiveWindow(WindowConfig(), SPACE)
    taken = []
    for arrival in simulate(sources, duration=60.0, seed=seed, start=START):
        before = clock()
        window.receive(arrival.vector, arrival.time)
        window.poll(arrival.time)
        taken.append((clock() - before) / 1e3)
    return Cost(sensors, float(np.median(taken)), float(np.quantile(taken, 0.99)))


def line(figures: Figures) -> str:
    """One row of the table."""
    timeouts = 100.0 * figures.closed_by.get('timeout', 0.0)
    return (
        f'{figures.scenario:<40} {figures.window:<12} {figures.rate:>6.2f} '
        f'{figures.delay_p50:>6.1f} {figures.delay_p99:>6.1f} {figures.delay_max:>6.1f} '
        f'{figures.fresh:>6.2f} {figures.held:>6.2f} {timeouts:>8.1f} {figures.longest_gap:>7.2f}'
    )


def remarks(figures: Sequence[Figures]) -> str:
    """What a reader of the table must know."""
    text = (
        'All simulated. p50, p99, max: added delay, from the arrival of the first vector of a\n'
        'window until it closed. gap: longest time without a recognition.'
    )
    if any(one.window == APPROXIMATE for one in figures):
        return (
            f'{text}\n{APPROXIMATE}: message_filters.ApproximateTimeSynchronizer over all sensors '
            f'of the scenario,\nslop = window, queue of {QUEUE_SIZE}.'
        )
    return (
        f'{text}\nmessage_filters is not installed here; what its ApproximateTimeSynchronizer '
        'makes of the\nsame traffic is in docs/window.md.'
    )


def document(
    figures: Sequence[Figures], spent: Cost, config: WindowConfig, *, duration: float, seed: int
) -> dict[str, Any]:
    """Everything for machines; nan becomes null."""
    rows = [
        {
            key: None if isinstance(value, float) and math.isnan(value) else value
            for key, value in asdict(one).items()
        }
        for one in figures
    ]
    return {
        'simulated': True,
        'seed': seed,
        'duration_s': duration,
        'config': asdict(config),
        'queue_size': QUEUE_SIZE,
        'rows': rows,
        'cost_us': asdict(spent),
    }


def _adaptive(
    scenario: Scenario, arrivals: Sequence[Arrival], config: WindowConfig
) -> list[_Recognition]:
    window = AdaptiveWindow(replace(config, sporadic=scenario.sporadic), SPACE)
    return [
        _Recognition(
            closed.closed_at,
            closed.added_delay,
            len(closed.fresh),
            len(closed.held),
            closed.closed_by,
        )
        for closed in replay(window, arrivals)
    ]


def _approximate(
    arrivals: Sequence[Arrival], sensors: Sequence[str], config: WindowConfig
) -> list[_Recognition]:
    sets = synchronize(arrivals, sensors, slop=config.window, queue_size=QUEUE_SIZE)
    return [
        _Recognition(
            one.time,
            one.time - min(member.time for member in one.members),
            len(one.members),
            0,
            'complete',
        )
        for one in sets
    ]


def _figures(
    scenario: Scenario, window: str, found: Sequence[_Recognition], arrivals: Sequence[Arrival]
) -> Figures:
    begin, end = arrivals[0].time, arrivals[-1].time
    times = np.array([begin, *(one.time for one in found), end], np.int64)
    delays = np.array([one.delay for one in found], np.float64) / 1e6
    count = len(found)
    closed_by = Counter(one.closed_by for one in found)
    return Figures(
        scenario=scenario.name,
        window=window,
        recognitions=count,
        rate=count * 1e9 / (end - round(START * 1e9)),
        delay_p50=float(np.quantile(delays, 0.5)) if count else float('nan'),
        delay_p99=float(np.quantile(delays, 0.99)) if count else float('nan'),
        delay_max=float(delays.max()) if count else float('nan'),
        fresh=float(np.mean([one.fresh for one in found])) if count else 0.0,
        held=float(np.mean([one.held for one in found])) if count else 0.0,
        closed_by={name: number / count for name, number in sorted(closed_by.items())},
        longest_gap=float(np.diff(times).max()) / 1e9,
    )
