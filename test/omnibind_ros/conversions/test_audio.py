"""Every sample format against values taken apart one by one with plain integers."""

from __future__ import annotations

import struct
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from message_doubles import AudioData
from message_doubles import AudioDataStamped
from message_doubles import AudioInfo
from message_doubles import containers
import numpy as np
import pytest

from omnibind_core.errors import InputError
from omnibind_core.modalities.audio_clip import HIGHEST_RATE
from omnibind_ros.conversions.audio import audio_format
from omnibind_ros.conversions.audio import decode_audio

# GStreamer's name: bytes of a value, bits of it that count, signed
INTEGERS = {
    'S8': (1, 8, True),
    'U8': (1, 8, False),
    'S16': (2, 16, True),
    'U16': (2, 16, False),
    'S24': (3, 24, True),
    'U24': (3, 24, False),
    'S24_32': (4, 24, True),
    'U24_32': (4, 24, False),
    'S32': (4, 32, True),
    'U32': (4, 32, False),
}
NAMES = [
    f'{name}{order}'
    for name, (size, _, _) in INTEGERS.items()
    for order in (('LE', 'BE') if size > 1 else ('',))
]
FLOATS = {'F32LE': '<f', 'F32BE': '>f', 'F64LE': '<d', 'F64BE': '>d'}


def stamped(data: object) -> AudioDataStamped:
    return AudioDataStamped(AudioData(data))


def one_by_one(data: bytes, name: str) -> list[float]:
    """Values between -1 and 1: the whole number over half its range, less 1 if unsigned."""
    kind = name.removesuffix('LE').removesuffix('BE')
    size, bits, signed = INTEGERS[kind]
    values = []
    for start in range(0, len(data), size):
        order = 'big' if name.endswith('BE') else 'little'
        value = int.from_bytes(data[start : start + size], order) % (1 << bits)
        half = 1 << (bits - 1)
        if signed:
            value -= 2 * half if value >= half else 0
        else:
            value -= half
        values.append(float(np.float32(value) / np.float32(half)))
    return values


@pytest.mark.parametrize('channels', [1, 2, 5])
@pytest.mark.parametrize('name', NAMES)
def test_whole_numbers_of_every_kind(name: str, channels: int) -> None:
    size = INTEGERS[name.removesuffix('LE').removesuffix('BE')][0]
    rng = np.random.default_rng(size)
    edges = b'\x00' * size + b'\xff' * size + b'\x7f' + b'\xff' * (size - 1) + b'\x80' * size
    data = edges * channels + rng.bytes(20 * size * channels)
    format_ = audio_format(AudioInfo(channels, 48000, name))
    for container in containers(data).values():
        samples = decode_audio(stamped(container), format_)
        assert samples.shape == (24, channels)
        assert samples.dtype == np.float32
        assert samples.ravel().tolist() == one_by_one(data, name)
        assert samples.min() >= -1
        assert samples.max() <= 1


@pytest.mark.parametrize('name', FLOATS)
def test_floats_of_every_kind(name: str) -> None:
    values = [0.0, -1.0, 1.0, 0.25, -0.7, 1e-30, 3.0, -2.5]
    data = struct.pack(FLOATS[name][0] + 8 * FLOATS[name][1], *values)
    samples = decode_audio(stamped(data), audio_format(AudioInfo(2, 16000, name)))
    expected = [[0.0, -1.0], [1.0, 0.25], [-0.7, 1e-30], [1.0, -1.0]]
    np.testing.assert_array_equal(samples, np.array(expected, np.float32))


def test_known_values() -> None:
    data = struct.pack('<4h', 0, 16384, -32768, 32767)
    samples = decode_audio(stamped(data), audio_format(AudioInfo()))
    assert samples.tolist() == [[0.0], [0.5], [-1.0], [32767 / 32768]]


@pytest.mark.parametrize('value', [float('nan'), float('inf'), -float('inf')])
@pytest.mark.parametrize('name', FLOATS)
def test_floats_that_are_no_numbers_are_refused(name: str, value: float) -> None:
    data = struct.pack(FLOATS[name][0] + 2 * FLOATS[name][1], 0.5, value)
    with pytest.raises(InputError, match='not finite'):
        decode_audio(stamped(data), audio_format(AudioInfo(1, 16000, name)))


def test_no_samples() -> None:
    assert decode_audio(stamped(b''), audio_format(AudioInfo(2))).shape == (0, 2)


@pytest.mark.parametrize('coding', ['WAVE', 'wave', 'Wav', 'raw', 'PCM'])
def test_uncompressed_codings(coding: str) -> None:
    format_ = audio_format(AudioInfo(2, 44100, 'S24_32BE', 0, coding))
    assert (format_.sample_rate, format_.channels, format_.frame_bytes) == (44100, 2, 8)


