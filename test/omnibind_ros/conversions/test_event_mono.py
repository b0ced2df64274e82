"""Against the bits of each event taken apart with plain integers."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from omnibind_core.errors import InputError
from omnibind_core.modalities.event_slice import EVENT_DTYPE
from omnibind_core.modalities.event_slice import MOST_EVENTS
from omnibind_core.streaming.event_chunk import EventChunk
from omnibind_ros.conversions.event_mono import decode_mono

WIDTH, HEIGHT = 640, 480


def decode(words: list[int], order: str = '<', time_base: int = 0) -> EventChunk:
    data = np.frombuffer(struct.pack(f'{order}{len(words)}Q', *words), np.uint8)
    return decode_mono(
        data, time_base=time_base, width=WIDTH, height=HEIGHT, big_endian=order == '>'
    )


def word(x: int, y: int, polarity: int, dt: int) -> int:
    return polarity << 63 | y << 48 | x << 32 | dt


@pytest.mark.parametrize('order', ['<', '>'])
def test_known_events(order: str) -> None:
    words = [word(3, 4, 1, 999), word(639, 479, 0, 1000), word(0, 0, 1, 2**32 - 1)]
    chunk = decode(words, order, time_base=5_000_001)
    assert chunk.events.dtype == EVENT_DTYPE
    assert chunk.events.tolist() == [
        (3, 4, 1, 5001),
        (639, 479, 0, 5001),
        (0, 0, 1, (5_000_001 + 2**32 - 1) // 1000),
    ]
    assert (chunk.begin_us, chunk.end_us) == (5001, (5_000_001 + 2**32 - 1) // 1000)


@pytest.mark.malformed
@given(st.binary(max_size=160), st.integers(0, 2**64 - 1))
def test_any_bytes(content: bytes, time_base: int) -> None:
    data = np.frombuffer(content, np.uint8)
    if len(content) % 8 or time_base >= 2**62:
        with pytest.raises(InputError):
            decode_mono(data, time_base=time_base, width=WIDTH, height=HEIGHT)
        return
    expected = []
    for (value,) in struct.iter_unpack('<Q', content):
        x, y = value >> 32 & 0xFFFF, value >> 48 & 0x7FFF
        if x < WIDTH and y < HEIGHT:
            expected.append((x, y, value >> 63, (time_base + (value & 0xFFFFFFFF)) // 1000))
    chunk = decode_mono(data, time_base=time_base, width=WIDTH, height=HEIGHT)
    assert chunk.events.tolist() == expected


def test_no_events() -> None:
    chunk = decode([])
    assert len(chunk.events) == 0
    assert chunk.begin_us is None
    assert chunk.end_us is None


def test_events_outside_the_sensor_tell_the_time_nevertheless() -> None:
    chunk = decode([word(640, 0, 1, 5000), word(0, 480, 1, 6000)])
    assert len(chunk.events) == 0
    assert (chunk.begin_us, chunk.end_us) == (5, 6)


def test_parts_of_events_are_refused() -> None:
    with pytest.raises(InputError, match='7 bytes; allowed: whole events of 8 bytes'):
        decode_mono(np.zeros(7, np.uint8), time_base=0, width=1, height=1)


def test_too_many_events_are_refused() -> None:
    data = np.zeros(8 * (MOST_EVENTS + 1), np.uint8)
    with pytest.raises(InputError, match=f'<= {MOST_EVENTS} in a packet'):
        decode_mono(data, time_base=0, width=1, height=1)


def test_parity_with_event_camera_py() -> None:
    theirs = pytest.importorskip('event_camera_py').Decoder()
    rng = np.random.default_rng(0)
    words = [
        word(int(rng.integers(WIDTH)), int(rng.integers(HEIGHT)), int(rng.integers(2)), 1000 * dt)
        for dt in range(1000)
    ]
    data = np.frombuffer(struct.pack('<1000Q', *words), np.uint8)
    theirs.decode_bytes('mono', WIDTH, HEIGHT, 0, data.tobytes())
    expected = theirs.get_cd_events()
    for name in ('x', 'y', 'p'):
        np.testing.assert_array_equal(decode(words).events[name], expected[name])
