"""The runtime against a TensorRT and a CUDA that fail on every misuse they can see."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
import gc
import threading
from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray
import pytest
from strict_rig import MODEL
from strict_rig import PROFILE
from strict_rig import Rig
from strict_rig import rig
import strict_tensorrt

from omnibind_core.errors import BackendError
from omnibind_core.inference.tensorrt import session as session_module
from omnibind_core.inference.tensorrt.build import build_plan
from omnibind_core.inference.tensorrt.errors import CudaError
from omnibind_core.inference.tensorrt.errors import EngineLoadError
from omnibind_core.inference.tensorrt.errors import GpuMemoryError
from omnibind_core.inference.tensorrt.errors import TensorRtError
from omnibind_core.inference.tensorrt.profile import Profile
from omnibind_core.inference.tensorrt.session import TensorRtSession


@pytest.fixture(params=['10.16.1.11', '11.4.0.106'])
def gpu(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """A rig; after each test nothing may be misused or left on the GPU."""
    made = rig(request.param)
    yield made
    gc.collect()
    made.cuda.check_clean()


def batch(count: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=(count, 4)).astype(np.float32)


def right(given: NDArray[np.float32]) -> NDArray[np.float32]:
    return given + np.arange(4, dtype=np.float32)


@pytest.mark.parametrize('cuda_graph', [False, True])
def test_any_batch_in_any_order(gpu: Rig, cuda_graph: bool) -> None:
    """Smaller, larger and larger than the profile, empty too; repeated ones by graph."""
    session = gpu.session(cuda_graph=cuda_graph)
    for seed, count in enumerate([1, 1, 1, 2, 2, 3, 1, 1, 7, 7, 0, 3, 3]):
        given = batch(count, seed)
        np.testing.assert_array_equal(session.run(given), right(given))
    assert ('launch' in gpu.cuda.calls) is cuda_graph
    assert session.input_shape == (4,)
    assert session.output_size == 4
    session.close()


def test_the_order_of_one_run(gpu: Rig) -> None:
    """Copy, run, copy, wait; addresses were set once, nothing is allocated per run."""
    session = gpu.session()
    del gpu.cuda.calls[:]
    session.run(batch(1))
    assert gpu.cuda.calls == ['to_device', 'to_host', 'synchronize']
    session.close()


def test_a_view_is_taken_as_it_is(gpu: Rig) -> None:
    """An array with strides."""
    session = gpu.session()
    given = batch(6)[::2]
    np.testing.assert_array_equal(session.run(given), right(given))
    session.close()


def test_results_are_not_overwritten_by_the_next_run(gpu: Rig) -> None:
    """The pinned buffer is used again; what was returned is not."""
    session = gpu.session()
    first = session.run(batch(1, 1))
    kept = first.copy()
    session.run(batch(1, 2))
    np.testing.assert_array_equal(first, kept)
    session.close()


@pytest.mark.parametrize('cuda_graph', [False, True])
def test_many_threads(gpu: Rig, cuda_graph: bool) -> None:
    """One run at a time, each with its own result."""
    session = gpu.session(cuda_graph=cuda_graph)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda seed: session.run(batch(seed % 4 + 1, seed)), range(64)))
    for seed, result in enumerate(found):
        np.testing.assert_array_equal(result, right(batch(seed % 4 + 1, seed)))
    session.close()


def test_it_is_warmed_up(gpu: Rig) -> None:
    """The first reading finds a context that ran before."""
    session = gpu.session()
    assert gpu.cuda.calls.count('synchronize') == 1
    session.close()


def test_close_twice_and_run_after(gpu: Rig) -> None:
    """Nothing is freed twice; a closed session says so."""
    session = gpu.session()
    session.close()
    session.close()
    with pytest.raises(BackendError, match='closed'):
        session.run(batch(1))


def test_a_forgotten_session_frees_everything(gpu: Rig) -> None:
    """A node drops its recognizer without a word."""
    session = gpu.session(cuda_graph=True)
    session.run(batch(1))
    del session


@pytest.mark.parametrize(
    'given', [np.zeros((1, 5), np.float32), np.zeros(4, np.float32), np.zeros((1, 4), np.float64)]
)
def test_another_shape_or_type_is_refused(gpu: Rig, given: NDArray[np.float32]) -> None:
    """Before anything is copied."""
    session = gpu.session()
    with pytest.raises(BackendError, match='takes'):
        session.run(given)
    session.close()


CALLS = [
    ('allocate', 1), ('allocate', 2), ('allocate_pinned', 1), ('allocate_pinned', 2),
    ('create_stream', 1), ('to_device', 1), ('to_host', 1), ('synchronize', 1),
]  # fmt: skip


@pytest.mark.parametrize(('call', 'turn'), CALLS)
@pytest.mark.parametrize(
    'error', [GpuMemoryError('out of memory'), CudaError('x', 700, 'illegal address')]
)
def test_a_call_that_fails_while_loading(
    gpu: Rig, call: str, turn: int, error: TensorRtError
) -> None:
    """The error comes out as it is, and what was allocated until then is freed."""
    gpu.cuda.faults[call] = {turn: error}
    with pytest.raises(type(error)):
        gpu.session()


@pytest.mark.parametrize('call', ['to_device', 'to_host', 'synchronize'])
def test_a_run_that_fails_leaves_the_next_one_right(gpu: Rig, call: str) -> None:
    """The half-queued work is waited for before the buffers are used again."""
    session = gpu.session()
    gpu.cuda.faults[call] = {2: CudaError(call, 2, 'cudaErrorUnknown')}
    with pytest.raises(CudaError, match=call):
        session.run(batch(1, 1))
    given = batch(1, 2)
    np.testing.assert_array_equal(session.run(given), right(given))
    session.close()


@pytest.mark.parametrize('call', ['begin_capture', 'end_capture', 'instantiate'])
def test_without_graphs_where_capturing_fails(gpu: Rig, call: str) -> None:
    """The engine runs as it would without."""
    gpu.cuda.faults[call] = {1: CudaError(call, 900, 'cudaErrorStreamCaptureUnsupported')}
    session = gpu.session(cuda_graph=True)
    for seed in range(3):
        given = batch(1, seed)
        np.testing.assert_array_equal(session.run(given), right(given))
    assert 'launch' not in gpu.cuda.calls
    session.close()


@pytest.mark.parametrize('step', ['deserialize', 'context', 'execute'])
def test_out_of_memory_is_named(gpu: Rig, step: str) -> None:
    """What TensorRT only logs becomes the error."""
    gpu.trt.refuse[step] = ['CUDA runtime error: out of memory']
    with pytest.raises(GpuMemoryError, match=r'm.onnx.*out of memory'):
        gpu.session()


@pytest.mark.parametrize('step', ['deserialize', 'context'])
def test_none_from_tensorrt_is_a_typed_error(gpu: Rig, step: str) -> None:
    """With what was logged."""
    gpu.trt.refuse[step] = ['the version tag does not match']
    with pytest.raises(EngineLoadError, match='version tag'):
        gpu.session()


def test_an_engine_of_another_model_is_refused(gpu: Rig) -> None:
    """Shapes, names and the profile are compared after loading."""
    plan = gpu.plan()
    for profile, output in (
        (Profile('input', (5,), 3), 4),
        (Profile('picture', (4,), 3), 4),
        (Profile('input', (4,), 8), 4),
        (PROFILE, 256),
    ):
        with pytest.raises(EngineLoadError, match='another model'):
            TensorRtSession(gpu.toolkit, plan, profile, output_size=output, name='m.onnx')


def test_a_batch_of_one_that_became_fixed(gpu: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine for nothing but 1 may say 1 where others say any."""
    profile = Profile('input', (4,), 1)
    plan = build_plan(
        gpu.toolkit.trt, gpu.toolkit.log, MODEL, profile, name='m.onnx', workspace_mb=64
    ).plan
    fixed = gpu.plan()
    monkeypatch.setattr(strict_tensorrt.StrictEngine, 'get_tensor_shape', lambda self, name: (1, 4))
    session = TensorRtSession(gpu.toolkit, plan, profile, output_size=4, name='m.onnx')
    given = batch(3)
    np.testing.assert_array_equal(session.run(given), right(given))
    session.close()
    with pytest.raises(EngineLoadError, match='another model'):
        TensorRtSession(gpu.toolkit, fixed, PROFILE, output_size=4, name='m.onnx')


