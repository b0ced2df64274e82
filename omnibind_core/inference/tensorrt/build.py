"""An engine built from a model's bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from omnibind_core.inference.tensorrt.errors import EngineBuildError
from omnibind_core.inference.tensorrt.errors import GpuMemoryError
from omnibind_core.inference.tensorrt.profile import Profile
from omnibind_core.inference.tensorrt.trt_api import BuilderConfig
from omnibind_core.inference.tensorrt.trt_api import TrtModule
from omnibind_core.inference.tensorrt.trt_log import of_memory
from omnibind_core.inference.tensorrt.trt_log import told
from omnibind_core.inference.tensorrt.trt_log import TrtLog


@dataclass(frozen=True)
class Built:
    """What a build gave.

    :param plan: the engine, serialised.
    :param timings: which kernels were the fastest, for the next build.
    """

    plan: bytes
    timings: bytes


def build_plan(
    trt: TrtModule,
    log: TrtLog,
    model: bytes,
    profile: Profile,
    *,
    name: str,
    workspace_mb: int,
    timings: bytes = b'',
    capabilities: Sequence[tuple[int, int]] = (),
) -> Built:
    """Build an engine. Minutes on a small GPU.

    :param log: what takes TensorRT's messages.
    :param model: the ONNX file's bytes, fp32 or fp16.
    :param name: of the file, for errors.
    :param workspace_mb: most GPU memory for one layer.
    :param timings: of an earlier build with this TensorRT on this GPU; others are not used.
    :param capabilities: compute capabilities to build for; only TensorRT-RTX builds for a GPU that
        is not there. None: TensorRT's own choice, which is the GPU that is.
    :raises EngineBuildError: naming what TensorRT says of the model.
    :raises GpuMemoryError: when memory is exhausted.
    """
    with log.errors() as errors:
        builder = _made(trt.Builder, log.logger, errors=errors)
        flags = 1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED)
        network = builder.create_network(flags)
        parser = trt.OnnxParser(network, log.logger)
        if not parser.parse(model):
            said = [str(parser.get_error(index)) for index in range(parser.num_errors)]
            raise EngineBuildError(f'{name}: TensorRT cannot read the model: {told(said)}')
        config = builder.create_builder_config()
        config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, workspace_mb << 20)
        profile.apply(builder, network, config, name)
        _set_capabilities(trt, config, capabilities)
        cache = config.create_timing_cache(timings)
        if cache is None or not config.set_timing_cache(cache, False):
            config.set_timing_cache(config.create_timing_cache(b''), False)
        plan: Any = builder.build_serialized_network(network, config)
        if plan is None:
            if of_memory(errors):
                raise GpuMemoryError(f'{name}: building the engine: out of memory: {told(errors)}')
            raise EngineBuildError(f'{name}: TensorRT cannot build an engine: {told(errors)}')
        return Built(bytes(plan), bytes(config.get_timing_cache().serialize()))


def _made(maker: Any, logger: Any, *, errors: list[str]) -> Any:
    """A TensorRT object; without a driver its constructor raises a TypeError."""
    try:
        return maker(logger)
    except TypeError as error:
        raise EngineBuildError(f'TensorRT does not start: {told(errors or [str(error)])}') from None


def _set_capabilities(
    trt: Any, config: BuilderConfig, capabilities: Sequence[tuple[int, int]]
) -> None:
    """Name the GPUs to build for; only TensorRT-RTX knows this."""
    if not capabilities:
        return
    rtx: Any = config
    rtx.num_compute_capabilities = len(capabilities)
    for index, (major, minor) in enumerate(capabilities):
        known = getattr(trt.ComputeCapability, f'SM{major}{minor}', None)
        if known is None:
            raise EngineBuildError(
                f'this TensorRT-RTX does not know GPUs of compute capability {major}.{minor}'
            )
        rtx.set_compute_capability(known, index)
