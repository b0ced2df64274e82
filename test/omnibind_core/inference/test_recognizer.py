"""The recognizer over a real ONNX bundle."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
import pytest
import tiny_bundle
from tiny_readings import reading

from omnibind_core.errors import BackendError
from omnibind_core.errors import InputError
from omnibind_core.errors import SpaceError
from omnibind_core.inference.recognition import Token
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.modalities.image import ImageSensor
from omnibind_core.modalities.registry import modality
from omnibind_core.modalities.registry import SENSOR_NAMES


@pytest.fixture(scope='module')
def recognizer(tmp_path_factory: pytest.TempPathFactory) -> Recognizer:
    """All encoders of a random bundle."""
    return Recognizer.load(tiny_bundle.make(tmp_path_factory.mktemp('bundle') / 'b'))


@pytest.fixture(scope='module')
def averaging(tmp_path_factory: pytest.TempPathFactory) -> Recognizer:
    """The same without a fusion model."""
    folder = tmp_path_factory.mktemp('bundle') / 'b'
    return Recognizer.load(tiny_bundle.make(folder, fusion=False))


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


@pytest.mark.parametrize('kind', ['learned', 'mean'])
def test_recognition_of_one_sensor_is_its_own_opinion(
    recognizer: Recognizer, averaging: Recognizer, kind: str
) -> None:
    """Scores are a distribution over the labels, best first."""
    recognizer = recognizer if kind == 'learned' else averaging
    assert recognizer.fusion == kind
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
    nothing = recognizer.fuse([blind])
    assert nothing.abstained
    assert nothing.reason == 'nothing_to_sense'
    assert nothing.shares[0].class_id == ''
    assert (both.shares[1].sensor, both.shares[1].modality) == ('heat', 'thermal')


def test_vectors_of_another_length_and_no_tokens_are_refused(recognizer: Recognizer) -> None:
    """By the sensor's name."""
    with pytest.raises(InputError, match='vector of camera'):
        recognizer.fuse([Token('camera', 'image', np.ones(3, np.float32))])
    with pytest.raises(InputError, match='tokens'):
        recognizer.fuse([])
    for value in (np.nan, np.inf):
        with pytest.raises(InputError, match='vector of camera'):
            recognizer.fuse([Token('camera', 'image', np.full(64, value, np.float32))])
    with pytest.raises(InputError, match='age of camera'):
        recognizer.fuse([Token('camera', 'image', np.ones(64, np.float32), age=np.nan)])


def test_vectors_of_another_space_are_refused(recognizer: Recognizer) -> None:
    """By the sensor's name; vectors of no stated space are taken for ours."""
    encoded = recognizer.encode('image', picture(1))
    assert encoded.space == recognizer.space
    token = Token('camera', 'image', encoded.vector, space=encoded.space)
    assert recognizer.fuse([token]) is not None
    with pytest.raises(SpaceError, match=r"space of camera: got 'other'"):
        recognizer.fuse([replace(token, space='other')])


def test_only_the_direction_of_a_vector_counts(recognizer: Recognizer) -> None:
    """However long it is, the weights and scores are those of the unit vector."""
    tokens = [
        Token('camera', 'image', recognizer.encode('image', picture(1)).vector),
        Token('other', 'image', recognizer.encode('image', picture(2)).vector),
    ]
    expected = recognizer.fuse(tokens)
    for factor in (1e-3, 7.0, 1e30):
        scaled = [tokens[0], replace(tokens[1], vector=tokens[1].vector * np.float32(factor))]
        np.testing.assert_allclose(recognizer.fuse(scaled).scores, expected.scores, atol=1e-6)


def test_the_learned_fusion_weighs_by_modality_and_age(
    recognizer: Recognizer, averaging: Recognizer
) -> None:
    """Two sensors of one modality, one of them half a second old, which halves its gate."""
    vector = recognizer.encode('image', picture(1)).vector
    tokens = [Token('new', 'image', vector), Token('old', 'image', vector, age=0.5)]
    weights = [share.weight for share in recognizer.fuse(tokens).shares]
    assert weights == pytest.approx([2 / 3, 1 / 3], abs=1e-6)
    assert [share.weight for share in averaging.fuse(tokens).shares] == [0.5, 0.5]
    assert averaging.fusion_reason == 'the bundle has no fusion model'


