"""What a bag says itself: the truth, and recognitions that a robot made while it was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from omnibind_core.data.bag_source import BagReadError
from omnibind_core.data.bag_source import BagSource
from omnibind_core.evaluation.bag.answers import Answer
from omnibind_core.evaluation.bag.answers import Part
from omnibind_core.evaluation.bag.clock_check import clock_problem
from omnibind_core.evaluation.bag.truth import Truth
from omnibind_core.evaluation.bag.truth import truth_from_changes
from omnibind_core.evaluation.bag.truth import TruthError
from omnibind_ros.bag_evaluation.messages import decoder
from omnibind_ros.conversions.stamp import stamp_to_ns

CLASSIFICATION = 'vision_msgs/msg/Classification'
RECOGNITION = 'omnibind/msg/Recognition'


def truth_in(path: Path, topic: str) -> tuple[Truth, str]:
    """The truth that a topic tells at each change, until the bag ends.

    :return: and one sentence when its stamps are of another clock than the bag; else empty.
    :raises BagReadError: the bag cannot be read, or has no such topic.
    :raises TruthError: the topic is of another type, or holds nothing that can be read.
    :raises UnavailableError: ``rosbags`` is not installed.
    """
    with BagSource(path) as whole:
        end = whole.end + 1
    with BagSource(path, include=[topic]) as bag:
        found = bag.topics[topic]
        if found.message != CLASSIFICATION:
            raise TruthError(f'topic {topic} is {found.message}; a truth is {CLASSIFICATION}')
        changes: list[tuple[int, str]] = []
        delays = []
        for received, message in _messages(bag, topic):
            said = message.results[0].class_id if message.results else ''
            stamp = stamp_to_ns(message.header.stamp) or received
            changes.append((stamp, str(said)))
            delays.append((received - stamp) * 1e-9)
    if not changes:
        raise TruthError(f'topic {topic}: no message of it can be read')
    # The first one may be latched from before the recording began.
    problem = clock_problem(f'truth (topic {topic})', delays[1:])
    return truth_from_changes(changes, end), problem


def recorded_answers(path: Path, topic: str) -> list[Answer]:
    """What a robot said, in the order of the stamps; said when it was recorded.

    A file that is damaged gives what comes before.

    :raises BagReadError: the bag cannot be read, or has no such topic.
    :raises UnavailableError: the bag does not define the type.
    """
    with BagSource(path, include=[topic]) as bag:
        found = [answer_from(message, received) for received, message in _messages(bag, topic)]
    return sorted(found, key=lambda answer: answer.stamp)


def answer_from(message: Any, said: int) -> Answer:
    """A message of :data:`RECOGNITION` as an answer, whoever decoded it.

    :param said: when it was heard, nanoseconds.
    """
    stamp = stamp_to_ns(message.header.stamp)
    parts = {
        str(one.sensor): Part(
            held=bool(one.held),
            informative=bool(one.informative),
            weight=float(one.weight),
            class_id=str(one.class_id),
            score=float(one.score),
            age=max(stamp - stamp_to_ns(one.stamp), 0) * 1e-9,
        )
        for one in message.contributions
    }
    return Answer(
        stamp=stamp,
        said=said,
        added=None,
        abstained=bool(message.abstained),
        class_id=str(message.class_ids[0]) if len(message.class_ids) else '',
        score=float(message.scores[0]) if len(message.scores) else 0.0,
        reason='',
        closed_by=str(message.closed_by),
        parts=parts,
        missing=tuple(str(name) for name in message.missing),
        states={},
    )


def _messages(bag: BagSource, topic: str) -> Iterator[tuple[int, Any]]:
    decode = decoder(bag.topics[topic])
    try:
        for message in bag.messages(bag.begin, bag.end + 1):
            yield message.received, decode(message.data)
    except BagReadError:
        return  # said once, where the sensors are read
