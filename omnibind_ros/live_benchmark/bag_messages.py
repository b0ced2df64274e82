"""Messages of a bag, to be sent to live nodes with other stamps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rclpy.serialization import deserialize_message

from omnibind_core.data.bag_source import BagReadError
from omnibind_core.data.bag_source import BagSource
from omnibind_core.data.stamped_message import shifted
from omnibind_ros.conversions.stamp import stamp_to_ns
from omnibind_ros.played_topic import message_class


@dataclass(frozen=True)
class BagMessages:
    """The first messages of one topic, again and again.

    :param kind: their class.
    :param data: in CDR.
    :param stamps: of their headers, nanoseconds; for a message without one its bag time.
    :param reliable: whether they were offered as reliable.
    """

    kind: type[Any]
    data: tuple[bytes, ...]
    stamps: tuple[int, ...]
    reliable: bool

    def at(self, number: int, stamp: int) -> bytes:
        """The message of this number, stamped anew."""
        index = number % len(self.data)
        return shifted(self.data[index], stamp - self.stamps[index])

    def paced(self, number: int, begin: int) -> bytes:
        """The same with stamps that follow each other as in the bag, from ``begin`` on."""
        rounds, index = divmod(number, len(self.data))
        length = self.stamps[-1] - self.stamps[0]
        usual = length // max(len(self.stamps) - 1, 1)
        shift = begin - self.stamps[0] + rounds * (length + usual)
        return shifted(self.data[index], shift)

    @property
    def size(self) -> int:
        """Bytes of a message, on average."""
        return sum(map(len, self.data)) // len(self.data)


def bag_messages(bag: Path, topic: str, count: int) -> BagMessages:
    """Read them.

    :param count: at most so many.
    :raises BagReadError: the bag cannot be read, or has no message of this topic.
    :raises UnavailableError: the message's package is not installed.
    """
    with BagSource(bag, include=[topic]) as source:
        found = source.topics[topic]
        kind = message_class(found.message)
        stream = source.messages(source.begin, source.end + 1)
        messages = [one for _, one in zip(range(count), stream, strict=False)]
    if not messages:
        raise BagReadError(f'{bag}: no message of {topic}')
    stamps = []
    for one in messages:
        header = getattr(deserialize_message(one.data, kind), 'header', None)
        stamps.append(one.received if header is None else stamp_to_ns(header.stamp))
    data = tuple(one.data for one in messages)
    return BagMessages(kind, data, tuple(stamps), found.reliable)