def test_the_mean_calibrates_each_sensor_by_its_own_temperature(tmp_path: Path) -> None:
    """By hand, in float64."""
    folder = tiny_bundle.make(tmp_path / 'b', fusion=False)
    tiny_bundle.edit(folder, lambda table: table['modalities']['thermal'].update(temperature=0.37))
    recognizer = Recognizer.load(folder)
    vector = recognizer.encode('image', picture(1)).vector
    tokens = [Token('camera', 'image', vector), Token('heat', 'thermal', vector)]
    result = recognizer.fuse(tokens, top_k=1)
    cosines = recognizer.labels.embeddings.astype(np.float64) @ vector.astype(np.float64)
    for share, temperature in zip(result.shares, (0.1, 0.37), strict=True):
        exponent = np.exp((cosines - cosines.max()) / temperature)
        assert share.score == pytest.approx(exponent.max() / exponent.sum(), abs=1e-6)


def test_the_fused_vector_has_unit_length(recognizer: Recognizer, averaging: Recognizer) -> None:
    """Whatever fuses; zero where nothing took part."""
    tokens = [
        Token('a', 'image', recognizer.encode('image', picture(seed)).vector) for seed in range(3)
    ]
    blind = [replace(token, informative=False) for token in tokens]
    for one in (recognizer, averaging):
        assert np.linalg.norm(one.fuse(tokens).embedding) == pytest.approx(1, abs=1e-6)
        assert not one.fuse(blind).embedding.any()


def test_an_unseen_modality_gets_the_prior_weight_and_one_warning(tmp_path: Path) -> None:
    """Its encoder lives in the same space, but the fusion was not trained with it."""
    warnings: list[str] = []
    folder = tiny_bundle.make(tmp_path / 'b')
    tiny_bundle.edit(folder, lambda table: table['fusion'].update(modalities=['image', 'touch']))
    recognizer = Recognizer.load(folder, warn=warnings.append)
    vector = recognizer.encode('thermal', picture(1)[:1, :96, :96]).vector
    gates = fusion_gates(folder)
    tokens = [Token('camera', 'image', vector), Token('heat', 'thermal', vector)]
    for _ in range(3):
        weights = [share.weight for share in recognizer.fuse(tokens).shares]
        expected = np.array([gates[1], gates[0]]) / (gates[0] + gates[1])
        assert weights == pytest.approx(expected.tolist(), abs=1e-6)
    assert len(warnings) == 1
    assert "'thermal'" in warnings[0]
    recognizer.fuse([Token('ping', 'sonar', vector)])
    assert len(warnings) == 2
    assert "'sonar'" in warnings[1]
    for number in range(200):  # a sender gone wild fills neither the log nor the memory
        recognizer.fuse([Token('ping', f'sonar {number}', vector)])
    assert len(warnings) == 64


def fusion_gates(folder: Path) -> list[float]:
    """The gates in a bundle's fusion model; the first is that of an unseen modality."""
    import onnx

    model = onnx.load(str(folder / 'fusion.onnx'))
    table = next(item for item in model.graph.initializer if item.name == 'table')
    return [float(gate) for gate in onnx.numpy_helper.to_array(table)]


def test_a_batch_is_its_parts(recognizer: Recognizer) -> None:
    """Unit vectors, in order."""
    pictures = np.stack([picture(seed) for seed in range(3)])
    batch = recognizer.encode_batch('image', pictures)
    np.testing.assert_allclose(np.linalg.norm(batch, axis=1), 1, atol=1e-6)
    for row, one in zip(batch, pictures, strict=True):
        np.testing.assert_allclose(recognizer.encode('image', one).vector, row, atol=1e-6)