@pytest.mark.parametrize(
    ('changes', 'field', 'given_'),
    [
        ({'coding_format': 'mp3'}, 'coding_format', "'mp3'"),
        ({'coding_format': 'MP3'}, 'coding_format', "'MP3'"),
        ({'coding_format': 'opus'}, 'coding_format', "'opus'"),
        ({'coding_format': ''}, 'coding_format', "''"),
        ({'sample_format': ''}, 'sample_format', "''"),
        ({'sample_format': 'S16'}, 'sample_format', "'S16'"),
        ({'sample_format': 's16le'}, 'sample_format', "'s16le'"),
        ({'sample_format': 'S8LE'}, 'sample_format', "'S8LE'"),
        ({'sample_format': 'S64LE'}, 'sample_format', "'S64LE'"),
        ({'sample_format': 'F16LE'}, 'sample_format', "'F16LE'"),
        ({'sample_format': 'S20LE'}, 'sample_format', "'S20LE'"),
        ({'sample_format': 'S16LE\n'}, 'sample_format', r"'S16LE\n'"),
        ({'sample_rate': 0}, 'sample_rate', '0'),
        ({'sample_rate': 2**32 - 1}, 'sample_rate', str(2**32 - 1)),
        ({'channels': 0}, 'channels', '0'),
        ({'channels': 255}, 'channels', '255'),
    ],
)
def test_other_formats_are_refused_by_name(
    changes: dict[str, Any], field: str, given_: str
) -> None:
    with pytest.raises(InputError) as caught:
        audio_format(AudioInfo(**changes))
    assert caught.value.field == field
    assert str(caught.value.given) == given_


def test_mp3_is_told_the_remedy() -> None:
    with pytest.raises(InputError, match='audio_capture: parameter format: wave'):
        audio_format(AudioInfo(coding_format='mp3'))


@pytest.mark.parametrize('size', [1, 5, 11])
def test_parts_of_samples_are_refused(size: int) -> None:
    with pytest.raises(InputError, match=f'{size} bytes; allowed: whole samples of 4 bytes'):
        decode_audio(stamped(bytes(size)), audio_format(AudioInfo(2)))


class OtherInfo:
    """``audio_common_msgs/AudioInfo`` of mgonzs13/audio_common."""

    format = 8
    channels = 1
    rate = 16000
    chunk = 512


class OtherData:
    """``audio_common_msgs/AudioData`` of the same."""

    float32_data = ()
    int32_data = ()
    int16_data = ()
    int8_data = ()
    uint8_data = ()


class OtherAudio:
    """``audio_common_msgs/Audio`` of the same."""

    audio_data = OtherData()
    info = OtherInfo()


class OtherStamped:
    """``audio_common_msgs/AudioStamped`` of the same."""

    audio = OtherAudio()


@pytest.mark.parametrize('message', [OtherStamped(), OtherAudio(), OtherData()])
def test_the_other_package_of_that_name_is_named(message: Any) -> None:
    with pytest.raises(InputError, match=r'mgonzs13/audio_common; allowed: .* of ros-drivers'):
        decode_audio(message, audio_format(AudioInfo()))


def test_the_other_packages_info_is_named() -> None:
    with pytest.raises(InputError, match=r"'rate', which is of mgonzs13/audio_common"):
        audio_format(OtherInfo())  # type: ignore[arg-type]


CODINGS = ('WAVE', 'wave', 'raw', 'mp3', '', '\N{MUSICAL NOTE}')
FORMATS = (*NAMES, *FLOATS, '', 'S16', 'F64', 'U8BE', '\N{MUSICAL NOTE}')
RATES = (0, 1, 4000, 16000, 16000, 44100, HIGHEST_RATE, HIGHEST_RATE + 1, 2**32 - 1)


@pytest.mark.malformed
@pytest.mark.filterwarnings('error')
@given(st.binary(min_size=4, max_size=200))
def test_any_message_gives_samples_or_an_input_error(content: bytes) -> None:
    """One draw for all fields keeps an example cheap."""
    info = AudioInfo(
        content[0] % 8 if content[0] < 220 else content[0],
        RATES[content[1] % len(RATES)],
        FORMATS[content[2] % len(FORMATS)],
        0,
        CODINGS[content[3] % len(CODINGS)] if content[3] > 100 else 'WAVE',
    )
    data = content[4:]
    try:
        samples = decode_audio(stamped(data), audio_format(info))
    except InputError as error:
        fields = ('coding_format', 'sample_format', 'sample_rate', 'channels', 'audio.data')
        assert error.field in fields
        return
    assert samples.shape[1] == info.channels
    assert samples.size <= len(data)
    assert (np.abs(samples) <= 1).all()
