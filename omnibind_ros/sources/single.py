"""Sensors whose every message is complete in itself: pictures and point clouds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from omnibind_ros.sources.source import Assembled


class SingleSource:
    """Each message is a reading. It is decoded only if it is the newest when its turn comes.

    :param convert: message -> the modality's raw data; raises InputError for what it cannot read.
    """

    decodes_on_entry = False

    def __init__(self, convert: Callable[[Any], Any]) -> None:
        self._convert = convert
        self._newest: Assembled | None = None

    def enter(self, message: Any, stamp: int, *, arrival: bool) -> int | None:  # noqa: ARG002
        """See :meth:`Source.enter`."""
        self._newest = Assembled(message, stamp, 0)
        return stamp

    def assemble(self) -> Assembled | None:
        """See :meth:`Source.assemble`."""
        newest, self._newest = self._newest, None
        return newest

    def convert(self, content: Any) -> Any | None:
        """See :meth:`Source.convert`."""
        return self._convert(content)

    def apply(self, settings: Any) -> None:
        """Nothing here depends on settings."""

    def interrupted(self) -> None:
        """A message has nothing to do with the one before it."""
        self._newest = None

    def values(self) -> dict[str, str]:
        """Nothing."""
        return {}
