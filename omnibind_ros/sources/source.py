"""What every source does: messages enter, readings come out. No rclpy here."""

from __future__ import annotations

from typing import Any
from typing import NamedTuple
from typing import Protocol


class Assembled(NamedTuple):
    """Something that can be encoded.

    :param content: for :meth:`Source.convert`.
    :param stamp: ROS time at the *end* of what was sensed, nanoseconds.
    :param span: its length, nanoseconds; 0 for a picture.
    """

    content: Any
    stamp: int
    span: int


class Source(Protocol):
    """One sensor's messages. All but :meth:`convert` are called on the receiving thread.

    :ivar decodes_on_entry: whether the decoding happens in :meth:`enter`: every message is
        needed, also those that are never the newest. Otherwise it happens in :meth:`convert`.
    """

    decodes_on_entry: bool

    def enter(self, message: Any, stamp: int, *, arrival: bool) -> int | None:
        """A message arrived.

        :param stamp: its corrected stamp, nanoseconds.
        :param arrival: the stamp is when the message arrived, not what the driver says.
        :returns: the stamp of what :meth:`assemble` would give now; ``None``: not enough yet.
        :raises InputError: for a message that cannot be used; the next may be fine.
        """

    def assemble(self) -> Assembled | None:
        """The newest reading there is; ``None``: not enough yet."""

    def convert(self, content: Any) -> Any | None:
        """The modality's raw data, on the worker thread.

        :returns: ``None`` while the source is still learning what it needs to know.
        :raises InputError: for content that cannot be used.
        """

    def apply(self, settings: Any) -> None:
        """The sensor's settings were changed."""

    def interrupted(self) -> None:
        """Messages were left out: what was assembled before is not continued."""

    def values(self) -> dict[str, str]:
        """What there is to say about it in diagnostics."""
