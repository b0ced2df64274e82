"""A TensorRT that computes by ONNX Runtime and fails on every misuse it can see.

It has the part of the interface that is used and nothing else; flags have the numbers of the
version that it says it is.
"""

from __future__ import annotations

from collections.abc import Callable
import json
from types import SimpleNamespace
from typing import Any
import weakref

import numpy as np
from strict_cuda import StrictCuda
from strict_cuda import Work

_PLAN = b'STRICT PLAN\n'


class StrictTensorRt:
    """Stands in the place of the module ``tensorrt``.

    :param cuda: whose memory and streams it works with.
    :param version: as the module's.
    """

    def __init__(self, cuda: StrictCuda, version: str = '11.4.0.106') -> None:
        self.__version__ = version
        self.cuda = cuda
        #: How often each thing was done.
        self.builds = 0
        self.loads = 0
        #: Errors that the next calls report, giving None or False instead of a result.
        self.refuse: dict[str, list[str]] = {}
        #: What happens during a build.
        self.during_build: Callable[[], None] = lambda: None
        #: Applied to what engines compute.
        self.distort: Callable[[Any], Any] = lambda values: values
        self._logger: Any = None
        strongly_typed = 1 if version.startswith('10.') else 0
        self.NetworkDefinitionCreationFlag = SimpleNamespace(STRONGLY_TYPED=strongly_typed)
        self.MemoryPoolType = SimpleNamespace(WORKSPACE='WORKSPACE')
        self.TensorIOMode = SimpleNamespace(INPUT='INPUT', OUTPUT='OUTPUT')
        self.DataType = SimpleNamespace(FLOAT='FLOAT', HALF='HALF')
        self.ILogger = StrictLogger
        if version.startswith('1.'):  # TensorRT-RTX
            self.ComputeCapability = SimpleNamespace(SM86='SM86')

    def Builder(self, logger: Any) -> StrictBuilder:  # noqa: N802
        return StrictBuilder(self.checked(logger), self)

    def OnnxParser(self, network: Any, logger: Any) -> StrictParser:  # noqa: N802
        self.checked(logger)
        return StrictParser(network)

    def Runtime(self, logger: Any) -> StrictRuntime:  # noqa: N802
        return StrictRuntime(self.checked(logger), self)

    def checked(self, logger: Any) -> Any:
        """One logger a process, with its base's constructor called."""
        if not isinstance(logger, StrictLogger) or not getattr(logger, 'ready', False):
            raise self.cuda.misuse('no ILogger, or its __init__ was not called')
        if self._logger is None:
            self._logger = logger
        if self._logger is not logger:
            raise self.cuda.misuse('a second logger: TensorRT ignores it')
        return logger

    def refused(self, what: str) -> bool:
        """Whether this call is to fail; logs why."""
        if not self.refuse.get(what):
            return False
        self.error(self.refuse[what].pop(0))
        return True

    def error(self, text: str) -> None:
        self._logger.log(SimpleNamespace(name='ERROR'), text)


class StrictLogger:
    """Base of loggers."""

    def __init__(self) -> None:
        self.ready = True

    def log(self, severity: Any, msg: str) -> None:
        raise AssertionError('log must be overridden')


class StrictNetwork:
    def __init__(self, builder: StrictBuilder) -> None:
        self.builder = builder
        self.model = b''
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []

    @property
    def num_inputs(self) -> int:
        return len(self.inputs)

    @property
    def num_outputs(self) -> int:
        return len(self.outputs)

    def get_input(self, index: int) -> Any:
        return self.inputs[index]

    def get_output(self, index: int) -> Any:
        return self.outputs[index]


class StrictParser:
    def __init__(self, network: StrictNetwork) -> None:
        self._network = network
        self._errors: list[str] = []

    @property
    def num_errors(self) -> int:
        return len(self._errors)

    def get_error(self, index: int) -> str:
        return self._errors[index]

    def parse(self, model: bytes) -> bool:
        import onnx

        try:
            graph = onnx.load_from_string(model).graph
        except Exception as error:  # noqa: BLE001  of protocol buffers
            self._errors.append(f'no ONNX: {error}')
            return False
        self._network.model = model
        for source, target in (
            (graph.input, self._network.inputs),
            (graph.output, self._network.outputs),
        ):
            for value in source:
                sizes = value.type.tensor_type.shape.dim
                shape = tuple(-1 if size.dim_param else size.dim_value for size in sizes)
                target.append(SimpleNamespace(name=value.name, shape=shape))
        return True


