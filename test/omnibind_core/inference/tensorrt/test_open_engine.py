"""The way of an encoder to its engine: cache, build, comparison, one more try."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
import errno
import fcntl
import gc
import os
from pathlib import Path
import threading

import numpy as np
import pytest
from strict_rig import Rig
from strict_rig import rig

from omnibind_core.inference.onnx_session import OnnxSession
from omnibind_core.inference.tensorrt.engine_cache import EngineCache
from omnibind_core.inference.tensorrt.errors import EngineBuildError
from omnibind_core.inference.tensorrt.errors import EngineCacheError
from omnibind_core.inference.tensorrt.errors import EngineLoadError
from omnibind_core.inference.tensorrt.errors import GpuMemoryError
from omnibind_core.inference.tensorrt.errors import TensorRtError
from omnibind_core.inference.tensorrt.heartbeat import heartbeat
from omnibind_core.inference.tensorrt.open_engine import open_engine
from omnibind_core.inference.tensorrt.settings import TensorRtSettings

ZEROS = np.zeros((1, 4), np.float32)


@pytest.fixture()
def gpu() -> Iterator[Rig]:
    made = rig()
    yield made
    gc.collect()
    made.cuda.check_clean()


def test_built_once_then_taken_from_the_cache(gpu: Rig, tmp_path: Path) -> None:
    """The second process finds engine and timings."""
    assert gpu.open(tmp_path / 'c').built
    opened = gpu.open(tmp_path / 'c')
    assert (opened.built, opened.note) == (False, '')
    np.testing.assert_array_equal(opened.session.run(ZEROS), [[0, 1, 2, 3]])
    assert gpu.trt.builds == 1
    kinds = sorted(entry.path.suffix for entry in EngineCache(tmp_path / 'c').entries())
    assert kinds == ['.engine', '.timings']


def test_none_from_the_cache_is_removed_and_built_again(gpu: Rig, tmp_path: Path) -> None:
    """Once; the new engine stays."""
    gpu.open(tmp_path / 'c')
    gpu.trt.refuse['deserialize'] = ['the version tag does not match']
    assert gpu.open(tmp_path / 'c').built
    assert gpu.trt.builds == 2
    assert not gpu.open(tmp_path / 'c').built


def test_none_twice_is_an_error_and_leaves_nothing(gpu: Rig, tmp_path: Path) -> None:
    """No third try."""
    gpu.open(tmp_path / 'c')
    gpu.trt.refuse['deserialize'] = ['no', 'never']
    with pytest.raises(EngineLoadError, match='never'):
        gpu.open(tmp_path / 'c')
    assert gpu.trt.builds == 2
    entries = EngineCache(tmp_path / 'c').entries()
    assert [one for one in entries if one.path.suffix == '.engine'] == []


def test_out_of_memory_keeps_the_engine(gpu: Rig, tmp_path: Path) -> None:
    """The engine is not to blame: nothing is removed, nothing built."""
    gpu.open(tmp_path / 'c')
    gpu.trt.refuse['context'] = ['CUDA error: out of memory']
    with pytest.raises(GpuMemoryError):
        gpu.open(tmp_path / 'c')
    assert not gpu.open(tmp_path / 'c').built


@pytest.mark.parametrize(
    ('said', 'kind'), [('no kernel', EngineBuildError), ('OutOfMemory', GpuMemoryError)]
)
def test_a_build_that_fails(gpu: Rig, tmp_path: Path, said: str, kind: type[Exception]) -> None:
    """With what TensorRT said; nothing is kept."""
    gpu.trt.refuse['build'] = [said]
    with pytest.raises(kind, match=f'm.onnx.*{said}'):
        gpu.open(tmp_path / 'c')
    assert EngineCache(tmp_path / 'c').entries() == []


@pytest.mark.parametrize(
    ('taken', 'said'),
    [(['b', 4], 'another model'), (['b', 'n'], r'takes \[-1\]; only the batch')],
)
def test_a_model_of_any_size(gpu: Rig, tmp_path: Path, taken: list[str | int], said: str) -> None:
    """Buffers have the sizes of one model; a typed error, so that ONNX Runtime runs it."""
    import onnx

    graph = onnx.helper.make_graph(
        [onnx.helper.make_node('Compress', ['input', 'all'], ['embedding'], axis=1)],
        'g',
        [onnx.helper.make_tensor_value_info('input', onnx.TensorProto.FLOAT, taken)],
        [onnx.helper.make_tensor_value_info('embedding', onnx.TensorProto.FLOAT, ['b', 'd'])],
        [onnx.numpy_helper.from_array(np.ones(4, np.bool_), 'all')],
    )
    opsets = [onnx.helper.make_opsetid('', 17)]
    made = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=8)
    model = made.SerializeToString()
    assert OnnxSession(model, name='m.onnx').output_size == -1
    with pytest.raises(TensorRtError, match=said):
        open_engine(
            gpu.toolkit,
            EngineCache(tmp_path / 'c'),
            model,
            OnnxSession(model, name='m.onnx'),
            TensorRtSettings(),
            name='m.onnx',
        )


@pytest.mark.parametrize('wrong', [0.0, np.nan, -1.0])
def test_an_engine_that_computes_something_else_is_not_kept(
    gpu: Rig, tmp_path: Path, wrong: float
) -> None:
    """Compared with ONNX Runtime before it is used."""
    gpu.trt.distort = lambda values: values * wrong
    with pytest.raises(EngineLoadError, match='does not compute what the model does'):
        gpu.open(tmp_path / 'c')
    assert EngineCache(tmp_path / 'c').entries() == []


def test_a_full_disk_keeps_nobody_from_running(
    gpu: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine runs, and a note says that it will be built again."""

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, 'No space left on device')

    monkeypatch.setattr(os, 'fsync', full)
    opened = gpu.open(tmp_path / 'c')
    assert 'No space left' in opened.note
    np.testing.assert_array_equal(opened.session.run(ZEROS), [[0, 1, 2, 3]])


