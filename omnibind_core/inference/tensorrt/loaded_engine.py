"""An engine with everything it needs to run: context, stream, buffers, graph."""

from __future__ import annotations

from collections.abc import Callable
import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.inference.tensorrt.errors import EngineLoadError
from omnibind_core.inference.tensorrt.errors import GpuMemoryError
from omnibind_core.inference.tensorrt.errors import TensorRtError
from omnibind_core.inference.tensorrt.profile import Profile
from omnibind_core.inference.tensorrt.staging import Staging
from omnibind_core.inference.tensorrt.toolkit import Toolkit
from omnibind_core.inference.tensorrt.trt_api import Context
from omnibind_core.inference.tensorrt.trt_api import Engine
from omnibind_core.inference.tensorrt.trt_log import of_memory
from omnibind_core.inference.tensorrt.trt_log import told

_LOG = logging.getLogger(__name__)


class LoadedEngine:
    """Runs batches; not thread-safe. See :class:`TensorRtSession` for the parameters and errors."""

    def __init__(
        self,
        toolkit: Toolkit,
        plan: bytes,
        profile: Profile,
        *,
        output_size: int,
        name: str,
        cuda_graph: bool,
    ) -> None:
        self._toolkit, self._cuda, self._name = toolkit, toolkit.cuda, name
        self._profile = profile
        self._runtime: Any = None
        self._engine: Engine | None = None
        self._context: Context | None = None
        self._stream: int | None = None
        self._staging: list[Staging] = []
        self._batch = 0  # that the context is set to
        self._ran = 0  # the batch that it last ran without an error
        self._graph: int | None = None  # of that batch
        self._want_graph = cuda_graph
        try:
            self._runtime, self._engine = self._load(plan)
            output = self._check(output_size)
            self._context = self._make_context()
            self._stream = self._cuda.create_stream()
            for shape in (profile.shape, (output_size,)):
                self._staging.append(Staging(self._cuda, (profile.most, *shape)))
            for tensor, staging in zip((profile.tensor, output), self._staging, strict=True):
                if not self._context.set_tensor_address(tensor, staging.device):
                    raise EngineLoadError(f'{name}: the engine refuses a buffer for {tensor!r}')
        except BaseException:
            self.close()
            raise

    def run(self, batch: NDArray[np.float32], made: NDArray[np.float32]) -> None:
        """Run a batch ``[b, ...]`` of at most the profile's largest, into ``made`` ``[b, d]``.

        :raises TensorRtError: when it fails; nothing of it is left in the stream.
        """
        taken, given = self._staging
        assert self._stream is not None
        taken.host[: len(batch)] = batch
        self._set_batch(len(batch))
        repeats = self._ran == len(batch)  # TensorRT must have run a shape before it is captured
        self._ran = 0
        try:
            if self._graph is None and self._want_graph and repeats:
                self._capture(len(batch))
            if self._graph is not None:
                self._cuda.launch(self._graph, self._stream)
            else:
                self._enqueue(len(batch))
            self._cuda.synchronize(self._stream)
        except BaseException:
            self._drain()  # the next batch is written into the same buffers
            raise
        self._ran = len(batch)
        made[:] = given.host[: len(batch)]

    def close(self) -> None:
        """Free everything, in the order in which one thing needs another."""
        if self._stream is not None:
            self._drain()
        self._drop_graph()
        self._context = None
        self._engine = None
        self._runtime = None
        for staging in self._staging:
            self._quietly(staging.close)
        self._staging = []
        if self._stream is not None:
            stream, self._stream = self._stream, None
            self._quietly(lambda: self._cuda.destroy_stream(stream))

    def _load(self, plan: bytes) -> tuple[Any, Engine]:
        trt, log = self._toolkit.trt, self._toolkit.log
        with log.errors() as errors:
            try:
                runtime = trt.Runtime(log.logger)
            except TypeError as error:  # how the bindings report a null pointer
                text = told(errors or [str(error)])
                raise TensorRtError(f'TensorRT does not start: {text}') from None
            engine = runtime.deserialize_cuda_engine(plan)
        if engine is None:
            if of_memory(errors):
                raise GpuMemoryError(f'{self._name}: loading the engine: {told(errors)}')
            raise EngineLoadError(
                f'{self._name}: TensorRT does not take the engine: {told(errors)}'
            )
        return runtime, engine

    def _check(self, output_size: int) -> str:
        """Whether it is the engine of this model; the name of its output."""
        shapes, outputs, right = self._signature(output_size)
        if not right:
            raise EngineLoadError(f'{self._name}: the engine is of another model: it has {shapes}')
        return outputs[0]

    def _signature(self, output_size: int) -> tuple[dict[str, tuple[int, ...]], list[str], bool]:
        """Its tensors' shapes, its outputs, and whether all is as it should be."""
        engine, trt, tensor = self._engine, self._toolkit.trt, self._profile.tensor
        assert engine is not None
        names = [engine.get_tensor_name(index) for index in range(engine.num_io_tensors)]
        modes = {name: engine.get_tensor_mode(name) for name in names}
        outputs = [name for name in names if modes[name] == trt.TensorIOMode.OUTPUT]
        shapes = {name: tuple(engine.get_tensor_shape(name)) for name in names}
        right = (
            len(names) == 2
            and len(outputs) == 1
            and modes.get(tensor) == trt.TensorIOMode.INPUT
            and all(engine.get_tensor_dtype(name) == trt.DataType.FLOAT for name in names)
            and self._is_batch_of(shapes[tensor], self._profile.shape)
            and self._is_batch_of(shapes[outputs[0]], (output_size,))
            and self._profile.fits(engine)
        )
        return shapes, outputs, right

    def _is_batch_of(self, shape: tuple[int, ...], item: tuple[int, ...]) -> bool:
        """Whether it is ``[any, *item]``; a batch that can only be 1 may have become fixed."""
        anything = (-1, 1) if self._profile.most == 1 else (-1,)
        return shape[:1] in [(size,) for size in anything] and shape[1:] == item

    def _make_context(self) -> Context:
        # No name of its own for the engine here and above: the traceback of an error would keep it
        # alive beyond the runtime that it needs.
        assert self._engine is not None
        with self._toolkit.log.errors() as errors:
            context = self._engine.create_execution_context()
        if context is None:
            kind = GpuMemoryError if of_memory(errors) else EngineLoadError
            raise kind(f'{self._name}: no context for the engine: {told(errors)}')
        return context

    def _set_batch(self, count: int) -> None:
        """Set the context to a batch."""
        if count == self._batch:
            return
        assert self._context is not None
        self._drop_graph()  # it was captured for the shape of before
        self._batch = 0
        if not self._context.set_input_shape(self._profile.tensor, (count, *self._profile.shape)):
            raise TensorRtError(f'{self._name}: the engine refuses a batch of {count}')
        self._batch = count

    def _enqueue(self, count: int) -> None:
        """Queue the copies and the model."""
        taken, given = self._staging
        assert self._context is not None
        assert self._stream is not None
        taken.send(count, self._stream)
        with self._toolkit.log.errors() as errors:
            started = self._context.execute_async_v3(self._stream)
        if not started:
            kind = GpuMemoryError if of_memory(errors) else TensorRtError
            raise kind(f'{self._name}: TensorRT does not run the engine: {told(errors)}')
        given.fetch(count, self._stream)

    def _capture(self, count: int) -> None:
        """Note the work of a batch down as a graph; where that fails, go on without graphs."""
        assert self._stream is not None
        graph = None
        try:
            self._cuda.begin_capture(self._stream)
            try:
                self._enqueue(count)
            finally:
                graph = self._cuda.end_capture(self._stream)
            self._graph = self._cuda.instantiate(graph)
        except TensorRtError as error:
            self._want_graph = False
            _LOG.warning('%s: no CUDA graph, the engine is run without: %s', self._name, str(error))
        finally:
            if graph is not None:
                noted = graph
                self._quietly(lambda: self._cuda.destroy_graph(noted))

    def _drop_graph(self) -> None:
        if self._graph is not None:
            graph, self._graph = self._graph, None
            self._quietly(lambda: self._cuda.destroy_executable(graph))

    def _drain(self) -> None:
        stream = self._stream
        if stream is not None:
            self._quietly(lambda: self._cuda.synchronize(stream))

    def _quietly(self, action: Callable[[], None]) -> None:
        """While cleaning up, one thing that fails must not keep the rest."""
        try:
            action()
        except TensorRtError as error:
            _LOG.warning('%s: cleaning up: %s', self._name, str(error))
