"""The figures of one bag as they stand in the JSON file."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import json
from typing import Any
from typing import Protocol

from omnibind_core.evaluation.bag.answers import Answer
from omnibind_core.evaluation.bag.details import abstention
from omnibind_core.evaluation.bag.details import calibration
from omnibind_core.evaluation.bag.details import confusion
from omnibind_core.evaluation.bag.details import latency
from omnibind_core.evaluation.bag.details import per_class
from omnibind_core.evaluation.bag.details import per_sensor
from omnibind_core.evaluation.bag.details import spread
from omnibind_core.evaluation.bag.score import score
from omnibind_core.evaluation.bag.truth import Truth
from omnibind_core.streaming.arrival_trace import Arrival

MEASURED = ('timings', 'realtime_factor')
"""Keys of what was measured with a clock: all else is the same on two runs."""
_DIGITS = 6


class SensorTrace(Protocol):
    """What one sensor's messages became."""

    name: str
    modality: str
    topic: str
    arrivals: list[Arrival]
    counts: Mapping[str, int]


def answers_document(answers: Sequence[Answer], truth: Truth | None) -> dict[str, Any]:
    """Everything about one series of answers.

    :param truth: ``None``: nothing can be called right or wrong, and ``top1`` is ``None``.
    """
    found: dict[str, Any] = {'recognitions': len(answers), 'top1': None}
    if truth is not None:
        found |= score(answers, truth)
        found |= {
            'per_class': per_class(answers, truth),
            'confusion': confusion(answers, truth),
            'calibration': calibration(answers, truth),
        }
    return found | {
        'abstention': abstention(answers, truth),
        'per_sensor': per_sensor(answers, truth),
        'latency_ms': latency(answers),
    }


def sensors_document(traces: Iterable[SensorTrace]) -> dict[str, Any]:
    """What became of each sensor's messages, and how long they took to the fusion."""
    return {
        trace.name: {
            'modality': trace.modality,
            'topic': trace.topic,
            'messages': trace.counts.get('received', 0),
            'vectors': len(trace.arrivals),
            'counts': dict(trace.counts),
            'latency_ms': spread((one.time - one.vector.stamp) / 1e6 for one in trace.arrivals),
        }
        for trace in traces
    }


def text_of(document: Mapping[str, Any]) -> str:
    """The JSON text: figures have six digits, so that it can be compared."""
    return json.dumps(_rounded(document), indent=2, allow_nan=False) + '\n'


def without_timings(value: Any) -> Any:
    """What two runs have in common, at any depth."""
    if isinstance(value, Mapping):
        return {name: without_timings(item) for name, item in value.items() if name not in MEASURED}
    return [without_timings(item) for item in value] if isinstance(value, list) else value


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _rounded(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return round(value, _DIGITS) if isinstance(value, float) else value
