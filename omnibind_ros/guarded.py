"""Callbacks whose errors are reported; rclpy would end the process over them."""

from __future__ import annotations

from collections.abc import Callable
import functools
from typing import Any
from typing import Protocol
from typing import TypeVar

Method = TypeVar('Method', bound=Callable[..., Any])


class Reporting(Protocol):
    """Who has guarded methods."""

    def failed(self, where: str, error: Exception) -> None:
        """Count and log what a callback raised."""


def guarded(method: Method) -> Method:
    """A method whose exceptions go to ``failed``: one bad callback must not stop the others."""

    @functools.wraps(method)
    def call(self: Reporting, *args: Any) -> Any:
        try:
            return method(self, *args)
        except Exception as error:  # noqa: BLE001  whatever it is, it is reported
            self.failed(method.__name__.strip('_'), error)
            return None

    return call  # type: ignore[return-value]
