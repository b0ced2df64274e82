"""Everything that the demo hears, told to its story in the order in which it came."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

from rclpy.qos import qos_profile_sensor_data
from rosgraph_msgs.msg import Clock

from omnibind_core.data.bag_source import BagSource
from omnibind_core.demo.story import Story
from omnibind_core.errors import UnavailableError
from omnibind_ros.bag_evaluation.recorded import answer_from
from omnibind_ros.bag_evaluation.recorded import CLASSIFICATION
from omnibind_ros.bag_evaluation.truth_choice import truth_topics
from omnibind_ros.conversions.stamp import stamp_to_ns
from omnibind_ros.played_topic import message_class
from omnibind_ros.qos import LATCHED_QOS
from omnibind_ros.stage.probe import Heard
from omnibind_ros.stage.stage import Stage


class Listener:
    """Subscribes to the truth and the clock beside what the stage hears already.

    :param stage: must not have started the bag yet.
    :param truth: the topic; empty: the bag has none.
    :param rate: bag seconds in one second.
    """

    def __init__(self, stage: Stage, story: Story, truth: str, rate: float) -> None:
        self._rate = rate
        self._stage = stage
        self._story = story
        self._ticks = stage.probe.hear(Clock, '/clock', qos_profile_sensor_data)
        self._truth: list[Heard[Any]] = []
        if truth:
            kind = message_class(CLASSIFICATION)
            self._truth = stage.probe.hear(kind, truth, LATCHED_QOS)
        self._taken = [0, 0, 0, 0]
        self._times: list[int] = []
        self._clocks: list[int] = []

    def take(self) -> None:
        """Tell the story what has come since the last time."""
        self._story.health(
            {
                key.removeprefix('sensor '): text.partition(',')[0]
                for key, text in self._stage.status('fusion').items()
                if key.startswith('sensor ')
            }
        )
        for at, kind, message in sorted(self._new(), key=lambda item: item[:2]):
            if kind == 0:
                self._times.append(at)
                self._clocks.append(stamp_to_ns(message.clock))
                self._story.clock(self._clocks[-1])
            elif kind == 1:
                stamp = stamp_to_ns(message.header.stamp)
                class_id = message.results[0].class_id if message.results else ''
                self._story.truth(stamp, str(class_id))
            elif kind == 2:
                self._story.vector(message.sensor, stamp_to_ns(message.header.stamp))
            else:
                guesses = [*zip(message.class_ids, message.scores, strict=True)]
                self._story.answer(answer_from(message, self._clock_at(at)), guesses)

    def _new(self) -> Iterator[tuple[int, int, Any]]:
        """When it came, what it is, and the message."""
        stage = self._stage
        for kind, heard in enumerate(
            (self._ticks, self._truth, stage.embeddings, stage.recognitions)
        ):
            some = heard[self._taken[kind] :]
            self._taken[kind] += len(some)
            for one in some:
                yield one.at, kind, one.message

    def _clock_at(self, at: int) -> int:
        """The simulated time at a system time, from the last tick before."""
        if not self._clocks:
            return 0
        place = max(bisect_right(self._times, at) - 1, 0)
        return self._clocks[place] + round((at - self._times[place]) * self._rate)


def truth_topic(bag: BagSource) -> str:
    """Where a bag tells what is there; empty: nowhere, or not in a way that is known here."""
    named = truth_topics(bag.topics)
    if not named:
        return ''
    try:
        message_class(CLASSIFICATION)
    except UnavailableError:
        return ''
    return named[0]
