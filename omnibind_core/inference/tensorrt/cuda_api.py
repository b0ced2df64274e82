"""The few calls of CUDA that running an engine takes. Addresses and handles are whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Device:
    """A GPU.

    :param name: as the driver gives it.
    :param capability: its compute capability: major, minor.
    """

    name: str
    capability: tuple[int, int]

    def __str__(self) -> str:
        return f'{self.name} (compute capability {self.capability[0]}.{self.capability[1]})'


class CudaApi(Protocol):
    """CUDA, for the device that the process sees first.

    Every call raises :class:`~omnibind_core.inference.tensorrt.errors.CudaError`, and
    :class:`~omnibind_core.inference.tensorrt.errors.GpuMemoryError` when memory is exhausted.
    """

    def device(self) -> Device:
        """The GPU."""

    def allocate(self, count: int) -> int:
        """GPU memory of that many bytes."""

    def free(self, address: int) -> None:
        """Give GPU memory back."""

    def allocate_pinned(self, count: int) -> int:
        """Memory of the host that the GPU copies from and to by itself."""

    def free_pinned(self, address: int) -> None:
        """Give pinned memory back."""

    def create_stream(self) -> int:
        """A queue of work that waits for no other queue."""

    def destroy_stream(self, stream: int) -> None:
        """End a stream; nothing may be left in it."""

    def to_device(self, device: int, host: int, count: int, stream: int) -> None:
        """Queue a copy of bytes from pinned memory to the GPU."""

    def to_host(self, host: int, device: int, count: int, stream: int) -> None:
        """Queue a copy of bytes from the GPU to pinned memory."""

    def synchronize(self, stream: int) -> None:
        """Wait until everything queued is done; errors of it are raised here."""

    def begin_capture(self, stream: int) -> None:
        """From here on, work is noted down instead of queued."""

    def end_capture(self, stream: int) -> int:
        """What was noted down, as a graph."""

    def instantiate(self, graph: int) -> int:
        """A graph that can be launched."""

    def launch(self, executable: int, stream: int) -> None:
        """Queue all the work of a graph."""

    def destroy_graph(self, graph: int) -> None:
        """Free a graph."""

    def destroy_executable(self, executable: int) -> None:
        """Free a graph that could be launched."""
