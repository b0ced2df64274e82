"""Texts into the space, without torch: pooling, padding, projection, refusals."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import tiny_text_model

from omnibind_core.errors import BackendError
from omnibind_core.errors import BundleError
from omnibind_core.errors import InputError
from omnibind_core.errors import UnavailableError
from omnibind_core.inference.projection import Projection
from omnibind_core.inference.text_encoder import MOST_TOKENS
from omnibind_core.inference.text_encoder import pooled
from omnibind_core.inference.text_encoder import TextEncoder

pytest.importorskip('tokenizers')
TEXTS = ['a photo of a cup', 'Sofa', 'a large  thing of text', 'unheard words', 'a cup']


def encoder(**options: Any) -> TextEncoder:
    return TextEncoder(tiny_text_model.model(), tiny_text_model.tokenizer(), **options)


def test_against_hand_pooled_words() -> None:
    """Whatever is in the batch beside a text, and whatever the padding's states are."""
    wanted = [tiny_text_model.by_hand(text) for text in TEXTS]
    together = encoder()(TEXTS)
    assert together.dtype == np.float32
    assert np.allclose(together, wanted, atol=1e-6)
    assert np.allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-6)
    alone = np.concatenate([encoder()([text]) for text in TEXTS])
    assert np.array_equal(together, alone)


def test_many_texts_keep_their_order() -> None:
    """More than one batch, of mixed lengths."""
    many = [' '.join(['cup'] * (1 + number % 7) + ['sofa']) for number in range(70)]
    wanted = [tiny_text_model.by_hand(text) for text in many]
    assert np.allclose(encoder()(many), wanted, atol=1e-6)
    assert encoder()([]).shape == (0, tiny_text_model.WIDTH)


def test_projection_comes_last() -> None:
    """``norm((x - mean) matrix)`` of the unit vectors."""
    random = np.random.default_rng(1)
    projection = Projection(
        random.normal(0, 1, 6).astype(np.float32), random.normal(0, 1, (6, 3)).astype(np.float32)
    )
    found = encoder(projection=projection)
    own = np.array([tiny_text_model.by_hand(text) for text in TEXTS])
    moved = (own - projection.mean.astype(float)) @ projection.matrix.astype(float)
    wanted = moved / np.linalg.norm(moved, axis=1, keepdims=True)
    assert np.allclose(found(TEXTS), wanted, atol=1e-6)
    assert (found.dimension, found.width) == (3, 6)
    assert found([]).shape == (0, 3)
    plain = encoder()
    again = plain.with_projection(projection)
    assert np.array_equal(again(TEXTS), found(TEXTS))
    assert (plain.projection, again.projection) == (None, projection)


def test_pooling_by_hand() -> None:
    """Over the tokens that are there; the rest may be anything."""
    hidden = np.array([[[1.0, 2.0], [3.0, 6.0], [np.nan, np.inf]], [[5.0, 5.0]] * 3])
    mask = np.array([[1, 1, 0], [1, 1, 1]])
    assert pooled(hidden, mask).tolist() == [[2.0, 4.0], [5.0, 5.0]]


def test_long_texts_are_cut_off() -> None:
    """Neither earlier, as the tokenizer's file says, nor later than the model can."""
    short, long, longer = (' '.join(['a'] * count) for count in (MOST_TOKENS - 1, 256, 256))
    one, two, three = encoder()([short, long, f'{longer[:-1]}a'])
    assert np.array_equal(two, three)
    assert np.allclose(two, tiny_text_model.by_hand(long), atol=1e-6)
    assert not np.array_equal(one, two)


def test_digest_is_of_model_and_tokenizer() -> None:
    """Not of the projection, which has its own."""
    words = tiny_text_model.table(1)
    other = TextEncoder(tiny_text_model.model(words), tiny_text_model.tokenizer())
    projection = Projection(np.zeros(6, np.float32), np.eye(6, dtype=np.float32))
    assert encoder().digest == encoder(projection=projection).digest != other.digest


def test_refusals() -> None:
    """By the name that was given."""
    model, tokenizer = tiny_text_model.model(), tiny_text_model.tokenizer()
    with pytest.raises(BackendError, match='t: the tokenizer cannot be read'):
        TextEncoder(model, b'{}', name='t')
    with pytest.raises(BackendError, match='t: the tokenizer cannot be read'):
        TextEncoder(model, b'\xff\xfe', name='t')
    with pytest.raises(BundleError, match='t: '):
        TextEncoder(b'no model', tokenizer, name='t')
    with pytest.raises(BackendError, match=r't: the model takes .*pixels'):
        TextEncoder(tiny_text_model.model(extra_input='pixels'), tokenizer, name='t')
    wrong = Projection(np.zeros(5, np.float32), np.ones((5, 2), np.float32))
    with pytest.raises(BackendError, match='length 6, the projection takes 5'):
        TextEncoder(model, tokenizer, wrong)
    with pytest.raises(BackendError, match='length 6, the projection takes 5'):
        encoder().with_projection(wrong)
    with pytest.raises(InputError, match='not empty'):
        encoder()(['a cup', ' '])


def test_names_the_package_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to install."""
    model, tokenizer = tiny_text_model.model(), tiny_text_model.tokenizer()
    monkeypatch.setitem(sys.modules, 'tokenizers', None)
    with pytest.raises(UnavailableError, match=r'package tokenizers; install omnibind\[text\]'):
        TextEncoder(model, tokenizer)


def test_takes_no_torch() -> None:
    """A robot has none."""
    code = (
        'import sys; import omnibind_core.inference.text_encoder as t; '
        'import omnibind_core.inference.text_labels; '
        f't.TextEncoder({tiny_text_model.model()!r}, {tiny_text_model.tokenizer()!r})(["a cup"]); '
        'print("torch" in sys.modules, "transformers" in sys.modules)'
    )
    found = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True, check=True, timeout=120
    )
    assert found.stdout.split() == ['False', 'False']
