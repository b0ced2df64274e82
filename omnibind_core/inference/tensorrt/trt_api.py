"""The part of TensorRT's Python interface that is used here, and nothing else of it.

The same in TensorRT 10 and 11 and in TensorRT-RTX; a test holds it against the bindings of each.
Enumerators are only passed on or combined as ``1 << int(flag)``: their numbers differ by version.
"""
# ruff: noqa: D102, N802  the names are NVIDIA's, and so is their documentation

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from typing import Protocol


class Tensor(Protocol):
    """An input or output of a network."""

    @property
    def name(self) -> str: ...
    @property
    def shape(self) -> Any: ...


class Network(Protocol):
    """A model as TensorRT sees it."""

    @property
    def num_inputs(self) -> int: ...
    @property
    def num_outputs(self) -> int: ...
    def get_input(self, index: int) -> Tensor: ...
    def get_output(self, index: int) -> Tensor: ...


class Parser(Protocol):
    """Reads ONNX into a network."""

    @property
    def num_errors(self) -> int: ...
    def get_error(self, index: int) -> Any: ...
    def parse(self, model: bytes) -> bool: ...


class OptimizationProfile(Protocol):
    """The shapes that an engine is built for."""

    def set_shape(self, input: str, min: Any, opt: Any, max: Any) -> Any: ...  # noqa: A002


class HostMemory(Protocol):
    """Bytes that TensorRT owns."""

    @property
    def nbytes(self) -> int: ...


class TimingCache(Protocol):
    """Which kernels were the fastest before."""

    def serialize(self) -> Any: ...


class BuilderConfig(Protocol):
    """How an engine is built."""

    def set_memory_pool_limit(self, pool: Any, pool_size: int) -> None: ...
    def add_optimization_profile(self, profile: Any) -> int: ...
    def create_timing_cache(self, serialized_timing_cache: bytes) -> Any: ...
    def set_timing_cache(self, cache: Any, ignore_mismatch: bool) -> bool: ...
    def get_timing_cache(self) -> TimingCache: ...


class Builder(Protocol):
    """Builds engines."""

    def create_network(self, flags: int) -> Network: ...
    def create_builder_config(self) -> BuilderConfig: ...
    def create_optimization_profile(self) -> OptimizationProfile: ...
    def build_serialized_network(self, network: Any, config: Any) -> HostMemory | None: ...


class Context(Protocol):
    """An engine with memory to run in; not thread-safe."""

    def set_input_shape(self, name: str, shape: Any) -> bool: ...
    def set_tensor_address(self, name: str, memory: int) -> bool: ...
    def execute_async_v3(self, stream_handle: int) -> bool: ...


class Engine(Protocol):
    """A model compiled for one GPU."""

    @property
    def num_io_tensors(self) -> int: ...
    def get_tensor_name(self, index: int) -> str: ...
    def get_tensor_mode(self, name: str) -> Any: ...
    def get_tensor_dtype(self, name: str) -> Any: ...
    def get_tensor_shape(self, name: str) -> Any: ...
    def get_tensor_profile_shape(self, name: str, profile_index: int) -> Sequence[Any]: ...
    def create_execution_context(self) -> Context | None: ...


class Runtime(Protocol):
    """Loads engines."""

    def deserialize_cuda_engine(self, serialized_engine: bytes) -> Engine | None: ...


class CreationFlags(Protocol):
    """How a network is made."""

    @property
    def STRONGLY_TYPED(self) -> Any: ...


class MemoryPools(Protocol):
    """What memory can be limited."""

    @property
    def WORKSPACE(self) -> Any: ...


class IoModes(Protocol):
    """Which side of an engine a tensor is on."""

    @property
    def INPUT(self) -> Any: ...
    @property
    def OUTPUT(self) -> Any: ...


class DataTypes(Protocol):
    """Element types."""

    @property
    def FLOAT(self) -> Any: ...


class TrtModule(Protocol):
    """The module ``tensorrt``, ``tensorrt_rtx``, or what a test puts in their place.

    It has a ``__version__`` too, which a protocol that modules are held against cannot name.
    """

    @property
    def ILogger(self) -> Any: ...
    @property
    def NetworkDefinitionCreationFlag(self) -> CreationFlags: ...
    @property
    def MemoryPoolType(self) -> MemoryPools: ...
    @property
    def TensorIOMode(self) -> IoModes: ...
    @property
    def DataType(self) -> DataTypes: ...
    def Builder(self, logger: Any) -> Builder: ...
    def OnnxParser(self, network: Any, logger: Any) -> Parser: ...
    def Runtime(self, logger: Any) -> Runtime: ...
