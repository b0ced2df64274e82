"""A node inside the test process: publishes, listens, and lets the test wait for events."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from omnibind_ros.stage.probe import Heard
from omnibind_ros.stage.probe import InVainError
from omnibind_ros.stage.probe import Probe as LastingProbe

__all__ = ['Heard', 'InVainError', 'Probe']


class Probe(LastingProbe):
    """A probe that takes the nodes with it that it spins.

    A node that is only forgotten stays in the graph until Python's garbage is collected; the next
    tests of the same process would take it for their node of its name.
    """

    def __init__(self, namespace: str = '/omnibind') -> None:
        super().__init__(namespace)
        self._others: list[Any] = []

    def add_node(self, node: Any) -> None:
        """Spin another node too, and destroy it at the end."""
        super().add_node(node)
        self._others.append(node)

    def remove_node(self, node: Any) -> None:
        """Spin it no more; its end is the caller's business."""
        super().remove_node(node)
        self._others.remove(node)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            for node in [*self._others]:
                self.remove_node(node)
                self.run(node.destroy_node)
        finally:
            super().__exit__(kind, error, trace)
