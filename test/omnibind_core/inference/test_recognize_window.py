"""A closed window into a recognition."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_bundle

from omnibind_core.errors import InputError
from omnibind_core.errors import SpaceError
from omnibind_core.inference.recognize_window import recognize_window
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.streaming.closed_window import ClosedWindow
from omnibind_core.streaming.vector import Vector

SECOND = 1_000_000_000


@pytest.fixture(scope='module')
def recognizer(tmp_path_factory: pytest.TempPathFactory) -> Recognizer:
    """The labels of a random bundle; no encoder."""
    bundle = tiny_bundle.make(tmp_path_factory.mktemp('bundle') / 'b', modalities=('image',))
    return Recognizer.load(bundle, modalities=())


def vector(recognizer: Recognizer, sensor: str, label: int | None, **changes: object) -> Vector:
    """A vector that is exactly one label's embedding."""
    payload = None if label is None else recognizer.labels.embeddings[label]
    values = {
        'sensor': sensor,
        'modality': 'image',
        'stamp': 10 * SECOND,
        'span': 0,
        'received': 10 * SECOND,
        'seq': 0,
        'informative': True,
        'space': recognizer.space,
        'payload': payload,
        'encode_ms': 1.0,
        **changes,
    }
    return Vector(**values)  # type: ignore[arg-type]


def window(fresh: tuple[Vector, ...], held: tuple[Vector, ...] = ()) -> ClosedWindow:
    """A window that closed with these."""
    return ClosedWindow(
        index=0,
        start=10 * SECOND,
        end=10 * SECOND + 80_000_000,
        stamp=10 * SECOND,
        opened=10 * SECOND,
        closed_at=10 * SECOND,
        closed_by='complete',
        fresh=fresh,
        held=held,
        missing=(),
        publish=True,
    )


def test_fresh_and_held_take_part_in_this_order(recognizer: Recognizer) -> None:
    """The shares follow the window's vectors."""
    fresh = (vector(recognizer, 'a', 1), vector(recognizer, 'b', 1))
    held = (vector(recognizer, 'c', 2, stamp=9 * SECOND),)
    result = recognize_window(window(fresh, held), recognizer, top_k=3)
    ids = recognizer.labels.class_ids
    assert [share.class_id for share in result.shares] == [ids[1], ids[1], ids[2]]
    assert result.class_ids[0] == ids[1]
    assert len(result.class_ids) == 3
    assert not result.abstained


def test_fresh_vectors_that_are_all_uninformative_abstain(recognizer: Recognizer) -> None:
    """However informative the held ones are: what was seen before is no evidence for now."""
    fresh = (vector(recognizer, 'a', 1, informative=False),)
    held = (vector(recognizer, 'c', 2),)
    result = recognize_window(window(fresh, held), recognizer, top_k=1)
    assert result.abstained
    assert [share.weight for share in result.shares] == [0.0, 0.0]


def test_one_informative_fresh_vector_lets_the_held_ones_take_part(recognizer: Recognizer) -> None:
    """Beside an uninformative one."""
    fresh = (vector(recognizer, 'a', 1, informative=False), vector(recognizer, 'b', 2))
    held = (vector(recognizer, 'c', 2),)
    result = recognize_window(window(fresh, held), recognizer, top_k=1)
    assert not result.abstained
    assert [share.weight for share in result.shares] == pytest.approx([0.0, 0.5, 0.5])


def test_held_vectors_count_by_their_age(recognizer: Recognizer) -> None:
    """Half a second before the newest halves the gate of this bundle's fusion."""
    fresh = (vector(recognizer, 'a', 1), vector(recognizer, 'b', 1, stamp=SECOND * 39 // 4))
    held = (vector(recognizer, 'c', 1, stamp=SECOND * 19 // 2),)
    shares = recognize_window(window(fresh, held), recognizer, top_k=1).shares
    gates = np.array([1, 0.5**0.5, 0.5])
    assert [share.sensor for share in shares] == ['a', 'b', 'c']
    np.testing.assert_allclose([share.weight for share in shares], gates / gates.sum(), atol=1e-6)


def test_a_vector_of_another_space_is_refused(recognizer: Recognizer) -> None:
    """Should one ever get into a window."""
    foreign = vector(recognizer, 'a', 1, space='other')
    with pytest.raises(SpaceError, match='space of a'):
        recognize_window(window((foreign,)), recognizer, top_k=1)


def test_the_threshold_is_obeyed(recognizer: Recognizer) -> None:
    """The parameter takes the place of the bundle's own."""
    closed = window((vector(recognizer, 'a', 1),))
    score = recognize_window(closed, recognizer, top_k=1).scores[0]
    above, below = np.nextafter(score, 2), np.nextafter(score, 0)
    assert recognize_window(closed, recognizer, top_k=1, abstain_below=above).abstained
    assert not recognize_window(closed, recognizer, top_k=1, abstain_below=below).abstained


def test_a_simulated_vector_without_an_embedding_is_refused(recognizer: Recognizer) -> None:
    """By the sensor's name."""
    with pytest.raises(InputError, match='vector of a'):
        recognize_window(window((vector(recognizer, 'a', None),)), recognizer, top_k=1)
