"""Which back end a bundle gets, and the whole recognizer on a TensorRT that is not there."""

from __future__ import annotations

from collections.abc import Iterator
import gc
import logging
from pathlib import Path
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from strict_cuda import StrictCuda
from strict_rig import Rig
from strict_rig import rig
import tiny_bundle

from omnibind_core.errors import BackendError
from omnibind_core.errors import ConfigError
from omnibind_core.errors import UnavailableError
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.inference.tensorrt.cuda_api import Device
from omnibind_core.inference.tensorrt.errors import CudaError
from omnibind_core.inference.tensorrt.errors import TensorRtError
from omnibind_core.inference.tensorrt.settings import TensorRtSettings
from omnibind_core.inference.tensorrt.toolkit import find_toolkit
from omnibind_core.inference.tensorrt.toolkit import Toolkit


@pytest.fixture(scope='module')
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bundle.make(tmp_path_factory.mktemp('bundle') / 'b')


@pytest.fixture()
def gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """A GPU, with the engine cache in a temporary folder."""
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'cache'))
    made = rig()
    yield made
    gc.collect()
    made.cuda.check_clean()


def absent() -> Toolkit:
    raise UnavailableError('tensorrt is not installed')


def test_auto_takes_tensorrt_where_a_gpu_answers(bundle: Path, gpu: Rig) -> None:
    """The same embeddings and recognition as ONNX Runtime's; the fusion is ONNX Runtime's."""
    plain = Recognizer.load(bundle, backend='onnxruntime')
    fast = Recognizer.load(bundle, toolkit=lambda: gpu.toolkit)
    assert fast.backend == 'tensorrt'
    assert fast.backend_reason == ('tensorrt 11.4.0.106 on Strict GPU (compute capability 8.6)')
    assert fast.backend_problems == ()
    readings = {}
    for modality in plain.modalities:
        shape = plain.specification(modality).shape
        array = np.random.default_rng(0).normal(size=(3, *shape)).astype(np.float32)
        expected = plain.encode_batch(modality, array)
        np.testing.assert_array_equal(fast.encode_batch(modality, array), expected)
        readings[modality] = fast.encode(modality, array[0])
        assert fast.warm_up(modality) > 0
    found = fast.recognize(readings)
    assert found.scores == plain.recognize(readings).scores
    assert gpu.trt.builds == len(plain.modalities)


@pytest.mark.parametrize('backend', ['auto', 'onnxruntime'])
def test_without_tensorrt_it_is_onnx_runtime(bundle: Path, backend: str) -> None:
    """With the reason; asked for ONNX Runtime, nobody looks for a GPU."""
    loaded = Recognizer.load(bundle, backend=backend, toolkit=absent)
    assert loaded.backend == 'onnxruntime'
    expected = {
        'auto': 'TensorRT cannot be used: tensorrt is not installed', 'onnxruntime': 'asked for'
    }  # fmt: skip
    assert loaded.backend_reason == expected[backend]
    assert loaded.backend_problems == ()  # a machine without a GPU is no fault


def test_tensorrt_asked_for_and_not_there(bundle: Path) -> None:
    """Never silently on the CPU."""
    with pytest.raises(BackendError, match='tensorrt is not installed'):
        Recognizer.load(bundle, backend='tensorrt', toolkit=absent)


