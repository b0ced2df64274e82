"""A tensor's two buffers: pinned memory of the host, and memory of the GPU."""

from __future__ import annotations

import ctypes
from math import prod

import numpy as np
from numpy.typing import NDArray

from omnibind_core.inference.tensorrt.cuda_api import CudaApi


class Staging:
    """Buffers for float32 ``[most, ...]``, allocated once.

    Copies from pinned memory run beside everything else; from other memory they would make the
    host wait.

    :param shape: with the largest batch.
    :raises GpuMemoryError: when there is not enough memory.
    """

    def __init__(self, cuda: CudaApi, shape: tuple[int, ...]) -> None:
        self._cuda = cuda
        self._item = 4 * prod(shape[1:])  # bytes of one of a batch
        count = shape[0] * self._item
        #: Address on the GPU.
        self.device = cuda.allocate(count)
        try:
            self._pinned = cuda.allocate_pinned(count)
        except BaseException:
            cuda.free(self.device)
            raise
        memory = (ctypes.c_float * (count // 4)).from_address(self._pinned)
        #: The host's side; valid until :meth:`close`.
        self.host: NDArray[np.float32] = np.ctypeslib.as_array(memory).reshape(shape)

    def send(self, count: int, stream: int) -> None:
        """Queue the copy of the first of a batch to the GPU."""
        self._cuda.to_device(self.device, self._pinned, count * self._item, stream)

    def fetch(self, count: int, stream: int) -> None:
        """Queue the copy of the first of a batch to the host."""
        self._cuda.to_host(self._pinned, self.device, count * self._item, stream)

    def close(self) -> None:
        """Give both back; the array must not be touched afterwards."""
        self.host = np.empty(0, dtype=np.float32)
        try:
            self._cuda.free_pinned(self._pinned)
        finally:
            self._cuda.free(self.device)
