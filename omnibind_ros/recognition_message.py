"""Recognitions, classifications and label banks as messages."""

from __future__ import annotations

from typing import Any
from typing import TYPE_CHECKING

from omnibind.msg import Contribution
from omnibind.msg import Labels
from omnibind.msg import Recognition
from omnibind_core.inference.label_bank import LabelBank
from omnibind_core.inference.recognition import Recognized
from omnibind_core.streaming.closed_window import ClosedWindow
from omnibind_ros.conversions.stamp import ns_to_stamp

if TYPE_CHECKING:
    from builtin_interfaces.msg import Time
    from vision_msgs.msg import Classification


def recognition_message(
    window: ClosedWindow, recognized: Recognized, *, space: str, embedding: bool
) -> Recognition:
    """What was made of a closed window.

    :param space: the embedding space.
    :param embedding: whether the fused embedding is put into the message.
    """
    message = Recognition(
        space=space,
        labels_id=recognized.labels_id,
        class_ids=list(recognized.class_ids),
        scores=list(recognized.scores),
        calibrated=recognized.calibrated,
        abstained=recognized.abstained,
        closed_by=window.closed_by,
        missing=list(window.missing),
    )
    _set(message.header.stamp, window.stamp)
    _set(message.window_start, window.start)
    _set(message.window_end, window.end)
    vectors = [*window.fresh, *window.held]
    for index, (vector, share) in enumerate(zip(vectors, recognized.shares, strict=True)):
        part = Contribution(
            sensor=vector.sensor,
            modality=vector.modality,
            held=index >= len(window.fresh),
            informative=vector.informative,
            weight=share.weight,
            class_id=share.class_id,
            score=share.score,
        )
        _set(part.stamp, vector.stamp)
        message.contributions.append(part)
    if embedding:
        message.embedding.frombytes(recognized.embedding.tobytes())
    return message


def classification_message(window: ClosedWindow, recognized: Recognized) -> Classification:
    """The same for tools that know ``vision_msgs`` only: empty when the recognition abstained.

    :raises ImportError: where ``vision_msgs`` is not installed.
    """
    from vision_msgs.msg import Classification
    from vision_msgs.msg import ObjectHypothesis

    message = Classification()
    _set(message.header.stamp, window.stamp)
    if not recognized.abstained:
        message.results = [
            ObjectHypothesis(class_id=class_id, score=score)
            for class_id, score in zip(recognized.class_ids, recognized.scores, strict=True)
        ]
    return message


def labels_message(labels: LabelBank, stamp: Time) -> Labels:
    """The latched message that names the classes."""
    message = Labels(
        labels_id=labels.labels_id,
        class_ids=list(labels.class_ids),
        names=list(labels.names),
    )
    message.header.stamp = stamp
    return message


def _set(stamp: Any, time_ns: int) -> None:
    stamp.sec, stamp.nanosec = ns_to_stamp(time_ns)