def test_one_encoder_falls_back(bundle: Path, gpu: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """The others stay on the GPU; log and reason name it."""
    gpu.trt.refuse['build'] = ['no kernel']
    with caplog.at_level(logging.WARNING):
        loaded = Recognizer.load(bundle, toolkit=lambda: gpu.toolkit)
    assert loaded.backend == 'tensorrt'
    assert 'image runs on ONNX Runtime' in loaded.backend_reason
    assert 'no kernel' in loaded.backend_reason
    (problem,) = loaded.backend_problems
    assert 'no kernel' in problem
    assert any('no kernel' in record.getMessage() for record in caplog.records)
    shape = loaded.specification('image').shape
    assert np.isfinite(loaded.encode('image', np.ones(shape, np.float32)).vector).all()


def test_none_from_tensorrt_twice_is_onnx_runtime(bundle: Path, gpu: Rig) -> None:
    """Removed, built again once, then ONNX Runtime with the reason; asked for, an error."""
    assert bundle_session(bundle, gpu).backend == 'tensorrt'
    gpu.trt.refuse['deserialize'] = ['bad tag', 'bad tag']
    loaded = bundle_session(bundle, gpu)
    assert loaded.backend == 'onnxruntime'
    assert 'bad tag' in loaded.backend_reason
    assert 'bad tag' in str(loaded.backend_problems)
    assert gpu.trt.builds == 2
    gpu.trt.refuse['deserialize'] = ['bad tag']
    with pytest.raises(TensorRtError, match='bad tag'):
        bundle_session(bundle, gpu, backend='tensorrt')
    assert bundle_session(bundle, gpu).backend == 'tensorrt'


def bundle_session(bundle: Path, gpu: Rig, backend: str = 'auto') -> Recognizer:
    return Recognizer.load(
        bundle, modalities=['image'], backend=backend, fuse=False, toolkit=lambda: gpu.toolkit
    )


def test_a_cache_that_must_not_be_used(bundle: Path, gpu: Rig, tmp_path: Path) -> None:
    """Then there is no TensorRT: no engine is built in vain at every start."""
    folder = tmp_path / 'cache' / 'omnibind' / 'engines'
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    loaded = bundle_session(bundle, gpu)
    assert loaded.backend == 'onnxruntime'
    assert 'others may write to it' in loaded.backend_reason
    assert 'others may write to it' in str(loaded.backend_problems)
    with pytest.raises(BackendError, match='others may write to it'):
        bundle_session(bundle, gpu, backend='tensorrt')
    assert gpu.trt.builds == 0


def test_only_a_fusion(bundle: Path, gpu: Rig) -> None:
    """A process without encoders builds nothing."""
    loaded = Recognizer.load(bundle, modalities=(), toolkit=lambda: gpu.toolkit)
    assert (loaded.backend, loaded.backend_reason) == ('onnxruntime', 'no encoder is loaded')


def test_why_there_is_no_toolkit() -> None:
    """Each product is named with what it lacks; the first complete one is taken."""
    modules = {
        'tensorrt': SimpleNamespace(__version__='8.6.1'),
        'tensorrt_rtx': SimpleNamespace(__version__='1.7.1'),
    }
    no_gpu = StrictCuda(CudaError('cudaGetDeviceCount', 100, 'cudaErrorNoDevice'))
    with pytest.raises(UnavailableError) as caught:
        find_toolkit(list(modules), modules.__getitem__, lambda: no_gpu)
    assert str(caught.value) == (
        'tensorrt 8.6.1 is installed; version 10 or 11 is supported; tensorrt_rtx 1.7.1 is '
        'installed, no GPU answers: cudaGetDeviceCount: CUDA error 100 (cudaErrorNoDevice)'
    )

    def missing(name: str) -> object:
        if name == 'tensorrt':
            raise ModuleNotFoundError('no', name='tensorrt')
        if name == 'tensorrt_rtx':
            raise ModuleNotFoundError('no', name='tensorrt_rtx_libs')
        raise ImportError('libnvinfer.so.10: cannot open shared object file')

    with pytest.raises(UnavailableError) as caught:
        find_toolkit(['tensorrt', 'tensorrt_rtx'], missing, StrictCuda)
    assert str(caught.value) == (
        'tensorrt is not installed; tensorrt_rtx is not complete: tensorrt_rtx_libs is missing'
    )


def test_settings_are_checked_all_at_once() -> None:
    """Every value that cannot be."""
    with pytest.raises(ConfigError) as caught:
        TensorRtSettings(precision='int8', max_batch=0, workspace_mb=0)
    assert [problem.key for problem in caught.value.problems] == [
        'precision', 'max_batch', 'workspace_mb'
    ]  # fmt: skip


def test_tensorrt_rtx_on_a_gpu_that_it_does_not_know(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ONNX Runtime, with the reason."""
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'cache'))
    made = rig('1.7.1.116', 'tensorrt_rtx', Device('Orin', (8, 7)))
    loaded = bundle_session(bundle, made)
    assert loaded.backend == 'onnxruntime'
    assert 'does not know GPUs of compute capability 8.7' in loaded.backend_reason
    with pytest.raises(TensorRtError, match=r'8\.7'):
        bundle_session(bundle, made, backend='tensorrt')


def test_fp16_without_the_converter(
    bundle: Path, gpu: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ONNX Runtime, with the reason; asked for TensorRT, an error of the kind that is promised."""
    monkeypatch.setitem(sys.modules, 'onnxconverter_common', None)

    def load(backend: str) -> Recognizer:
        return Recognizer.load(
            bundle,
            modalities=['image'],
            backend=backend,
            fuse=False,
            tensorrt=TensorRtSettings(precision='fp16'),
            toolkit=lambda: gpu.toolkit,
        )

    (problem,) = load('auto').backend_problems
    assert 'onnxconverter-common' in problem
    with pytest.raises(BackendError, match='onnxconverter-common'):
        load('tensorrt')
