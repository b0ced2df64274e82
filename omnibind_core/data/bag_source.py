"""A ROS 2 bag as a source of serialised messages: topics with their quality, and what to leave out.

Whatever `rosbags` reads is read: MCAP and SQLite, split into files, compressed by file or message.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any
from typing import NamedTuple
from typing import TypeVar

from omnibind_core.data.errors import DataError
from omnibind_core.errors import UnavailableError

T = TypeVar('T')

_MOST_DEPTH = 1000


class BagReadError(DataError):
    """A bag cannot be read, or holds nothing that is wanted; the message names it."""


@dataclass(frozen=True)
class BagTopic:
    """One topic of a bag, with the quality of service that its messages were offered with.

    :param name: absolute.
    :param message: full name of the messages' type, ``sensor_msgs/msg/Image``.
    :param count: how many messages there are.
    :param reliable: whether lost messages were sent again.
    :param latched: whether late subscribers were given the last messages (transient local).
    :param depth: how many messages were kept; 0: all.
    :param definition: the type's definition with all that it contains (concatenated `.msg`), as
        the bag carries it; empty: it carries none in this form.
    """

    name: str
    message: str
    count: int
    reliable: bool
    latched: bool
    depth: int
    definition: str = ''


class BagMessage(NamedTuple):
    """One message.

    :param topic: name of its topic.
    :param received: bag time, ns.
    :param data: in CDR, as it went over the wire.
    """

    topic: str
    received: int
    data: bytes


class BagSource:
    """An open bag; use it in a ``with`` statement.

    :param path: the bag's folder, or one file of it.
    :param include: topics to read, ``*`` and ``?`` as in file names; empty: all of them.
    :param exclude: topics to leave out, in the same way.
    :raises BagReadError: it is no bag, or none of its topics is wanted.
    :raises UnavailableError: ``rosbags`` is not installed.
    """

    def __init__(
        self, path: Path, *, include: Sequence[str] = (), exclude: Sequence[str] = ()
    ) -> None:
        try:
            reader = import_module('rosbags.rosbag2').Reader
        except ImportError:
            raise UnavailableError(
                'reading bags needs the package rosbags; install "omnibind[bags]"'
            ) from None
        self.path = path
        self._reader = self._attempt(lambda: reader(path))
        self._attempt(self._reader.open)
        try:
            self._connections = self._wanted(include, exclude)
            #: The topics that are read, by name.
            self.topics = self._topics()
        except BaseException:
            self._reader.close()
            raise

    @property
    def begin(self) -> int:
        """Bag time of the first message of all, ns."""
        return int(self._reader.start_time)

    @property
    def end(self) -> int:
        """Bag time of the last message of all, ns."""
        return int(self._reader.end_time)

    def messages(self, start: int, stop: int) -> Iterator[BagMessage]:
        """The messages with ``start`` <= bag time < ``stop``, in order.

        :raises BagReadError: when the file is damaged; what came before was good.
        """
        yield from self._read(self._connections, start, stop)

    def latched_before(self, start: int) -> list[BagMessage]:
        """What a subscriber that came at ``start`` would have been given of latched topics."""
        names = {topic.name for topic in self.topics.values() if topic.latched}
        connections = [item for item in self._connections if item.topic in names]
        if not connections or start <= self.begin:
            return []
        kept = {name: deque[BagMessage](maxlen=self.topics[name].depth or None) for name in names}
        for message in self._read(connections, self.begin, start):
            kept[message.topic].append(message)
        return sorted(
            (message for some in kept.values() for message in some),
            key=lambda message: message.received,
        )

    def __enter__(self) -> BagSource:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._reader.close()

    def _read(self, connections: Sequence[Any], start: int, stop: int) -> Iterator[BagMessage]:
        source = self._reader.messages(connections, start=start, stop=stop)
        while True:
            found = self._attempt(lambda: next(source, None))
            if found is None:
                return
            connection, received, data = found
            yield BagMessage(connection.topic, received, bytes(data))

    def _attempt(self, action: Callable[[], T]) -> T:
        """Do it; whatever a damaged file makes of it becomes one sentence."""
        try:
            return action()
        except FileNotFoundError:
            raise BagReadError(
                f'{self.path}: there is no such bag; name its folder or file'
            ) from None
        except Exception as error:  # rosbags, YAML, decompression and struct each have their own
            raise BagReadError(
                f'{self.path} cannot be read as a ROS 2 bag: {type(error).__name__}: {error}'
            ) from error

    def _wanted(self, include: Sequence[str], exclude: Sequence[str]) -> list[Any]:
        connections = [item for item in self._reader.connections if item.msgcount]
        names = sorted({item.topic for item in connections})
        if not names:
            raise BagReadError(f'{self.path}: the bag is empty: there is no message in it')
        for pattern in (*include, *exclude):
            if not any(fnmatchcase(name, pattern) for name in names):
                raise BagReadError(f'{self.path}: no topic {pattern}; there are {", ".join(names)}')

        def wanted(name: str) -> bool:
            return (not include or any(fnmatchcase(name, pattern) for pattern in include)) and (
                not any(fnmatchcase(name, pattern) for pattern in exclude)
            )

        found = [item for item in connections if wanted(item.topic)]
        if not found:
            raise BagReadError(
                f'{self.path}: no message is left to read; topics: {", ".join(names)}'
            )
        return found

    def _topics(self) -> dict[str, BagTopic]:
        groups: dict[str, list[Any]] = {}
        for item in self._connections:
            groups.setdefault(item.topic, []).append(item)
        return {name: _topic(name, items) for name, items in sorted(groups.items())}


def _topic(name: str, connections: Sequence[Any]) -> BagTopic:
    types = {item.msgtype for item in connections}
    if len(types) > 1:
        raise BagReadError(
            f'topic {name} holds messages of several types: {", ".join(sorted(types))}'
        )
    offered = [quality for item in connections for quality in item.ext.offered_qos_profiles]
    latched = [one for one in offered if one.durability.name == 'TRANSIENT_LOCAL']
    # Several publishers are played as one, which must satisfy whoever listened to any of them.
    depths = [one.depth for one in (latched or offered)]
    depth = sum(depths) if latched else max(depths, default=10)
    keep_all = any(one.history.name == 'KEEP_ALL' for one in offered)
    return BagTopic(
        name=name,
        message=types.pop(),
        count=sum(item.msgcount for item in connections),
        reliable=any(one.reliability.name != 'BEST_EFFORT' for one in offered) or not offered,
        latched=bool(latched),
        depth=0 if keep_all else min(max(depth, 1), _MOST_DEPTH),
        definition=next((text for text in map(_definition, connections) if text), ''),
    )


def _definition(connection: Any) -> str:
    given = connection.msgdef
    return str(given.data) if given.format.name == 'MSG' else ''
