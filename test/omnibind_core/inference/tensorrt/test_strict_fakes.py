"""The fakes are strict: each mistake that the runtime could make is caught by them."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
import gc
from typing import Any
import weakref

import numpy as np
import pytest
from strict_cuda import MisuseError
from strict_rig import Rig
from strict_rig import rig

from omnibind_core.inference.tensorrt import session as session_module
from omnibind_core.inference.tensorrt.cuda_api import CudaApi
from omnibind_core.inference.tensorrt.loaded_engine import LoadedEngine
from omnibind_core.inference.tensorrt.session import TensorRtSession
from omnibind_core.inference.tensorrt.staging import Staging
from omnibind_core.inference.tensorrt.trt_log import TrtLog

BATCH = np.arange(4, dtype=np.float32)[None]


@pytest.fixture(autouse=True)
def not_freed_later(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """These sessions are broken on purpose: to free them once nobody has them would be loud."""
    sessions, made = [], []
    real = weakref.finalize

    def noted(session: TensorRtSession, *rest: Any) -> weakref.finalize[..., TensorRtSession]:
        sessions.append(session)
        made.append(real(session, *rest))
        return made[-1]

    monkeypatch.setattr(session_module.weakref, 'finalize', noted)
    yield
    for one in made:
        one.detach()


def test_reading_without_waiting_gives_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing synchronise: NaN instead of the result, and the next batch is refused."""
    made = rig()
    session = made.session()
    monkeypatch.setattr(made.cuda, 'synchronize', lambda stream: None)
    assert np.isnan(session.run(BATCH)).all()
    session.run(BATCH + 1)
    monkeypatch.undo()
    with pytest.raises(MisuseError, match='written while it was being copied'):
        made.cuda.synchronize(*made.cuda.streams)


def test_memory_that_was_freed() -> None:
    """Used after its end, and freed while work needs it."""
    made = rig()
    session = made.session()
    made.cuda.free(min(made.cuda.memory))
    with pytest.raises(MisuseError, match='not allocated'):
        session.run(BATCH)
    other = rig()
    stream, staging = other.cuda.create_stream(), Staging(other.cuda, (1, 4))
    staging.send(1, stream)
    with pytest.raises(MisuseError, match='while work in a stream uses it'):
        staging.close()


def test_a_forgotten_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine would read wherever it likes."""
    import strict_tensorrt

    def only_input(self: object, name: str, memory: int) -> bool:
        return name != 'input' or original(self, name, memory)

    original: Callable[..., bool] = strict_tensorrt.StrictContext.set_tensor_address
    monkeypatch.setattr(strict_tensorrt.StrictContext, 'set_tensor_address', only_input)
    with pytest.raises(MisuseError, match='before shapes and addresses'):
        rig().session()


def test_a_dead_stream() -> None:
    """And one with work in it."""
    made = rig()
    session = made.session()
    (stream,) = made.cuda.streams
    made.cuda.destroy_stream(stream)
    with pytest.raises(MisuseError, match='no stream'):
        session.run(BATCH)


def test_two_threads_in_one_context() -> None:
    """What the session's lock is for."""
    import threading

    made = rig()
    cuda: CudaApi = made.cuda
    stream, staging = cuda.create_stream(), Staging(cuda, (1, 4))
    staging.send(1, stream)
    caught: list[BaseException] = []

    def other() -> None:
        try:
            staging.send(1, stream)
        except MisuseError as error:
            caught.append(error)

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert 'two threads' in str(caught[0])


@pytest.mark.parametrize('first', ['_engine', '_runtime'])
def test_an_end_in_the_wrong_order(first: str) -> None:
    """A context outlives its engine, an engine its runtime."""
    made = rig()
    session = made.session()
    engine: LoadedEngine = session._engine
    setattr(engine, first, None)
    gc.collect()
    assert any('died before' in text for text in made.cuda.misuses)


def test_a_second_logger() -> None:
    """TensorRT would ignore it and report elsewhere."""
    made = rig()
    made.plan()
    with pytest.raises(MisuseError, match='second logger'):
        made.trt.Builder(TrtLog(made.toolkit.trt).logger)


def test_a_graph_of_another_shape() -> None:
    """It would run with the batch it was captured for."""
    made = rig()
    session = made.session(cuda_graph=True)
    session.run(BATCH)
    engine: LoadedEngine = session._engine
    assert engine._context is not None
    engine._context.set_input_shape('input', (2, 4))
    with pytest.raises(MisuseError, match='after the shape was changed'):
        session.run(BATCH)


def test_weak_typing_is_refused() -> None:
    """The flag is not the same number in TensorRT 10 and 11."""
    for version, right in (('10.16.1.11', 2), ('11.4.0.106', 1)):
        made: Rig = rig(version)
        builder = made.trt.Builder(made.toolkit.log.logger)
        builder.create_network(right)
        with pytest.raises(MisuseError, match='strongly typed'):
            builder.create_network(3 - right)


def test_leaks_are_seen() -> None:
    """The check at the end of every test."""
    made = rig()
    made.cuda.allocate(16)
    with pytest.raises(AssertionError, match='memory'):
        made.cuda.check_clean()