class StrictProfile:
    def __init__(self) -> None:
        self.shapes: dict[str, tuple[Any, Any, Any]] = {}

    def set_shape(self, input: str, min: Any, opt: Any, max: Any) -> None:  # noqa: A002
        self.shapes[input] = (tuple(min), tuple(opt), tuple(max))  # any name, as TensorRT does


class StrictConfig:
    __slots__ = ('builder', 'profiles', 'timings', 'workspace')

    def __init__(self, builder: StrictBuilder) -> None:
        self.builder = builder
        self.profiles: list[StrictProfile] = []
        self.workspace = 0
        self.timings: bytes | None = None

    def set_memory_pool_limit(self, pool: Any, pool_size: int) -> None:
        assert pool == 'WORKSPACE'
        self.workspace = pool_size

    def add_optimization_profile(self, profile: StrictProfile) -> int:
        self.profiles.append(profile)
        return len(self.profiles) - 1

    def create_timing_cache(self, serialized_timing_cache: bytes) -> bytes:
        return bytes(serialized_timing_cache)

    def set_timing_cache(self, cache: bytes, ignore_mismatch: bool) -> bool:
        assert not ignore_mismatch
        if cache and cache != b'timings':
            return False
        self.timings = cache
        return True

    def get_timing_cache(self) -> Any:
        assert self.timings is not None
        return SimpleNamespace(serialize=lambda: b'timings')


class StrictRtxConfig(StrictConfig):
    """TensorRT-RTX builds for GPUs that are named."""

    __slots__ = ('named', 'num_compute_capabilities')

    def __init__(self, builder: StrictBuilder) -> None:
        super().__init__(builder)
        self.num_compute_capabilities = 0
        self.named: dict[int, str] = {}

    def set_compute_capability(self, capability: str, index: int) -> None:
        assert index < self.num_compute_capabilities
        self.named[index] = capability


class StrictBuilder:
    def __init__(self, logger: Any, trt: StrictTensorRt) -> None:
        self._trt = trt

    def create_network(self, flags: int) -> StrictNetwork:
        if flags != 1 << self._trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED:
            raise self._trt.cuda.misuse(f'network flags {flags}: not strongly typed')
        return StrictNetwork(self)

    def create_builder_config(self) -> StrictConfig:
        rtx = hasattr(self._trt, 'ComputeCapability')
        return StrictRtxConfig(self) if rtx else StrictConfig(self)

    def create_optimization_profile(self) -> StrictProfile:
        return StrictProfile()

    def build_serialized_network(self, network: StrictNetwork, config: StrictConfig) -> Any:
        misuse = self._trt.cuda.misuse
        if network.builder is not self or config.builder is not self:
            raise misuse('network or configuration of another builder')
        if not network.model or len(config.profiles) != 1 or not config.workspace:
            raise misuse('built without a model, a profile or a workspace limit')
        if config.timings is None:
            raise misuse('built without a timing cache')
        major, minor = self._trt.cuda.device().capability
        if isinstance(config, StrictRtxConfig) and config.named != {0: f'SM{major}{minor}'}:
            raise misuse(f'built for {config.named}, not for the GPU that is here')
        self._trt.builds += 1
        self._trt.during_build()
        if self._trt.refused('build'):
            return None
        note = {
            'version': self._trt.__version__,
            'shapes': config.profiles[0].shapes,
            'tensors': [[one.name, 'INPUT', one.shape] for one in network.inputs]
            + [[one.name, 'OUTPUT', one.shape] for one in network.outputs],
        }
        return StrictMemory(_PLAN + json.dumps(note).encode() + b'\n' + network.model)


class StrictMemory:
    def __init__(self, content: bytes) -> None:
        self._content = content

    @property
    def nbytes(self) -> int:
        return len(self._content)

    def __bytes__(self) -> bytes:
        return self._content


class _Owner:
    """Something that others need as long as they live."""

    def __init__(self, trt: StrictTensorRt) -> None:
        self._trt = trt
        self._users: list[weakref.ref[Any]] = []

    def lend(self, user: Any) -> Any:
        self._users.append(weakref.ref(user))
        return user

    def __del__(self) -> None:
        if any(user() is not None for user in self._users):
            self._trt.cuda.misuses.append(f'{type(self).__name__} died before what needs it')


class StrictRuntime(_Owner):
    def __init__(self, logger: Any, trt: StrictTensorRt) -> None:
        super().__init__(trt)

    def deserialize_cuda_engine(self, serialized_engine: bytes) -> Any:
        self._trt.loads += 1
        if self._trt.refused('deserialize'):
            return None
        try:
            assert serialized_engine.startswith(_PLAN)
            line, model = serialized_engine[len(_PLAN) :].split(b'\n', maxsplit=1)
            note = json.loads(line)
            assert note['version'] == self._trt.__version__
        except (AssertionError, ValueError):
            self._trt.error('Serialization assertion: the version tag does not match')
            return None
        return self.lend(StrictEngine(self._trt, note, model))


