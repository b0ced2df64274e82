"""Recognitions that were heard, one by one beside those made of the replayed trace."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from omnibind_core.configuration.parameters import FusionParameters
from omnibind_core.inference.recognize_window import recognize_window
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.streaming.closed_window import ClosedWindow
from omnibind_ros.conversions.stamp import stamp_to_ns

TOLERANCE = 1e-5
_MOST_SHOWN = 5
_PLAIN = ('space', 'labels_id', 'closed_by', 'abstained', 'calibrated')
_PART = ('sensor', 'modality', 'held', 'informative', 'class_id')


def said_again(
    heard: Sequence[Any],
    windows: Iterable[ClosedWindow],
    recognizer: Recognizer,
    parameters: FusionParameters,
) -> dict[str, Any]:
    """Compare each published recognition with the one made of the same window of the trace.

    :param heard: `Recognition` messages, in the order in which they came.
    :param windows: of the replayed trace, those that are published.
    :param parameters: of the fusion node.
    :return: how many are the same, and the largest difference of a score or weight.
    """
    from omnibind_ros.recognition_message import recognition_message

    made = {}
    for window in windows:
        recognized = recognize_window(
            window,
            recognizer,
            top_k=parameters.top_k,
            abstain_below=parameters.abstain_below,
        )
        made[window.stamp] = recognition_message(
            window, recognized, space=recognizer.space, embedding=False
        )
    found = [_beside(one, made) for one in heard]
    wrong = [text for text, _ in found if text]
    return {
        'heard': len(heard),
        'replayed': len(made),
        'identical': len(found) - len(wrong),
        'all': len(heard) == len(made) and not wrong,
        'largest_difference_of_scores': max((value for _, value in found), default=0.0),
        'first_differences': wrong[:_MOST_SHOWN],
    }


def _beside(one: Any, made: Mapping[int, Any]) -> tuple[str, float]:
    stamp = stamp_to_ns(one.header.stamp)
    if stamp not in made:
        return f'stamp {stamp}: heard, not replayed', 0.0
    return difference(one, made[stamp])


def difference(one: Any, other: Any) -> tuple[str, float]:
    """In what two recognitions differ (empty: in nothing), and by how much their scores do.

    :param one: of the shape of a `Recognition` message; ``other`` likewise.
    """
    texts = [
        f'{name}: {getattr(one, name)} heard, {getattr(other, name)} replayed'
        for name in _PLAIN
        if getattr(one, name) != getattr(other, name)
    ]
    for name, first, second in (
        ('stamp', one.header.stamp, other.header.stamp),
        ('window_start', one.window_start, other.window_start),
        ('window_end', one.window_end, other.window_end),
    ):
        if stamp_to_ns(first) != stamp_to_ns(second):
            texts.append(f'{name}: {stamp_to_ns(first)} heard, {stamp_to_ns(second)} replayed')
    if [*one.missing] != [*other.missing]:
        texts.append(f'missing: {[*one.missing]} heard, {[*other.missing]} replayed')
    parts = [[_part(part) for part in message.contributions] for message in (one, other)]
    if parts[0] != parts[1]:
        texts.append(f'contributions: {parts[0]} heard, {parts[1]} replayed')
    if [*one.class_ids] != [*other.class_ids]:
        texts.append(f'class_ids: {[*one.class_ids]} heard, {[*other.class_ids]} replayed')
    largest = max(
        (
            abs(first - second)
            for first, second in zip(_numbers(one), _numbers(other), strict=False)
        ),
        default=0.0,
    )
    if largest > TOLERANCE:
        texts.append(f'scores or weights: {largest:.2g} apart')
    return '; '.join(texts), largest


def _part(part: Any) -> tuple[Any, ...]:
    return (stamp_to_ns(part.stamp), *(getattr(part, name) for name in _PART))


def _numbers(message: Any) -> list[float]:
    parts = [value for one in message.contributions for value in (one.weight, one.score)]
    return [float(value) for value in (*message.scores, *parts)]
