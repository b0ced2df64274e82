"""CLIP-like teachers, on a checkpoint that the library itself saved."""

from __future__ import annotations

from pathlib import Path
import shutil
from typing import Any

import numpy as np
import pytest
import tiny_clip

from omnibind_core.errors import ConfigError
from omnibind_core.errors import InputError
from omnibind_core.models.teachers.conse import ConSEOptions
from omnibind_core.models.teachers.errors import TeacherError
from omnibind_core.models.teachers.load import load_teacher

pytest.importorskip('torch')
pytest.importorskip('transformers')
TEXTS = ['a photo of a cup', 'sofa', 'a very long text that is cut off after some of its words']


@pytest.fixture(scope='module')
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    folder = tmp_path_factory.mktemp('clip')
    return folder, tiny_clip.save(folder)


@pytest.fixture(scope='module')
def teacher(saved: tuple[Path, Any]) -> Any:
    return load_teacher(str(saved[0]))


def normalised(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_texts_against_the_model_itself(saved: tuple[Path, Any], teacher: Any) -> None:
    """Its text tower and projection, called directly on its own tokens."""
    import torch
    import transformers

    model = saved[1]
    tokenizer = transformers.AutoTokenizer.from_pretrained(saved[0])
    for text, row in zip(TEXTS, teacher.embed_texts(TEXTS), strict=True):
        # without padding: what stands behind the end must not matter
        tokens = tokenizer([text], truncation=True, return_tensors='pt')
        assert tokens['input_ids'].shape[1] <= tiny_clip.MOST_TOKENS
        with torch.no_grad():
            pooled = model.text_model(input_ids=tokens['input_ids']).pooler_output
            wanted = model.text_projection(pooled).numpy()
        assert np.allclose(row, normalised(wanted)[0], atol=1e-5)


def test_pictures_against_the_model_itself(saved: tuple[Path, Any], teacher: Any) -> None:
    """Resized, cut and normalised as CLIP does; its vision tower and projection."""
    from PIL import Image
    import torch

    model = saved[1]
    mean = np.array([0.48145466, 0.4578275, 0.40821073])
    std = np.array([0.26862954, 0.26130258, 0.27577711])
    random = np.random.default_rng(0)
    pictures = [random.integers(0, 256, (64, 64, 3), np.uint8) for _ in range(40)]
    found = teacher.embed_images(pictures)
    assert found.shape == (40, tiny_clip.DIMENSION)
    for number in (0, 39):
        small = Image.fromarray(pictures[number]).resize((32, 32), Image.Resampling.BICUBIC)
        pixels = (np.asarray(small, float) / 255.0 - mean) / std
        given = torch.from_numpy(pixels.transpose(2, 0, 1)[None]).float()
        with torch.no_grad():
            wanted = model.visual_projection(model.vision_model(given).pooler_output).numpy()
        assert np.allclose(found[number], normalised(wanted)[0], atol=1e-4)
    assert np.array_equal(teacher.embed_features(found), found)
    assert teacher.embed_images([]).shape == teacher.embed_texts([]).shape == (0, 24)


def test_space_is_the_checkpoint(saved: tuple[Path, Any], teacher: Any, tmp_path: Path) -> None:
    """Other weights, another space; a copy of the folder, the same."""
    copy = tmp_path / 'copy'
    shutil.copytree(saved[0], copy)
    assert load_teacher(str(copy)).space == teacher.space
    assert teacher.space.startswith('clip-')
    assert teacher.dimension == teacher.feature_dimension == tiny_clip.DIMENSION
    other = tmp_path / 'other'
    tiny_clip.save(other, seed=1)
    assert load_teacher(str(other)).space != teacher.space


def test_refuses_folders(saved: tuple[Path, Any], tmp_path: Path) -> None:
    """That hold no checkpoint, one in pickles, or one of another kind; each is named."""
    import transformers

    with pytest.raises(TeacherError, match=r'config\.json is missing'):
        load_teacher(str(tmp_path))
    pickled = tmp_path / 'pickled'
    shutil.copytree(saved[0], pickled)
    (pickled / 'model.safetensors').rename(pickled / 'pytorch_model.bin')
    with pytest.raises(TeacherError, match=r'pickled: no \*\.safetensors'):
        load_teacher(str(pickled))
    broken = tmp_path / 'broken'
    shutil.copytree(saved[0], broken)
    (broken / 'model.safetensors').write_bytes(b'\0' * 64)
    with pytest.raises(TeacherError, match='broken: transformers refuses'):
        load_teacher(str(broken))
    text_only = tmp_path / 'text_only'
    shutil.copytree(saved[0], text_only)
    configuration = transformers.BertConfig(
        hidden_size=16,
        intermediate_size=16,
        num_attention_heads=2,
        num_hidden_layers=1,
        vocab_size=20,
    )
    transformers.BertModel(configuration).save_pretrained(text_only)
    with pytest.raises(TeacherError, match='text_only: BertModel is no CLIP-like model'):
        load_teacher(str(text_only))


def test_refuses_what_is_no_teacher(saved: tuple[Path, Any]) -> None:
    """And options that such a checkpoint does not have."""
    with pytest.raises(ConfigError, match="teacher: got 'clop'; allowed: conse, or the folder"):
        load_teacher('clop')
    with pytest.raises(ConfigError, match='only for the teacher conse'):
        load_teacher(str(saved[0]), ConSEOptions())


def test_refuses_inputs(teacher: Any) -> None:
    """As the preprocessing of the product does."""
    with pytest.raises(InputError, match='picture'):
        teacher.embed_images([np.zeros((4, 4), np.uint8)])
    with pytest.raises(InputError, match='not empty'):
        teacher.embed_texts([''])
