"""Vectors through the adaptive window and the fusion: what a robot would have said.

The recorded availability is recognised window by window, as the fusion node does. For subsets of
the sensors the window runs anew on their vectors alone; windows are then fused many at once, and a
window that several subsets have in common is fused once.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from omnibind_core.configuration.parameters import FusionParameters
from omnibind_core.evaluation.bag.answers import Answer
from omnibind_core.evaluation.bag.answers import answer_of
from omnibind_core.inference.recognition import Recognized
from omnibind_core.inference.recognize_window import recognize_window
from omnibind_core.inference.recognize_window import recognize_windows
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.streaming.adaptive_window import AdaptiveWindow
from omnibind_core.streaming.arrival_trace import Arrival
from omnibind_core.streaming.arrival_trace import replay
from omnibind_core.streaming.closed_window import ClosedWindow

_Key = tuple[bool, int, tuple[tuple[str, int], ...]]


@dataclass(frozen=True)
class Replayed:
    """What came of it.

    :param answers: in order.
    :param received: vectors that reached the window.
    :param outcomes: what became of them: sums to ``received``.
    :param by_sensor: the same of each sensor.
    :param unpublished: windows that ``max_rate`` held back.
    """

    answers: tuple[Answer, ...]
    received: int
    outcomes: Mapping[str, int]
    by_sensor: Mapping[str, Mapping[str, int]]
    unpublished: int


def replay_recorded(
    arrivals: Iterable[Arrival], recognizer: Recognizer, parameters: FusionParameters
) -> Replayed:
    """All sensors, as they came.

    :param arrivals: in the order of time.
    :param parameters: of the fusion node.
    """
    window = offline_window(recognizer.space, parameters)
    answers = []
    for closed in replay(window, arrivals):
        if not closed.publish:
            continue
        recognized = recognize_window(
            closed,
            recognizer,
            top_k=parameters.top_k,
            abstain_below=parameters.abstain_below,
        )
        sensors = window.sensors(closed.closed_at)
        states = {name: one.state.value for name, one in sensors.items()}
        answers.append(answer_of(closed, recognized, states))
    outcomes = {outcome.value: count for outcome, count in window.outcomes.items() if count}
    by_sensor = {
        name: {outcome.value: count for outcome, count in one.counts.items() if count}
        for name, one in window.sensors().items()
    }
    return Replayed(tuple(answers), window.received, outcomes, by_sensor, window.unpublished)


def replay_subsets(
    arrivals: Sequence[Arrival],
    subsets: Iterable[Collection[str]],
    recognizer: Recognizer,
    parameters: FusionParameters,
) -> Iterator[list[Answer]]:
    """As if only these sensors had been there; the answers of each subset in turn.

    :param arrivals: of all sensors, in the order of time.
    """
    known: dict[_Key, Recognized] = {}
    for subset in subsets:
        some = [arrival for arrival in arrivals if arrival.vector.sensor in subset]
        window = offline_window(recognizer.space, parameters)
        windows = [closed for closed in replay(window, some) if closed.publish]
        keys = [_key(closed) for closed in windows]
        new = {key: closed for key, closed in zip(keys, windows, strict=True) if key not in known}
        found = recognize_windows(
            [*new.values()],
            recognizer,
            top_k=parameters.top_k,
            abstain_below=parameters.abstain_below,
        )
        known.update(zip(new, found, strict=True))
        yield [answer_of(one, known[key]) for key, one in zip(keys, windows, strict=True)]


def offline_window(space: str, parameters: FusionParameters) -> AdaptiveWindow:
    """The window of a fusion node with these parameters."""
    window = AdaptiveWindow(parameters, space)
    for sensor in parameters.disabled_sensors:
        if sensor:
            window.set_enabled(sensor, False)
    return window


def _key(window: ClosedWindow) -> _Key:
    """What its recognition depends on."""
    vectors = tuple((one.sensor, one.seq) for one in (*window.fresh, *window.held))
    return window.informative, window.stamp, vectors
