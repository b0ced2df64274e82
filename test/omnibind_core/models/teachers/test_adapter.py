"""The supervised adapter: what it does to vectors, and that it is marked."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import save
import tiny_teacher

from omnibind_core.errors import InputError
from omnibind_core.models.teachers.adapter import AdaptedTeacher
from omnibind_core.models.teachers.adapter import Adapter
from omnibind_core.models.teachers.adapter import read_adapter
from omnibind_core.models.teachers.errors import TeacherError

pytest.importorskip('torch')
pytest.importorskip('tokenizers')


def adapter(scale: float = 1.0) -> Adapter:
    random = np.random.default_rng(3)
    return Adapter(
        random.normal(0, 1, 5).astype(np.float32),
        random.uniform(0.5, 2, 5).astype(np.float32),
        (scale * random.normal(0, 1, (5, 4))).astype(np.float32),
    )


def test_residual_by_hand() -> None:
    """``norm(teacher + (f - mean) / std P)``; nothing with P = 0."""
    teacher, own = tiny_teacher.make(), adapter()
    features = np.random.default_rng(4).normal(0, 1, (6, 5)).astype(np.float32)
    found = AdaptedTeacher(teacher, own).embed_features(features)
    for row, feature in enumerate(features.astype(float)):
        added = np.zeros(4)
        for place in range(5):
            standard = (feature[place] - float(own.mean[place])) / float(own.std[place])
            added += standard * own.matrix[place].astype(float)
        moved = teacher.embed_features(features[row : row + 1])[0] + added
        assert np.allclose(found[row], moved / np.linalg.norm(moved), atol=1e-5)
    still = AdaptedTeacher(teacher, adapter(0.0)).embed_features(features)
    assert np.allclose(still, teacher.embed_features(features), atol=1e-6)


def test_space_and_features_stay_and_the_name_says_supervised() -> None:
    """Texts are where they were."""
    teacher = tiny_teacher.make()
    adapted = AdaptedTeacher(teacher, adapter())
    assert adapted.name == 'conse+supervised adapter'
    assert (adapted.space, adapted.image_space) == (teacher.space, teacher.image_space)
    assert np.array_equal(adapted.embed_texts(['a cup']), teacher.embed_texts(['a cup']))
    assert (adapted.dimension, adapted.feature_dimension) == (4, 5)
    picture = np.random.default_rng(0).integers(0, 256, (50, 50, 3), np.uint8)
    wanted = adapted.embed_features(teacher.image_features([picture]))
    assert np.array_equal(adapted.embed_images([picture]), wanted)


def test_is_kept_in_a_file() -> None:
    """To the bit; anything else is refused by the file's name."""
    own = adapter()
    again = read_adapter(own.to_bytes())
    assert again.digest == own.digest != adapter(2.0).digest
    assert np.array_equal(again.matrix, own.matrix)
    wrong = {'mean': own.mean, 'std': own.std, 'matrix': own.matrix.T.copy()}
    for content in (b'', save({'mean': own.mean}), save(wrong)):
        with pytest.raises(TeacherError, match=r'^a\.safetensors: '):
            read_adapter(content, name='a.safetensors')


def test_refusals() -> None:
    """For another teacher, of other numbers, or of no spread."""
    own = adapter()
    with pytest.raises(InputError, match=r'\[5, 4\]; allowed: \[5, 3\]'):
        AdaptedTeacher(tiny_teacher.make(dimension=3), own)
    with pytest.raises(InputError, match=r'\[n, 5\]'):
        own.residual(np.zeros((2, 4), np.float32))
    with pytest.raises(InputError, match='std above 0'):
        Adapter(own.mean, own.std * np.float32(0), own.matrix)
    with pytest.raises(InputError, match='finite float32'):
        Adapter(own.mean, own.std, own.matrix.astype(np.float64))
