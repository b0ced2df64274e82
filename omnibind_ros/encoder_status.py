"""An encoder's status for diagnostics, from what it measured. No rclpy here."""

from __future__ import annotations

from omnibind_core.configuration.parameters import EncoderParameters
from omnibind_core.diagnostics.status import above
from omnibind_core.diagnostics.status import below
from omnibind_core.diagnostics.status import Finding
from omnibind_core.diagnostics.status import judged
from omnibind_core.diagnostics.status import Level
from omnibind_core.diagnostics.status import Status
from omnibind_core.inference.recognizer import Recognizer
from omnibind_ros.sensor_encoder import SensorEncoder


def encoder_status(
    encoder: SensorEncoder,
    recognizer: Recognizer,
    now: int,
    *,
    ros_now: int,
    topic: str,
    publishers: int,
    hint: Finding | None,
    busy_since: int | None,
) -> Status:
    """What an active encoder says about itself.

    :param now: steady time, nanoseconds.
    :param ros_now: ROS time, nanoseconds.
    :param topic: full name of the input.
    :param publishers: how many there are of it.
    :param hint: what keeps messages from arriving, if anything.
    :param busy_since: since when the worker has had its message, steady nanoseconds.
    """
    parameters = encoder.parameters
    values = {
        'state': 'active' if parameters.enabled else 'active, disabled',
        'modality': parameters.modality,
        'topic': topic,
        'publishers': str(publishers),
        'bundle': recognizer.bundle_id,
        'back end': f'{recognizer.backend} ({recognizer.backend_reason})',
        'input rate': f'{encoder.inputs.rate(now):.2f} Hz',
        'output rate': f'{encoder.outputs.rate(now):.2f} Hz',
        'last stamp age': _age(encoder.last_stamp, ros_now),
        **encoder.latencies.texts(now),
        **encoder.counts.texts(),
        **encoder.source.values(),
    }
    if not parameters.enabled:
        return Status(Level.OK, 'disabled: listens, but encodes nothing', values)
    clocks = encoder.clock_hint.current(now)
    findings = [
        _stuck(busy_since, now, parameters.error_stuck),
        Finding(Level.ERROR, clocks) if clocks else None,
        hint,
        _refused(encoder, now, parameters),
        above('encoding (p99)', _encode_seconds(encoder, now), parameters.warn_encode, 's'),
        below('output rate', encoder.outputs.rate(now), parameters.warn_rate, 'Hz'),
        _backend(recognizer.backend_problems),
    ]
    fine = f'{encoder.outputs.rate(now):.1f} embeddings a second'
    return judged(findings, values, fine=fine)


def _age(stamp: int | None, ros_now: int) -> str:
    return 'none yet' if stamp is None else f'{(ros_now - stamp) / 1e9:.3f} s'


def _stuck(busy_since: int | None, now: int, limit: float) -> Finding | None:
    seconds = 0.0 if busy_since is None else (now - busy_since) / 1e9
    return above('time spent on one message so far', seconds, limit, 's', Level.ERROR)


def _backend(problems: tuple[str, ...]) -> Finding | None:
    """The model does not run where this machine could run it, or its engine is not kept."""
    return Finding(Level.WARN, '; '.join(problems)) if problems else None


def _encode_seconds(encoder: SensorEncoder, now: int) -> float | None:
    found = encoder.latencies.quantiles(now).get('encode')
    return None if found is None else found.p99 / 1e9


def _refused(encoder: SensorEncoder, now: int, parameters: EncoderParameters) -> Finding | None:
    received, refused = encoder.inputs.rate(now), encoder.refusals.rate(now)
    share = min(refused / received, 1.0) if received else 0.0
    if share <= parameters.warn_refused or parameters.warn_refused >= 1:
        return None
    level = Level.WARN if encoder.outputs.rate(now) else Level.ERROR
    last = f', the last: {encoder.last_refusal}' if encoder.last_refusal else ''
    return Finding(level, f'{share:.0%} of the messages are refused{last}')
