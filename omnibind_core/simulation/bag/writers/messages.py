"""Making and serialising messages through a store of message types."""

from __future__ import annotations

from typing import Any

from omnibind_core.simulation.bag.ticks import SECOND


class Messages:
    """Messages of the types that a store knows.

    :param store: of :func:`omnibind_core.data.message_definitions.message_store`.
    """

    def __init__(self, store: Any) -> None:
        self.store = store

    def make(self, name: str, /, **fields: Any) -> Any:
        """A message.

        :param name: full name of its type, ``std_msgs/msg/Header``.
        """
        return self.store.types[name](**fields)

    def header(self, stamp: int, frame_id: str) -> Any:
        """A ``std_msgs/Header``.

        :param stamp: ns of ROS time.
        """
        seconds, nanoseconds = divmod(stamp, SECOND)
        time = self.make('builtin_interfaces/msg/Time', sec=seconds, nanosec=nanoseconds)
        return self.make('std_msgs/msg/Header', stamp=time, frame_id=frame_id)

    def serialised(self, name: str, /, **fields: Any) -> bytes:
        """A message in CDR, as it goes over the wire and into a bag."""
        return bytes(self.store.serialize_cdr(self.make(name, **fields), name))
