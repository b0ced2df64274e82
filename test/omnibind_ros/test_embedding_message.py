"""`Embedding` messages into vectors: what is malformed is refused with its field."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from omnibind.msg import Embedding
from omnibind_core.errors import InputError
from omnibind_ros.embedding_message import to_vector

pytestmark = pytest.mark.usefixtures('ros_domain')


def message(**changes: object) -> Embedding:
    """A good message of four dimensions."""
    good = Embedding(
        sensor='camera', modality='image', space='s', seq=7, informative=True, encode_ms=2.5
    )
    good.header.stamp.sec, good.header.stamp.nanosec = 12, 5
    good.received.sec = 13
    good.span.nanosec = 50_000_000
    good.vector = array('f', [0.5, 0.5, 0.5, 0.5])
    for name, value in changes.items():
        setattr(good, name, value)
    return good


def test_every_field_arrives() -> None:
    """Times become nanoseconds."""
    vector = to_vector(message(), dimension=4)
    assert (vector.sensor, vector.modality, vector.space) == ('camera', 'image', 's')
    assert (vector.stamp, vector.received) == (12_000_000_005, 13_000_000_000)
    assert (vector.span, vector.seq, vector.encode_ms) == (50_000_000, 7, 2.5)
    np.testing.assert_array_equal(vector.payload, np.full(4, 0.5, np.float32))


@pytest.mark.parametrize(
    ('changes', 'field'),
    [
        ({'vector': array('f', [1.0])}, 'vector'),
        ({'vector': array('f')}, 'vector'),
        ({'vector': array('f', [0.0, float('nan'), 0.0, 1.0])}, 'vector'),
        ({'vector': array('f', [float('inf'), 0.0, 0.0, 1.0])}, 'vector'),
        ({'sensor': ''}, 'sensor'),
        ({'encode_ms': float('nan')}, 'encode_ms'),
        ({'encode_ms': float('inf')}, 'encode_ms'),
        ({'encode_ms': -1.0}, 'encode_ms'),
    ],
)
def test_what_cannot_be_fused_is_refused(changes: dict[str, object], field: str) -> None:
    """Before the window sees it."""
    with pytest.raises(InputError) as caught:
        to_vector(message(**changes), dimension=4)
    assert caught.value.field == field


@given(
    values=st.lists(st.floats(width=32), max_size=6),
    sensor=st.text(max_size=4),
    seconds=st.integers(-(2**31), 2**31 - 1),
    nanoseconds=st.integers(0, 2**32 - 1),
    encode_ms=st.floats(width=32),
)
@pytest.mark.malformed
def test_any_message_becomes_a_vector_or_an_input_error(
    values: list[float], sensor: str, seconds: int, nanoseconds: int, encode_ms: float
) -> None:
    """Whatever comes over the wire."""
    given_ = message(vector=array('f', values), sensor=sensor, encode_ms=encode_ms)
    given_.header.stamp.sec, given_.header.stamp.nanosec = seconds, nanoseconds
    try:
        vector = to_vector(given_, dimension=4)
    except InputError as error:
        assert error.field
    else:
        assert vector.payload is not None
        assert vector.payload.shape == (4,)
        assert np.isfinite(vector.payload).all()
        assert round(vector.encode_ms * 1e6) >= 0  # as it is measured with
