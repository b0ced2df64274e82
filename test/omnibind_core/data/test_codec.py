"""Readings as standard files: exact both ways, readable by other libraries, bounded."""

from __future__ import annotations

import io
from typing import Any
import zipfile

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from PIL import Image
import pytest
from scipy.io import wavfile
from tiny_readings import reading

from omnibind_core.data.codec import companions
from omnibind_core.data.codec import decode
from omnibind_core.data.codec import encode
from omnibind_core.data.codec import SUFFIXES
from omnibind_core.errors import InputError
from omnibind_core.modalities.audio_clip import AudioClip
from omnibind_core.modalities.event_slice import EventSlice
from omnibind_core.modalities.registry import NAMES
from omnibind_core.modalities.touch import TouchFrame


def same(left: Any, right: Any) -> bool:
    if isinstance(left, TouchFrame):
        pair = (left.picture, right.picture), (left.background, right.background)
        return all(np.array_equal(a, b) for a, b in pair)
    if isinstance(left, EventSlice):
        numbers = (left.width, left.height, left.end_us)
        return np.array_equal(left.events, right.events) and numbers == (
            right.width,
            right.height,
            right.end_us,
        )
    if isinstance(left, AudioClip):
        close = np.abs(left.samples - right.samples).max() <= 1.0 / 32768
        return bool(close) and left.sample_rate == right.sample_rate
    if isinstance(left, np.ndarray):
        return left.dtype == right.dtype and np.array_equal(left, right)
    return left == right


@pytest.mark.parametrize('modality', NAMES)
@given(seed=st.integers(0, 1000))
def test_round_trip(modality: str, seed: int) -> None:
    """Exactly what went in; audio to its last of 16 bits; the same bytes again."""
    raw = reading(modality, np.random.default_rng(seed))
    files = encode(modality, raw)
    assert len(files) == len(SUFFIXES[modality]) == 1 + len(companions(modality, 'x.png'))
    again = decode(modality, files)
    assert same(raw, again)
    assert encode(modality, again) == files


def test_other_libraries_read_them() -> None:
    """Pillow, numpy and scipy, without our code."""
    random = np.random.default_rng(1)
    image = reading('image', random)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(encode('image', image)[0]))), image)
    thermal = reading('thermal', random)
    picture = Image.open(io.BytesIO(encode('thermal', thermal)[0]))
    assert picture.mode == 'I;16'
    assert np.array_equal(np.asarray(picture), thermal)
    events = reading('event', random)
    with np.load(io.BytesIO(encode('event', events)[0]), allow_pickle=False) as arrays:
        assert np.array_equal(arrays['t'], events.events['t'])
        assert int(arrays['width']) == 32
    rate, samples = wavfile.read(io.BytesIO(encode('audio', reading('audio', random))[0]))
    assert (rate, samples.dtype, samples.shape) == (16_000, np.int16, (1600,))


def test_audio_is_clipped_not_wrapped() -> None:
    """Full scale and beyond."""
    clip = AudioClip(np.array([1.5, -1.5, 1.0, 0.0], np.float32), 16_000)
    samples = decode('audio', encode('audio', clip)).samples * 32768
    assert samples.tolist() == [32767, -32768, 32767, 0]


def test_a_touch_is_two_files() -> None:
    """Named after the first."""
    assert companions('touch', 'a.tar/view_00.touch.png') == ('a.tar/view_00.touch_background.png',)
    assert companions('image', 'x.png') == ()


@pytest.mark.parametrize('modality', [name for name in NAMES if name != 'text'])
def test_wrong_types_are_refused(modality: str) -> None:
    """By an InputError, both ways."""
    with pytest.raises(InputError):
        encode(modality, 'a text')
    with pytest.raises(InputError):
        decode(modality, [b'junk'] * len(SUFFIXES[modality]))
    with pytest.raises(InputError):
        decode(modality, [])


def test_bombs_are_refused_before_they_go_off() -> None:
    """A claimed size is compared with the bytes that are there; nothing is unpickled."""
    big = io.BytesIO()
    header = np.lib.format.magic(1, 0)
    text = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 3)}"
    text += b' ' * (117 - len(text)) + b'\n'
    with zipfile.ZipFile(big, 'w') as archive:
        archive.writestr('points.npy', header + len(text).to_bytes(2, 'little') + text)
    with pytest.raises(InputError, match='as many as it claims'):
        decode('point_cloud', [big.getvalue()])
    pickled = io.BytesIO()
    np.savez(pickled, points=np.array([{}, []], object))
    with pytest.raises(InputError, match='numbers'):
        decode('point_cloud', [pickled.getvalue()])
    wide = io.BytesIO()
    Image.new('L', (9000, 10)).convert('RGB').save(wide, 'PNG')
    with pytest.raises(InputError, match='9000'):
        decode('image', [wide.getvalue()])


@pytest.mark.malformed
@pytest.mark.parametrize('modality', NAMES)
@given(st.data())
def test_any_bytes(modality: str, data: st.DataObject) -> None:
    """Flipped and cut files: a reading, or an InputError."""
    good = encode(modality, reading(modality, np.random.default_rng(0)))
    files = []
    for file in good:
        content = bytearray(file)
        for _ in range(data.draw(st.integers(0, 4))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        files.append(bytes(content[: data.draw(st.integers(0, len(content)))]))
    try:
        assert decode(modality, files) is not None
    except InputError as error:
        assert str(error)
