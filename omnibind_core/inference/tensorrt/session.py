"""One encoder on a GPU.

Notation: ``b`` batch, ``d`` length of an embedding.
"""

from __future__ import annotations

import logging
import threading
import weakref

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import BackendError
from omnibind_core.inference.tensorrt.loaded_engine import LoadedEngine
from omnibind_core.inference.tensorrt.profile import Profile
from omnibind_core.inference.tensorrt.toolkit import Toolkit

_LOG = logging.getLogger(__name__)
_PATIENCE = 10.0  # s for a run that is under way; the process's end frees the memory anyhow


class TensorRtSession:
    """An engine with one input and one output: ``[b, ...] -> [b, d]``, float32. Thread-safe.

    One run at a time: an engine's context may not be used by two threads. It is warmed up when it
    is made, so that the first reading is not the slow one.

    :param plan: the engine, serialised; from :func:`build_plan` or the engine cache only: an engine
        is executable code.
    :param profile: what it was built for.
    :param output_size: d.
    :param name: of the model, for errors.
    :param cuda_graph: replay the work of a batch that repeats as one CUDA graph.
    :raises EngineLoadError: when TensorRT does not take the engine, or it is not the one described.
    :raises GpuMemoryError: when memory is exhausted.
    :raises TensorRtError: when the first run fails.
    """

    def __init__(
        self,
        toolkit: Toolkit,
        plan: bytes,
        profile: Profile,
        *,
        output_size: int,
        name: str,
        cuda_graph: bool = False,
    ) -> None:
        #: ``[b, ...]`` without b, and ``d``.
        self.input_shape = profile.shape
        self.output_size = output_size
        self._name = name
        self._most = profile.most
        self._lock = threading.Lock()
        self._engine = LoadedEngine(
            toolkit, plan, profile, output_size=output_size, name=name, cuda_graph=cuda_graph
        )
        # Also at the interpreter's end, while CUDA is still there.
        self._finalizer = weakref.finalize(self, _end, self._engine, self._lock, name)
        try:
            self.run(np.zeros((1, *profile.shape), dtype=np.float32))
        except BaseException:
            self.close()
            raise

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run the model: ``[b, ...] -> [b, d]``; more than the engine's largest batch in parts.

        :raises BackendError: for an array of another shape or type, and when the session is closed.
        :raises TensorRtError: when it fails.
        """
        if batch.ndim != len(self.input_shape) + 1 or batch.shape[1:] != self.input_shape:
            raise BackendError(
                f'{self._name}: takes [b, {", ".join(map(str, self.input_shape))}], '
                f'got {list(batch.shape)}'
            )
        if batch.dtype != np.float32:
            raise BackendError(f'{self._name}: takes float32, got {batch.dtype}')
        made = np.empty((len(batch), self.output_size), dtype=np.float32)
        with self._lock:
            if not self._finalizer.alive:
                raise BackendError(f'{self._name}: the session is closed')
            for start in range(0, len(batch), self._most):
                part = batch[start : start + self._most]
                self._engine.run(part, made[start : start + len(part)])
        return made

    def close(self) -> None:
        """Free everything on the GPU once nothing runs; a second call does nothing."""
        if self._finalizer.detach() is not None:
            with self._lock:
                self._engine.close()


def _end(engine: LoadedEngine, lock: threading.Lock, name: str) -> None:
    """Free an engine, but not while a thread runs it: its buffers are being copied from."""
    if not lock.acquire(timeout=_PATIENCE):
        _LOG.warning('%s: still running after %.0f s; its memory is not freed', name, _PATIENCE)
        return
    try:
        engine.close()
    finally:
        lock.release()
