"""Labels as means over their sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
import pytest

from omnibind_core.errors import InputError
from omnibind_core.inference.text_labels import class_name
from omnibind_core.inference.text_labels import label_sentences
from omnibind_core.inference.text_labels import label_vectors

VECTORS = {
    'a photo of a cup': [1.0, 0.0, 0.0],
    'cup': [0.0, 1.0, 0.0],
    'a photo of an oven': [0.0, 0.0, 1.0],
    'oven': [0.6, 0.8, 0.0],
    'for drinks': [0.0, 0.6, 0.8],
    'cup: for drinks': [0.8, 0.6, 0.0],
}
TEMPLATES = ('a photo of a {}', '{}')


def encode(texts: Sequence[str]) -> NDArray[np.float32]:
    return np.array([VECTORS[text] for text in texts], np.float32)


def test_mean_over_prompts_by_hand() -> None:
    """Of unit length; one label has more sentences than the other."""
    found = label_vectors(
        encode, ['cup', 'oven'], templates=TEMPLATES, definitions={'cup': 'for drinks'}
    )
    sums = np.array([[1.8, 2.2, 0.8], [0.6, 0.8, 1.0]])
    assert np.allclose(found, sums / np.linalg.norm(sums, axis=1, keepdims=True), atol=1e-6)
    assert found.dtype == np.float32


def test_names_of_classes() -> None:
    """As people say them."""
    assert class_name('table_lamp') == 'table lamp'
    assert label_sentences('ice_box', ['a {}'], 'it is cold') == (
        'an ice box',
        'it is cold',
        'ice box: it is cold',
    )
    assert label_sentences('cup', ['a {}', 'a {}']) == ('a cup',)


def test_labels_that_read_alike_are_refused() -> None:
    """Nothing could tell them apart."""
    with pytest.raises(InputError, match="'a_b' and 'a b', which read alike"):
        label_vectors(
            lambda texts: np.ones((len(texts), 2), np.float32) / np.sqrt(np.float32(2)),
            ['a_b', 'a b'],
            templates=('{}',),
        )
