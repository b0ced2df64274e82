"""CUDA through NVIDIA's ``cuda-python`` (its module ``cuda.bindings.runtime``)."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from omnibind_core.errors import UnavailableError
from omnibind_core.inference.tensorrt.cuda_api import Device
from omnibind_core.inference.tensorrt.errors import CudaError
from omnibind_core.inference.tensorrt.errors import GpuMemoryError


class CudaPython:
    """CUDA's runtime; see :class:`~omnibind_core.inference.tensorrt.cuda_api.CudaApi`.

    :param runtime: the module ``cuda.bindings.runtime``; ``None``: the installed one.
    :raises UnavailableError: when it is not installed.
    """

    def __init__(self, runtime: Any = None) -> None:
        if runtime is None:
            try:
                runtime = import_module('cuda.bindings.runtime')
            except ImportError as error:
                raise UnavailableError(
                    f'cuda-python cannot be imported ({error}): install the cuda-python of the '
                    "driver's CUDA version"
                ) from error
        self._runtime = runtime

    def device(self) -> Device:
        """The GPU that the process sees first."""
        attribute = self._runtime.cudaDeviceAttr
        major = self._call('cudaDeviceGetAttribute', attribute.cudaDevAttrComputeCapabilityMajor, 0)
        minor = self._call('cudaDeviceGetAttribute', attribute.cudaDevAttrComputeCapabilityMinor, 0)
        name = self._call('cudaGetDeviceProperties', 0).name
        text = name.split(b'\0')[0].decode(errors='replace') if isinstance(name, bytes) else name
        return Device(str(text), (int(major), int(minor)))

    def allocate(self, count: int) -> int:
        """GPU memory of that many bytes."""
        return int(self._call('cudaMalloc', count))

    def free(self, address: int) -> None:
        """Give GPU memory back."""
        self._call('cudaFree', address)

    def allocate_pinned(self, count: int) -> int:
        """Memory of the host that the GPU copies from and to by itself."""
        return int(self._call('cudaHostAlloc', count, self._runtime.cudaHostAllocDefault))

    def free_pinned(self, address: int) -> None:
        """Give pinned memory back."""
        self._call('cudaFreeHost', address)

    def create_stream(self) -> int:
        """A queue of work that waits for no other queue, not the default one either."""
        flags = self._runtime.cudaStreamNonBlocking
        return int(self._call('cudaStreamCreateWithFlags', flags))

    def destroy_stream(self, stream: int) -> None:
        """End a stream; nothing may be left in it."""
        self._call('cudaStreamDestroy', stream)

    def to_device(self, device: int, host: int, count: int, stream: int) -> None:
        """Queue a copy of bytes from pinned memory to the GPU."""
        kind = self._runtime.cudaMemcpyKind.cudaMemcpyHostToDevice
        self._call('cudaMemcpyAsync', device, host, count, kind, stream)

    def to_host(self, host: int, device: int, count: int, stream: int) -> None:
        """Queue a copy of bytes from the GPU to pinned memory."""
        kind = self._runtime.cudaMemcpyKind.cudaMemcpyDeviceToHost
        self._call('cudaMemcpyAsync', host, device, count, kind, stream)

    def synchronize(self, stream: int) -> None:
        """Wait until everything queued is done; errors of it are raised here."""
        self._call('cudaStreamSynchronize', stream)

    def begin_capture(self, stream: int) -> None:
        """From here on, this thread's work is noted down instead of queued."""
        mode = self._runtime.cudaStreamCaptureMode.cudaStreamCaptureModeThreadLocal
        self._call('cudaStreamBeginCapture', stream, mode)

    def end_capture(self, stream: int) -> int:
        """What was noted down, as a graph."""
        return int(self._call('cudaStreamEndCapture', stream))

    def instantiate(self, graph: int) -> int:
        """A graph that can be launched."""
        return int(self._call('cudaGraphInstantiate', graph, 0))

    def launch(self, executable: int, stream: int) -> None:
        """Queue all the work of a graph."""
        self._call('cudaGraphLaunch', executable, stream)

    def destroy_graph(self, graph: int) -> None:
        """Free a graph."""
        self._call('cudaGraphDestroy', graph)

    def destroy_executable(self, executable: int) -> None:
        """Free a graph that could be launched."""
        self._call('cudaGraphExecDestroy', executable)

    def _call(self, name: str, *arguments: Any) -> Any:
        """Make a call, and its error an exception; the result, where it has one."""
        code, *results = getattr(self._runtime, name)(*arguments)
        if int(code) != 0:
            if code == self._runtime.cudaError_t.cudaErrorMemoryAllocation:
                raise GpuMemoryError(f'{name}: out of memory{_wanted(name, arguments)}')
            raise CudaError(name, int(code), getattr(code, 'name', 'unknown'))
        return results[0] if results else None


def _wanted(name: str, arguments: tuple[Any, ...]) -> str:
    if name in ('cudaMalloc', 'cudaHostAlloc'):
        return f'; {arguments[0] / 1e6:.1f} MB were asked for'
    return ''
