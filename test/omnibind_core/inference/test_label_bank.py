"""The bank of labels."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from omnibind_core.errors import InputError
from omnibind_core.inference.label_bank import LabelBank

IDS = ('cup', 'ball', 'shoe')
EYE = np.eye(3, 4, dtype=np.float32)


def _bank(**changes: Any) -> LabelBank:
    given = {'class_ids': IDS, 'names': ('Cup', 'Ball', 'Shoe'), 'embeddings': EYE, 'space': 's1'}
    return LabelBank(**{**given, **changes})


def _vectors(count: int, dimension: int = 4, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(0, 3, (count, dimension))


def test_what_it_holds() -> None:
    bank = _bank(class_ids=list(IDS))
    assert bank.class_ids == IDS
    assert bank.names == ('Cup', 'Ball', 'Shoe')
    assert (len(bank), bank.dimension, bank.space) == (3, 4, 's1')
    np.testing.assert_array_equal(bank.embeddings, EYE)
    assert [bank.index(class_id) for class_id in IDS] == [0, 1, 2]


def test_the_vectors_are_a_read_only_copy() -> None:
    given = EYE.copy()
    bank = _bank(embeddings=given)
    given[:] = 0
    np.testing.assert_array_equal(bank.embeddings, EYE)
    with pytest.raises(ValueError, match='read-only'):
        bank.embeddings[0, 0] = 2


def test_the_identifier_is_the_documented_hash() -> None:
    texts = json.dumps(['s1', list(IDS), ['Cup', 'Ball', 'Shoe'], [3, 4]])
    expected = hashlib.sha256(texts.encode() + EYE.tobytes()).hexdigest()[:16]
    assert _bank().labels_id == expected


def test_the_identifier_is_the_same_in_another_process() -> None:
    script = (
        'import numpy as np\n'
        'from omnibind_core.inference.label_bank import LabelBank\n'
        "bank = LabelBank(class_ids=('cup', 'ball', 'shoe'), names=('Cup', 'Ball', 'Shoe'),\n"
        "    embeddings=np.eye(3, 4, dtype=np.float32), space='s1')\n"
        'print(bank.labels_id)\n'
    )
    run = subprocess.run([sys.executable, '-c', script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == _bank().labels_id


@pytest.mark.parametrize(
    'changes',
    [
        {'class_ids': ('cup', 'ball', 'shoes')},
        {'class_ids': ('ball', 'cup', 'shoe')},
        {'names': ('Cup', 'Ball', 'shoe')},
        {'space': 's2'},
        {'embeddings': EYE[[1, 0, 2]]},
        {'embeddings': np.nextafter(EYE, np.float32(2))},
        {'class_ids': ('cupb', 'all', 'shoe')},
    ],
)
def test_any_change_changes_the_identifier_and_the_bank(changes: dict[str, Any]) -> None:
    assert _bank(**changes).labels_id != _bank().labels_id
    assert _bank(**changes) != _bank()


def test_equal_banks_are_equal() -> None:
    same = _bank(embeddings=np.asfortranarray(EYE))
    assert same == _bank()
    assert hash(same) == hash(_bank())
    assert _bank() != 'cup'


def test_an_identifier_survives_storing_and_loading() -> None:
    bank = LabelBank.normalised(class_ids=IDS, names=IDS, vectors=_vectors(3), space='s1')
    loaded = np.frombuffer(bank.embeddings.tobytes(), np.float32).reshape(3, 4)
    assert _bank(names=IDS, embeddings=loaded) == bank


@pytest.mark.parametrize('scale', [1e-5, 1.0, 1e30, 1e300])
@pytest.mark.filterwarnings('error')
def test_vectors_of_any_length_are_normalised(scale: float) -> None:
    vectors = _vectors(3) * scale
    bank = LabelBank.normalised(class_ids=IDS, names=IDS, vectors=vectors, space='s1')
    expected = _vectors(3) / np.sqrt((_vectors(3) ** 2).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(bank.embeddings, expected, atol=1e-7)
    assert bank.embeddings.dtype == np.float32


@pytest.mark.parametrize(
    ('changes', 'field'),
    [
        ({'class_ids': ('cup', 'ball', 'cup')}, 'class_ids'),
        ({'class_ids': ()}, 'class_ids'),
        ({'class_ids': 'cup'}, 'class_ids'),
        ({'class_ids': None}, 'class_ids'),
        ({'class_ids': ('cup', '', 'shoe')}, 'class_ids'),
        ({'class_ids': ('cup', ' ', 'shoe')}, 'class_ids'),
        ({'class_ids': ('cup', 3, 'shoe')}, 'class_ids'),
        ({'class_ids': ('cup', 'x' * 513, 'shoe')}, 'class_ids'),
        ({'names': ('Cup', 'Ball')}, 'names'),
        ({'names': ('Cup', 'Ball', None)}, 'names'),
        ({'space': ''}, 'space'),
        ({'space': None}, 'space'),
        ({'embeddings': EYE.tolist()}, 'embeddings.dtype'),
        ({'embeddings': EYE.astype(np.float64)}, 'embeddings.dtype'),
        ({'embeddings': EYE.astype(np.int32)}, 'embeddings.dtype'),
        ({'embeddings': EYE[:2]}, 'embeddings.shape'),
        ({'embeddings': EYE[0]}, 'embeddings.shape'),
        ({'embeddings': np.zeros((3, 0), np.float32)}, 'embeddings.shape'),
        ({'embeddings': np.broadcast_to(np.float32(0), (3, 10**9))}, 'embeddings.shape'),
        ({'embeddings': np.where(EYE == 1, np.nan, EYE)}, 'embeddings'),
        ({'embeddings': np.where(EYE == 1, np.inf, EYE).astype(np.float32)}, 'embeddings'),
        ({'embeddings': np.zeros((3, 4), np.float32)}, 'embeddings'),
        ({'embeddings': EYE * np.float32(1.01)}, 'embeddings'),
    ],
)
def test_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as caught:
        _bank(**changes)
    assert caught.value.field == field


def test_a_vector_without_a_direction_is_refused_by_name() -> None:
    vectors = _vectors(3)
    vectors[1] = 1e-9
    with pytest.raises(InputError, match="zero vector for 'ball'"):
        LabelBank.normalised(class_ids=IDS, names=IDS, vectors=vectors, space='s1')


def test_selecting_keeps_the_order_asked_for() -> None:
    chosen = _bank().select(['shoe', 'cup'])
    assert chosen.class_ids == ('shoe', 'cup')
    assert chosen.names == ('Shoe', 'Cup')
    np.testing.assert_array_equal(chosen.embeddings, EYE[[2, 0]])
    assert chosen.space == 's1'
    assert _bank().select(IDS) == _bank()


@pytest.mark.parametrize('wanted', [['lamp'], ['cup', 'cup'], []])
def test_selecting_what_is_not_there_is_refused(wanted: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        _bank().select(wanted)
    assert caught.value.field == 'class_ids'


def test_an_unknown_label_has_no_row() -> None:
    with pytest.raises(InputError, match=r"'lamp'.*'cup', 'ball', 'shoe'"):
        _bank().index('lamp')


def test_further_labels_replace_and_append() -> None:
    vectors = np.array([[0, 0, 0, 5.0], [0, 0, 7.0, 7.0]])
    bank = _bank().with_labels(class_ids=['ball', 'lamp'], names=['Disc', 'Lamp'], vectors=vectors)
    assert bank.class_ids == ('cup', 'ball', 'shoe', 'lamp')
    assert bank.names == ('Cup', 'Disc', 'Shoe', 'Lamp')
    half = np.sqrt(0.5)
    expected = [[1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0], [0, 0, half, half]]
    np.testing.assert_allclose(bank.embeddings, expected, atol=1e-7)
    assert bank.space == 's1'


def test_further_labels_of_another_length_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        _bank().with_labels(class_ids=['lamp'], names=['Lamp'], vectors=_vectors(1, 5))
    assert caught.value.field == 'embeddings.shape'


@given(st.permutations(range(6)), st.integers(0, 2**32 - 1))
def test_selecting_a_permutation_and_back_is_the_same_bank(order: list[int], seed: int) -> None:
    ids = tuple(f'label {index}' for index in range(6))
    vectors = _vectors(6, seed=seed)
    bank = LabelBank.normalised(class_ids=ids, names=ids, vectors=vectors, space='s1')
    shuffled = bank.select(ids[index] for index in order)
    np.testing.assert_array_equal(shuffled.embeddings, bank.embeddings[order])
    assert shuffled.select(ids) == bank
    assert (shuffled == bank) == (order == sorted(order))


JSON_VALUES = st.sampled_from(
    [None, 'cup', 7, [], ['cup'], ('a', 'b'), ['a', 'a'], ['', 'b'], [1, 'b'], list('abc'), {}]
)


@pytest.mark.malformed
@pytest.mark.filterwarnings('error')
@given(
    JSON_VALUES,
    JSON_VALUES,
    st.one_of(st.none(), st.text(max_size=3)),
    st.binary(max_size=96),
    st.sampled_from(['f2', 'f4', '>f4', 'f8', 'i4']),
    st.integers(0, 4),
)
def test_anything_else_is_an_input_error(
    class_ids: Any, names: Any, space: Any, data: bytes, dtype: str, columns: int
) -> None:
    size = np.dtype(dtype).itemsize
    flat = np.frombuffer(data[: len(data) // size * size], dtype)
    rows = len(flat) // columns if columns else len(flat)
    embeddings = flat[: rows * columns].reshape(rows, columns)
    try:
        bank = LabelBank.normalised(
            class_ids=class_ids, names=names, vectors=embeddings, space=space
        )
    except InputError:
        with pytest.raises(InputError):
            _bank().with_labels(class_ids=class_ids, names=names, vectors=embeddings[:, :3])
        with pytest.raises(InputError):
            LabelBank(class_ids=class_ids, names=names, embeddings=embeddings, space=space)
        return
    np.testing.assert_allclose(np.linalg.norm(bank.embeddings, axis=1), 1, atol=1e-5)
    assert bank.with_labels(class_ids=class_ids, names=names, vectors=embeddings) is not None
