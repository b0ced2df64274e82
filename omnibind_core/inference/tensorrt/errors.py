"""What can go wrong with TensorRT and the GPU, by what can be done about it."""

from __future__ import annotations

from omnibind_core.errors import BackendError


class TensorRtError(BackendError):
    """TensorRT, CUDA or the engine cache failed; ONNX Runtime could still run the model."""


class CudaError(TensorRtError):
    """A CUDA call failed.

    :param call: its name.
    :param code: CUDA's number of the error.
    :param text: CUDA's name of the error.
    """

    def __init__(self, call: str, code: int, text: str) -> None:
        self.call, self.code = call, code
        super().__init__(f'{call}: CUDA error {code} ({text})')


class GpuMemoryError(TensorRtError):
    """The GPU, or the pinned memory of the host, is exhausted."""


class EngineBuildError(TensorRtError):
    """TensorRT cannot make an engine of the model."""


class EngineLoadError(TensorRtError):
    """An engine cannot be loaded, or is not the engine of this model: build it again."""


class EngineCacheError(TensorRtError):
    """The engine cache cannot be used, or must not be."""