def test_a_batch_that_failed_is_not_captured(gpu: Rig) -> None:
    """A graph is made of what TensorRT has run once."""
    session = gpu.session(cuda_graph=True)
    gpu.cuda.faults['synchronize'] = {2: CudaError('synchronize', 2, 'cudaErrorUnknown')}
    with pytest.raises(CudaError):
        session.run(batch(2))
    captured = []
    for seed in range(3):
        given = batch(2, seed)
        np.testing.assert_array_equal(session.run(given), right(given))
        captured.append(gpu.cuda.calls.count('begin_capture'))
    assert captured == [0, 1, 1]
    session.close()


def test_the_end_waits_for_a_run(gpu: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the interpreter's end a thread may be copying out of the buffers that are freed then."""
    session = gpu.session()
    running, go_on, freed = threading.Event(), threading.Event(), threading.Event()
    real = gpu.cuda.synchronize

    def first(stream: int) -> None:
        monkeypatch.undo()
        running.set()
        assert go_on.wait(30)
        real(stream)

    monkeypatch.setattr(gpu.cuda, 'synchronize', first)
    given = batch(1)
    with ThreadPoolExecutor(2) as pool:
        result = pool.submit(session.run, given)
        assert running.wait(30)
        end = pool.submit(session._finalizer)
        end.add_done_callback(lambda _: freed.set())
        assert not freed.wait(0.2), 'freed while it runs'
        go_on.set()
        np.testing.assert_array_equal(result.result(30), right(given))
        end.result(30)


def test_a_run_that_does_not_end_does_not_keep_the_process(
    gpu: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its memory goes with the process."""
    monkeypatch.setattr(session_module, '_PATIENCE', 0.01)
    session = gpu.session()
    with session._lock:
        session._finalizer()
    assert 'its memory is not freed' in caplog.text
    session._engine.close()


def test_an_error_while_errors_are_noted(gpu: Rig) -> None:
    """What nobody has any more is freed at any time, also then, and TensorRT may complain."""
    done = threading.Event()

    def nested() -> None:
        with gpu.toolkit.log._lock:
            gpu.toolkit.log.logger.log(SimpleNamespace(name='ERROR'), 'while freeing')
        done.set()

    threading.Thread(target=nested, daemon=True).start()
    assert done.wait(30)
