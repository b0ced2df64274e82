"""Drivers of several sensors that are all stamped at the same moments, ten times a second."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
import time
from typing import Any

from rclpy.qos import qos_profile_sensor_data

from omnibind_core.configuration.robot import Encoder
from omnibind_ros.live_benchmark.bag_messages import bag_messages
from omnibind_ros.live_benchmark.bag_messages import BagMessages
from omnibind_ros.stage.probe import InVainError
from omnibind_ros.stage.stage import heard
from omnibind_ros.stage.stage import Stage

RATE = 10.0  # Hz
SETTLED = 16  # vectors of each sensor: as many as its rhythm is taken from
_KEPT = 40  # messages of each that are sent again and again
#: For encoders that hear them: every message is encoded, under the stamp that it was given.
EVERY_MESSAGE = {'max_rate': 0.0, 'stamp_offset': 0.0}


class Sensors:
    """Publishes messages of the bag, stamped now, until the stage is left.

    :param stage: whose probe publishes, and whose bag is read.
    :param sensors: whose messages each can be encoded alone: pictures and clouds.
    """

    def __init__(self, stage: Stage, sensors: Sequence[Encoder]) -> None:
        self._stage = stage
        self._messages: dict[str, BagMessages] = {}
        self._publishers: dict[str, Any] = {}
        for one in sensors:
            topic = one.parameters.topic
            found = bag_messages(stage.setting.bag, topic, _KEPT)
            self._messages[one.name] = found
            self._publishers[one.name] = stage.probe.publisher(
                found.kind, topic, qos_profile_sensor_data
            )
        self._speaking = set(self._messages)
        self._silenced: set[str] = set()
        #: Of all moments at which something was sent, nanoseconds.
        self.stamps: list[int] = []

    def start(self) -> None:
        """Begin to publish."""
        self._stage.probe.every(1.0 / RATE, self._send)

    def silence(self, name: str) -> int:
        """Let one fall silent, its publisher stays; how many moments there were before."""
        return self._change(lambda: self._speaking.discard(name))

    def speak(self, name: str) -> int:
        """Let it speak again; how many moments there were before."""
        return self._change(lambda: self._speaking.add(name))

    def wait_moments(self, count: int) -> None:
        """Wait until there were so many moments."""
        self._stage.wait(lambda: len(self.stamps) >= count, f'{count} moments', 60.0)

    def wait_settled(self, names: Sequence[str], timeout: float = 120.0) -> None:
        """Wait until the fusion knows the rhythm of all of these, and has them in one window.

        :raises InVainError: in vain.
        """
        begin = len(self._stage.recognitions)

        def settled() -> bool:
            fresh = [heard(one).fresh for one in self._stage.recognitions[begin:]]
            often = Counter(name for names in fresh for name in names)
            together = bool(fresh) and fresh[-1] >= set(names)
            return together and all(often[name] >= SETTLED for name in names)

        if not self._stage.probe.happens(settled, timeout):
            last = self._stage.status('fusion')
            shown = {key: text for key, text in last.items() if key.startswith(('sensor', 'win'))}
            raise InVainError(f'{", ".join(names)} were never recognised together: {shown}')

    def _change(self, action: Any) -> int:
        moments = 0

        def act() -> None:
            nonlocal moments
            action()
            moments = len(self.stamps)

        self._stage.probe.run(act)
        return moments

    def _send(self) -> None:
        stamp = time.time_ns()
        number = len(self.stamps)
        self.stamps.append(stamp)
        for name in self._speaking:
            self._publishers[name].publish(self._messages[name].at(number, stamp))
        self._stage.probe.notice(None)
