"""The recognizer over a real ONNX bundle."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
import pytest
import tiny_bundle

from omnibind_core.errors import BackendError
from omnibind_core.errors import InputError
from omnibind_core.inference.recognition import Token
from omnibind_core.inference.recognizer import Recognizer


@pytest.fixture(scope='module')
def recognizer(tmp_path_factory: pytest.TempPathFactory) -> Recognizer:
    """All encoders of a random bundle."""
    return Recognizer.load(tiny_bundle.make(tmp_path_factory.mktemp('bundle') / 'b'))


def picture(seed: int) -> NDArray[np.float32]:
    """A prepared picture of noise."""
    return np.random.default_rng(seed).standard_normal((3, 128, 128)).astype(np.float32)


def test_encode_agrees_with_torch_in_float64(recognizer: Recognizer, tmp_path: Path) -> None:
    """The same weights run by another library at double precision."""
    import onnx
    import torch
    from torch.nn.functional import conv2d

    bundle = tiny_bundle.make(tmp_path / 'b')
    model = onnx.load(str(bundle / 'image.onnx'))
    weights = {
        item.name: torch.from_numpy(onnx.numpy_helper.to_array(item).astype(np.float64))
        for item in model.graph.initializer
    }
    x = torch.from_numpy(picture(0).astype(np.float64))[None]
    for index in range(3):
        x = conv2d(x, weights[f'kernel{index}'], stride=2, padding=1).relu()
    expected = (x.mean(dim=(2, 3)) @ weights['matrix'])[0]
    expected = expected / expected.norm()
    encoded = recognizer.encode('image', picture(0))
    np.testing.assert_allclose(encoded.vector, expected.numpy(), atol=1e-5)
    assert encoded.milliseconds > 0


def test_a_wrong_array_is_refused(recognizer: Recognizer) -> None:
    """Shape, type, and a modality that is not loaded."""
    with pytest.raises(InputError, match='array'):
        recognizer.encode('image', picture(0)[:, :64])
    with pytest.raises(InputError, match='float64'):
        recognizer.encode('image', picture(0).astype(np.float64))
    with pytest.raises(BackendError, match='loaded: image, thermal'):
        recognizer.encode('audio', picture(0))
    with pytest.raises(BackendError, match='no finite vector'):
        recognizer.encode('image', np.full((3, 128, 128), np.nan, np.float32))


def test_recognition_of_one_sensor_is_its_own_opinion(recognizer: Recognizer) -> None:
    """Scores are a distribution over the labels, best first."""
    vector = recognizer.encode('image', picture(1)).vector
    result = recognizer.fuse([Token('camera', 'image', vector)], top_k=5)
    assert result.class_ids[0] == result.shares[0].class_id
    assert result.scores[0] == pytest.approx(result.shares[0].score, abs=1e-6)
    assert sum(result.scores) == pytest.approx(1.0, abs=1e-9)
    assert list(result.scores) == sorted(result.scores, reverse=True)
    assert not result.abstained


def test_uninformative_tokens_are_shown_but_carry_nothing(recognizer: Recognizer) -> None:
    """With nothing informative at all the recognition abstains."""
    seen = Token('camera', 'image', recognizer.encode('image', picture(1)).vector)
    blind = Token('heat', 'thermal', seen.vector[::-1].copy(), informative=False)
    alone, both = recognizer.fuse([seen]), recognizer.fuse([seen, blind])
    assert both.scores == alone.scores
    assert [share.weight for share in both.shares] == [1.0, 0.0]
    assert recognizer.fuse([blind]).abstained


def test_vectors_of_another_length_and_no_tokens_are_refused(recognizer: Recognizer) -> None:
    """By the sensor's name."""
    with pytest.raises(InputError, match='vector of camera'):
        recognizer.fuse([Token('camera', 'image', np.ones(3, np.float32))])
    with pytest.raises(InputError, match='tokens'):
        recognizer.fuse([])


def test_threads_agree(recognizer: Recognizer) -> None:
    """Eight threads at once give what one gives."""
    expected = [recognizer.encode('image', picture(seed)).vector for seed in range(8)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda s: recognizer.encode('image', picture(s)).vector, range(8)))
    np.testing.assert_array_equal(found, expected)


def test_an_unknown_modality_or_back_end_is_refused(tmp_path: Path, recognizer: Recognizer) -> None:
    """Naming what the bundle has."""
    bundle = tiny_bundle.make(tmp_path / 'b', modalities=('image',))
    with pytest.raises(BackendError, match='it has image'):
        Recognizer.load(bundle, modalities=('thermal',))
    with pytest.raises(BackendError, match='tensorrt'):
        Recognizer.load(bundle, backend='tensorrt')
    assert recognizer.backend == 'onnxruntime'
