"""What the fusion node says about itself: measured while it runs, judged once a second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from omnibind_core.configuration.parameters import FusionParameters
from omnibind_core.diagnostics.latency_meter import LatencyMeter
from omnibind_core.diagnostics.rate_meter import RateMeter
from omnibind_core.diagnostics.reason_counts import ReasonCounts
from omnibind_core.diagnostics.status import above
from omnibind_core.diagnostics.status import below
from omnibind_core.diagnostics.status import Finding
from omnibind_core.diagnostics.status import judged
from omnibind_core.diagnostics.status import Level
from omnibind_core.diagnostics.status import Status
from omnibind_core.streaming.outcome import Outcome
from omnibind_core.streaming.sensor import SensorStatus
from omnibind_core.streaming.sensor_health import SensorState

#: From the sensor's stamp to the published recognition; ``total`` is the whole way, and ``closing``
#: the last stretch of it: from the arrival of the vector that closed the window, or from the
#: deadline that did, to the publication.
PARTS = (
    'sensor to encoder',
    'encoder to fusion',
    'of which model',
    'of which transport',
    'window',
    'fuse',
    'publish',
    'closing',
    'total',
)


class FusionMeters:
    """Everything the node counts; times are steady nanoseconds, the durations any clock's."""

    def __init__(self) -> None:
        self.latency = LatencyMeter(*PARTS)
        self.vectors = RateMeter()
        self.refused = RateMeter()
        self.recognitions = RateMeter()
        #: Embeddings that never reached the window, by field.
        self.malformed = ReasonCounts()
        #: Windows by what closed them, and those that could not be fused.
        self.windows = ReasonCounts()
        #: Callbacks that failed, by the type of the error.
        self.failures = ReasonCounts()
        #: When it was activated.
        self.begun = 0

    def reset(self, now: int) -> None:
        """Begin anew, as when the node is activated; counts go on."""
        self.begun = now
        self.latency.reset()
        for meter in (self.vectors, self.refused, self.recognitions):
            meter.reset(now)


@dataclass(frozen=True, kw_only=True)
class FusionView:
    """The node at one moment.

    :param state: of its lifecycle.
    :param failure: which transition failed last, and why; empty: none.
    :param about: bundle, fusion kind and whatever else is fixed, by name.
    :param sensors: all that are known.
    :param outcomes: of the vectors.
    :param received: embeddings received, malformed ones included.
    :param undecided: vectors whose outcome is open.
    :param unpublished: windows that ``max_rate`` held back.
    :param publishers: of embeddings, in the graph.
    :param doubled: sensors of whose name there are several.
    :param hint: what is wrong with the clocks; empty: nothing.
    """

    state: str
    failure: str = ''
    about: Mapping[str, str] = field(default_factory=dict)
    sensors: Mapping[str, SensorStatus] = field(default_factory=dict)
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    received: int = 0
    undecided: int = 0
    unpublished: int = 0
    publishers: int = 0
    doubled: tuple[str, ...] = ()
    hint: str = ''


def fusion_status(
    view: FusionView, meters: FusionMeters, parameters: FusionParameters | None, now: int
) -> Status:
    """The status to be published.

    :param parameters: with the thresholds; ``None``: it was never configured.
    :param now: steady time, nanoseconds.
    """
    values = {'state': view.state, **view.about}
    if view.failure:
        return Status(Level.ERROR, view.failure, values)
    if parameters is None or view.state in ('unconfigured', 'finalized'):
        return Status(Level.WARN, view.state, values)
    values.update(_numbers(view, meters, now))
    if view.state != 'active':
        return Status(Level.OK, view.state, values)
    findings = [
        Finding(Level.ERROR, view.hint) if view.hint else None,
        _silence(view, meters, parameters, now),
        *_lost(view.sensors),
        *(
            Finding(Level.WARN, f'several publishers of the sensor {name!r}')
            for name in view.doubled
        ),
        below('recognition rate', meters.recognitions.rate(now), parameters.warn_rate, 'Hz'),
        above('latency (p99)', _total(meters, now), parameters.warn_latency, 's'),
        _refused(meters, parameters, now),
    ]
    heard = sum(one.state not in _ABSENT for one in view.sensors.values())
    return judged(findings, values, fine=f'recognising from {heard} sensors')


_ABSENT = (SensorState.LOST, SensorState.DISABLED)


def _numbers(view: FusionView, meters: FusionMeters, now: int) -> dict[str, str]:
    values = {
        'vectors per second': f'{meters.vectors.rate(now):.1f}',
        'recognitions per second': f'{meters.recognitions.rate(now):.1f}',
        **meters.latency.texts(now),
        'publishers of embeddings': str(view.publishers),
        'vectors received': str(view.received),
        'vectors undecided': str(view.undecided),
    }
    values.update({f'vectors {one.value}': str(count) for one, count in view.outcomes.items()})
    values.update(meters.malformed.texts('vectors malformed '))
    values.update(meters.windows.texts('windows '))
    values['windows unpublished'] = str(view.unpublished)
    values.update(meters.failures.texts('failures '))
    values.update({f'sensor {name}': _sensor(one) for name, one in view.sensors.items()})
    return values


def _sensor(one: SensorStatus) -> str:
    """``periodic, image, period 100.0 ms, jitter 1.2 ms, latency 31.0 ms; 12 fresh, 1 late``."""
    words = [one.state.value, one.modality or 'not heard yet']
    for name in ('period', 'jitter', 'latency'):
        value = getattr(one, name)
        if value is not None:
            words.append(f'{name} {value / 1e6:.1f} ms')
    counts = ', '.join(f'{count} {outcome.value}' for outcome, count in one.counts.items())
    return f'{", ".join(words)}{"; " if counts else ""}{counts}'


def _silence(
    view: FusionView, meters: FusionMeters, parameters: FusionParameters, now: int
) -> Finding | None:
    """Nobody there, nothing heard, or vectors without a recognition."""
    if not view.publishers and not meters.vectors.rate(now):
        return Finding(Level.WARN, 'no sensor publishes embeddings')
    if not meters.vectors.rate(now):
        return Finding(Level.WARN, f'no vectors come from {view.publishers} publishers')
    last, limit = meters.recognitions.last, parameters.error_silence
    silent = (now - (meters.begun if last is None else last)) / 1e9
    # What max_rate holds back is no silence.
    allowed = max(limit, 2 / parameters.max_rate) if parameters.max_rate > 0 else limit
    if limit > 0 and silent > allowed:
        ago = 'yet' if last is None else f'for {silent:.1f} s'
        return Finding(Level.ERROR, f'vectors come, but no recognition {ago}')
    return None


def _lost(sensors: Mapping[str, SensorStatus]) -> list[Finding]:
    """A sensor that stays away on purpose is quietened by listing it in disabled_sensors."""
    return [
        Finding(Level.WARN, f'{name} is {one.state.value}')
        for name, one in sensors.items()
        if one.state is SensorState.LOST
    ]


def _total(meters: FusionMeters, now: int) -> float | None:
    total = meters.latency.quantiles(now).get('total')
    return None if total is None else total.p99 / 1e9


def _refused(meters: FusionMeters, parameters: FusionParameters, now: int) -> Finding | None:
    """More than the allowed share: with 0 that is every single one, with 1 none."""
    came, limit = meters.vectors.rate(now), parameters.warn_refused
    share = min(meters.refused.rate(now) / came, 1.0) if came else 0.0
    if share <= limit:
        return None
    return Finding(Level.WARN, f'share of refused vectors is {share:.3g}, above {limit:g}')