class StrictEngine(_Owner):
    def __init__(self, trt: StrictTensorRt, note: Any, model: bytes) -> None:
        super().__init__(trt)
        self.tensors = {name: (mode, tuple(shape)) for name, mode, shape in note['tensors']}
        self.shapes = note['shapes']
        self.model = model

    @property
    def num_io_tensors(self) -> int:
        return len(self.tensors)

    def get_tensor_name(self, index: int) -> str:
        return list(self.tensors)[index]

    def get_tensor_mode(self, name: str) -> str:
        return self.tensors[name][0]

    def get_tensor_dtype(self, name: str) -> str:
        assert name in self.tensors
        return 'FLOAT'

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        return self.tensors[name][1]

    def get_tensor_profile_shape(self, name: str, profile_index: int) -> list[tuple[int, ...]]:
        assert profile_index == 0
        return [tuple(shape) for shape in self.shapes[name]]

    def create_execution_context(self) -> Any:
        if self._trt.refused('context'):
            return None
        return self.lend(StrictContext(self._trt, self))


class StrictContext:
    def __init__(self, trt: StrictTensorRt, engine: StrictEngine) -> None:
        import onnxruntime

        self._trt = trt
        self._session = onnxruntime.InferenceSession(
            engine.model, providers=['CPUExecutionProvider']
        )
        self._tensors, self._shapes = dict(engine.tensors), engine.shapes
        self._engine = weakref.ref(engine)
        self._addresses: dict[str, int] = {}
        self._batch: tuple[int, ...] | None = None
        self._waiting = 0

    def set_input_shape(self, name: str, shape: Any) -> bool:
        if name not in self._tensors or self._tensors[name][0] != 'INPUT':
            raise self._trt.cuda.misuse(f'set_input_shape of {name!r}')
        if self._waiting:
            raise self._trt.cuda.misuse('set_input_shape while the context runs')
        least, _, most = self._shapes[name]
        if not all(low <= size <= high for low, size, high in zip(least, shape, most, strict=True)):
            self._trt.error('the shape does not fit the profile')
            return False
        self._batch = tuple(shape)
        return True

    def set_tensor_address(self, name: str, memory: int) -> bool:
        if name not in self._tensors:
            raise self._trt.cuda.misuse(f'set_tensor_address of {name!r}')
        self._trt.cuda.place(memory, 4)
        self._addresses[name] = memory
        return True

    def execute_async_v3(self, stream_handle: int) -> bool:
        cuda = self._trt.cuda
        if self._engine() is None:
            raise cuda.misuse('the engine of a context is gone')
        if self._batch is None or set(self._addresses) != set(self._tensors):
            raise cuda.misuse('executed before shapes and addresses of all tensors were set')
        if self._trt.refused('execute'):
            return False
        (source, (_, taken)), (target, (_, given)) = self._tensors.items()
        count, batch = self._batch[0], self._batch
        sizes = (4 * int(np.prod(batch)), 4 * count * given[1])
        assert taken[1:] == batch[1:]
        places = [
            cuda.place(self._addresses[name], size)
            for name, size in zip((source, target), sizes, strict=True)
        ]
        owner = weakref.ref(self)

        def enqueue() -> Callable[[], None]:
            context = owner()
            if context is None:
                raise cuda.misuse('a context was used after its end')
            if context._batch != batch:
                raise cuda.misuse('a graph was launched after the shape was changed')
            context._waiting += 1
            del context

            def work() -> None:
                running = owner()
                if running is None:
                    raise cuda.misuse('a context died while it ran')
                running._waiting -= 1
                (base, place), (base_out, place_out) = places
                content = bytes(cuda.memory[base][place : place + sizes[0]])
                array = np.frombuffer(content, np.float32).reshape(batch)
                (result,) = running._session.run([target], {source: array})
                result = self_distort(result).astype(np.float32)
                cuda.memory[base_out][place_out : place_out + sizes[1]] = result.tobytes()

            return work

        self_distort = self._trt.distort
        cuda.queue(stream_handle, Work(enqueue, tuple(base for base, _ in places)))
        return True

    def __del__(self) -> None:
        if getattr(self, '_waiting', 0):
            self._trt.cuda.misuses.append('a context died while work of it was in a stream')
