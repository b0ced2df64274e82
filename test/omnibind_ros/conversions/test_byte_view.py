from __future__ import annotations

from array import array

from message_doubles import containers
import numpy as np
import pytest

from omnibind_core.errors import InputError
from omnibind_ros.conversions.byte_view import byte_view

CONTENT = bytes(range(7))


@pytest.mark.parametrize('library', containers(CONTENT))
@pytest.mark.parametrize('content', [CONTENT, b''], ids=['bytes', 'empty'])
def test_every_librarys_bytes_are_seen_without_a_copy(library: str, content: bytes) -> None:
    data = containers(content)[library]
    view = byte_view(data, 'data')
    assert view.tobytes() == content
    assert view.dtype == np.uint8
    assert view.ndim == 1
    assert not view.flags.writeable
    if content and library != 'memoryview':
        assert np.shares_memory(view, np.frombuffer(data, np.uint8))


def test_the_message_stays_writable() -> None:
    data = np.zeros(4, np.uint8)
    byte_view(data, 'data')
    data[0] = 1
    assert data.flags.writeable


def test_an_array_with_gaps_is_copied() -> None:
    data = np.arange(10, dtype=np.uint8)[::2]
    assert byte_view(data, 'data').tolist() == [0, 2, 4, 6, 8]
    assert byte_view(data, 'data').flags.c_contiguous


class Buffer:
    """As ``rosidl_buffer.Buffer``: an object that numpy cannot look into."""


@pytest.mark.parametrize(
    'data',
    [
        np.zeros(3, np.int8),
        np.zeros((2, 2), np.uint8),
        array('H', [1, 2]),
        memoryview(b'abcd')[::2],
        [1, 2, 3],
        'text',
        None,
        Buffer(),
    ],
    ids=lambda data: type(data).__name__,
)
def test_anything_else_is_refused_by_name(data: object) -> None:
    with pytest.raises(InputError, match=r'^events: got '):
        byte_view(data, 'events')


def test_a_buffer_elsewhere_is_named() -> None:
    with pytest.raises(InputError, match='Buffer; allowed: bytes in main memory'):
        byte_view(Buffer(), 'data')
