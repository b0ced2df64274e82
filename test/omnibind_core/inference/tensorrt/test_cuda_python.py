"""The CUDA calls: their names and arguments against the real package, their errors typed."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from types import SimpleNamespace
from typing import Any

import pytest

from omnibind_core.errors import UnavailableError
from omnibind_core.inference.tensorrt import cuda_python
from omnibind_core.inference.tensorrt.cuda_python import CudaPython
from omnibind_core.inference.tensorrt.errors import CudaError
from omnibind_core.inference.tensorrt.errors import GpuMemoryError

CALLS: list[tuple[str, Callable[[CudaPython], Any]]] = [
    ('cudaDeviceGetAttribute', lambda cuda: cuda.device()),
    ('cudaMalloc', lambda cuda: cuda.allocate(16)),
    ('cudaFree', lambda cuda: cuda.free(4096)),
    ('cudaHostAlloc', lambda cuda: cuda.allocate_pinned(16)),
    ('cudaFreeHost', lambda cuda: cuda.free_pinned(4096)),
    ('cudaStreamCreateWithFlags', lambda cuda: cuda.create_stream()),
    ('cudaStreamDestroy', lambda cuda: cuda.destroy_stream(1)),
    ('cudaMemcpyAsync', lambda cuda: cuda.to_device(4096, 8192, 16, 1)),
    ('cudaMemcpyAsync', lambda cuda: cuda.to_host(4096, 8192, 16, 1)),
    ('cudaStreamSynchronize', lambda cuda: cuda.synchronize(1)),
    ('cudaStreamBeginCapture', lambda cuda: cuda.begin_capture(1)),
    ('cudaStreamEndCapture', lambda cuda: cuda.end_capture(1)),
    ('cudaGraphInstantiate', lambda cuda: cuda.instantiate(1)),
    ('cudaGraphLaunch', lambda cuda: cuda.launch(1, 2)),
    ('cudaGraphDestroy', lambda cuda: cuda.destroy_graph(1)),
    ('cudaGraphExecDestroy', lambda cuda: cuda.destroy_executable(1)),
]


@pytest.mark.parametrize(('name', 'call'), CALLS, ids=[f'{i} {c[0]}' for i, c in enumerate(CALLS)])
def test_the_real_package_takes_every_call(name: str, call: Callable[[CudaPython], Any]) -> None:
    """Without a driver each one answers with error 35, after its arguments were looked at."""
    pytest.importorskip('cuda.bindings.runtime', reason='cuda-bindings is not installed')
    cuda = CudaPython()
    try:
        cuda.device()
    except CudaError as error:
        if error.code != 35:
            pytest.skip('there is a driver: made-up handles would be used')
    else:
        pytest.skip('there is a GPU: made-up handles would be used')
    with pytest.raises(CudaError, match=f'{name}: CUDA error 35') as caught:
        call(cuda)
    assert caught.value.code == 35


#: CUDA's numbers.
Codes = IntEnum(
    'Codes',
    {'cudaSuccess': 0, 'cudaErrorMemoryAllocation': 2, 'cudaErrorIllegalAddress': 700},
)


def runtime(code: Codes, *results: Any) -> Any:
    """A runtime whose calls all answer the same."""

    def answer(*arguments: Any) -> tuple[Any, ...]:
        return (code, *results)

    names = SimpleNamespace(cudaDevAttrComputeCapabilityMajor=75)
    names.cudaDevAttrComputeCapabilityMinor = 76
    made = SimpleNamespace(cudaError_t=Codes, cudaDeviceAttr=names, cudaHostAllocDefault=0)
    for name, _ in CALLS:
        setattr(made, name, answer)
    return made


def test_memory_and_other_errors() -> None:
    """Out of memory is an error of its own, with how much was wanted."""
    with pytest.raises(GpuMemoryError, match=r'cudaMalloc: out of memory; 5\.0 MB were asked for'):
        CudaPython(runtime(Codes.cudaErrorMemoryAllocation)).allocate(5_000_000)
    with pytest.raises(CudaError, match=r'CUDA error 700 \(cudaErrorIllegalAddress\)'):
        CudaPython(runtime(Codes.cudaErrorIllegalAddress)).synchronize(1)
    assert CudaPython(runtime(Codes.cudaSuccess, 4096)).allocate(1) == 4096


def test_the_device() -> None:
    """Its name comes as bytes with zeros behind."""
    made = runtime(Codes.cudaSuccess, 8)
    properties = SimpleNamespace(name=b'Orin\0\0\0')
    made.cudaGetDeviceProperties = lambda number: (Codes.cudaSuccess, properties)
    assert str(CudaPython(made).device()) == 'Orin (compute capability 8.8)'


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names it."""

    def missing(name: str) -> Any:
        raise ModuleNotFoundError(f"No module named '{name}'")

    monkeypatch.setattr(cuda_python, 'import_module', missing)
    with pytest.raises(UnavailableError, match='cuda-python'):
        CudaPython()