def test_raw_readings_are_prepared_by_the_modality(tmp_path: Path) -> None:
    """For every sensor, as by hand: its own preprocessing, the bundle's specification."""
    recognizer = Recognizer.load(tiny_bundle.make(tmp_path / 'b', modalities=SENSOR_NAMES))
    for name in SENSOR_NAMES:
        raw = reading(name, np.random.default_rng(3))
        kind = modality(name)
        prepared = kind.prepare(raw, recognizer.specification(name), kind.sensor())
        by_hand = recognizer.encode(name, prepared.array)
        encoded = recognizer.encode_raw(name, raw)
        np.testing.assert_array_equal(encoded.vector, by_hand.vector)
        assert (encoded.modality, encoded.informative) == (name, prepared.informative)
    with pytest.raises(InputError):
        recognizer.encode_raw('image', np.zeros((3, 128, 128), np.float32))


def test_a_sensor_with_nothing_to_sense_is_not_informative(recognizer: Recognizer) -> None:
    """A picture of one colour, unless the sensor's settings say otherwise."""
    blank = np.full((20, 30, 3), 128, np.uint8)
    assert not recognizer.encode_raw('image', blank).informative
    assert recognizer.recognize({'image': blank}).abstained
    lenient = ImageSensor(minimum_contrast=0.0)
    assert recognizer.encode_raw('image', blank, lenient).informative
    assert not recognizer.recognize({'image': blank}, settings={'image': lenient}).abstained


def test_readings_are_prepared_encoded_and_fused(recognizer: Recognizer) -> None:
    """Raw, prepared and encoded in one call; a list for several sensors of one modality."""
    random = np.random.default_rng(5)
    first, second, heat = (reading(name, random) for name in ('image', 'image', 'thermal'))
    kind = modality('thermal')
    prepared = kind.prepare(heat, recognizer.specification('thermal'), kind.sensor())
    encoded = recognizer.encode_raw('image', second)
    result = recognizer.recognize({'image': [first, encoded], 'thermal': prepared}, top_k=2)
    expected = recognizer.fuse(
        [
            Token('image 1', 'image', recognizer.encode_raw('image', first).vector),
            Token('image 2', 'image', encoded.vector),
            Token('thermal', 'thermal', recognizer.encode_raw('thermal', heat).vector),
        ],
        top_k=2,
    )
    assert result.shares == expected.shares
    assert (result.class_ids, result.scores) == (expected.class_ids, expected.scores)


def test_readings_that_cannot_be_used_are_refused(recognizer: Recognizer) -> None:
    """No readings, a modality without its encoder, an embedding of another modality."""
    raw = reading('image', np.random.default_rng(5))
    with pytest.raises(InputError, match='tokens: got none'):
        recognizer.recognize({})
    with pytest.raises(InputError, match='tokens: got none'):
        recognizer.recognize({'image': []})
    with pytest.raises(BackendError, match='loaded: image, thermal'):
        recognizer.recognize({'image': raw, 'audio': raw})
    with pytest.raises(InputError, match='modality: got image; allowed: thermal'):
        recognizer.recognize({'thermal': recognizer.encode_raw('image', raw)})
    foreign = replace(recognizer.encode_raw('image', raw), space='other')
    with pytest.raises(SpaceError):
        recognizer.recognize({'image': foreign})


def test_one_that_encodes_only_does_not_fuse(tmp_path: Path) -> None:
    """And says so."""
    bundle = tiny_bundle.make(tmp_path / 'b')
    recognizer = Recognizer.load(bundle, modalities=('image',), fuse=False)
    encoded = recognizer.encode('image', picture(0))
    assert recognizer.fusion == 'none'
    with pytest.raises(BackendError, match='to encode only'):
        recognizer.fuse([Token('camera', 'image', encoded.vector)])


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
    with pytest.raises(BackendError, match='auto, onnxruntime, tensorrt'):
        Recognizer.load(bundle, backend='cuda')
    assert recognizer.backend == 'onnxruntime'