def test_without_locks_what_is_there_is_used(
    gpu: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a disk that can only be read; nothing is built there."""
    assert gpu.open(tmp_path / 'c').built

    def refused(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, 'No locks available')

    monkeypatch.setattr(fcntl, 'flock', refused)
    assert not gpu.open(tmp_path / 'c').built
    with pytest.raises(EngineCacheError, match='no lock'):
        gpu.open(tmp_path / 'other')
    assert gpu.trt.builds == 1


def test_two_builders_at_once_build_once(gpu: Rig, tmp_path: Path) -> None:
    """The second waits, and takes what the first has built."""
    folder = tmp_path / 'c'
    EngineCache(folder)
    both = threading.Barrier(2, timeout=30)
    inside = threading.Event()

    def building() -> None:
        assert not inside.is_set(), 'two builds at once'
        inside.set()

    gpu.trt.during_build = building

    def one(_: int) -> bool:
        both.wait()
        opened = gpu.open(folder)
        np.testing.assert_array_equal(opened.session.run(ZEROS), [[0, 1, 2, 3]])
        return opened.built

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, range(2))) == [False, True]
    assert gpu.trt.builds == 1


def test_timings_of_something_else_are_not_used(gpu: Rig, tmp_path: Path) -> None:
    """TensorRT refuses them; the build goes on without."""
    from omnibind_core.inference.tensorrt.engine_key import timings_key

    cache = EngineCache(tmp_path / 'c')
    cache.store(timings_key(gpu.toolkit), b'of another GPU', name='timing cache', seconds=0.0)
    assert gpu.open(tmp_path / 'c').built


def test_both_versions_and_products_have_engines_of_their_own(tmp_path: Path) -> None:
    """In one cache."""
    kinds = (('10.16.1.11', 'tensorrt'), ('11.4.0.106', 'tensorrt'), ('1.7.1.116', 'tensorrt_rtx'))
    for version, product in kinds:
        assert rig(version, product).open(tmp_path / 'c').built
    for version, product in kinds:
        assert not rig(version, product).open(tmp_path / 'c').built


def test_fp16_is_derived_and_keyed(gpu: Rig, tmp_path: Path) -> None:
    """fp32 and fp16 engines of one model live beside each other."""
    pytest.importorskip('onnxconverter_common')
    assert gpu.open(tmp_path / 'c').built
    half = TensorRtSettings(max_batch=3, precision='fp16')
    assert gpu.open(tmp_path / 'c', half).built
    assert not gpu.open(tmp_path / 'c', half).built


def test_the_heartbeat_speaks_while_something_runs() -> None:
    """From another thread, with the time it has taken."""
    said: list[str] = []
    spoken = threading.Event()

    def say(text: str) -> None:
        said.append(text)
        if len(said) == 3:
            spoken.set()

    with heartbeat('building', say, every=0.001):
        assert spoken.wait(30)
    assert said[0] == 'building; this can take minutes'
    assert said[1].endswith('s so far')
