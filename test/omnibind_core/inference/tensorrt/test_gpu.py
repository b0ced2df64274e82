"""What only a GPU can show. Nothing of this ran where the project was written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from omnibind_core.errors import UnavailableError
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.inference.tensorrt.engine_cache import EngineCache
from omnibind_core.inference.tensorrt.settings import TensorRtSettings
from omnibind_core.inference.tensorrt.toolkit import installed_toolkit

BUNDLE = Path(__file__).resolve().parents[4] / 'bundles' / 'omnihome'
pytestmark = pytest.mark.gpu


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Skips by name without a GPU; the cache is a temporary folder."""
    try:
        installed_toolkit()
    except UnavailableError as error:
        pytest.skip(f'needs a GPU with TensorRT: {error}')
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    return tmp_path / 'omnibind' / 'engines'


@pytest.mark.parametrize('cuda_graph', [False, True])
@pytest.mark.parametrize(('precision', 'least'), [('fp32', 0.9999), ('fp16', 0.999)])
def test_the_shipped_bundle(precision: str, least: float, cuda_graph: bool) -> None:
    """Every encoder on the GPU, at several batches, beside ONNX Runtime."""
    settings = TensorRtSettings(precision=precision, cuda_graph=cuda_graph)
    fast = Recognizer.load(BUNDLE, backend='tensorrt', tensorrt=settings)
    plain = Recognizer.load(BUNDLE, backend='onnxruntime')
    for modality in plain.modalities:
        shape = plain.specification(modality).shape
        for count in (1, 1, 1, 3, 8, 20, 1):
            batch = np.random.default_rng(count).normal(size=(count, *shape)).astype(np.float32)
            expected = plain.encode_batch(modality, batch)
            found = fast.encode_batch(modality, batch)
            assert (expected * found).sum(axis=1).min() > least, modality


def test_the_second_start_takes_the_engines_of_the_first(own_cache: Path) -> None:
    """Nothing is built again."""
    Recognizer.load(BUNDLE, backend='tensorrt', fuse=False)
    before = {entry.path: entry.path.stat().st_mtime_ns for entry in EngineCache().entries()}
    Recognizer.load(BUNDLE, backend='tensorrt', fuse=False)
    after = {entry.path: entry.path.stat().st_mtime_ns for entry in EngineCache().entries()}
    assert before == after
    assert all(path.parent == own_cache for path in before)


def test_many_loads_leave_no_memory() -> None:
    """Sessions that are dropped give their GPU memory back."""
    from cuda.bindings import runtime

    def free() -> int:
        return int(runtime.cudaMemGetInfo()[1])

    Recognizer.load(BUNDLE, backend='tensorrt', fuse=False)
    before = free()
    for _ in range(5):
        Recognizer.load(BUNDLE, backend='tensorrt', fuse=False)
    assert before - free() < 32 << 20
