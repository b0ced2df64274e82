"""``audio_common_msgs`` of ros-drivers: samples out of ``AudioDataStamped`` with ``AudioInfo``.

``header.stamp`` is when the first sample was taken (``audio_capture`` puts the buffer's
presentation time there). The sample formats are GStreamer's. There is another package of the same
name (mgonzs13/audio_common), with other messages: it is recognised and named.

Notation: ``s`` samples, ``c`` channels.
"""

from __future__ import annotations

from dataclasses import dataclass
import re

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_core.modalities.audio_clip import HIGHEST_RATE
from omnibind_core.modalities.audio_clip import LOWEST_RATE
from omnibind_core.modalities.audio_clip import MOST_CHANNELS
from omnibind_ros.conversions.byte_view import byte_view
from omnibind_ros.conversions.messages import AudioDataStampedMessage
from omnibind_ros.conversions.messages import AudioInfoMessage

_CODINGS = ('wave', 'wav', 'raw', 'pcm')
_FORMAT = re.compile(r'(?:([SU])(8|16|24|24_32|32)|(F)(32|64))(LE|BE)?')
_ALLOWED = 'S8, U8; S16, U16, S24, U24, S24_32, U24_32, S32, U32, F32, F64, each with LE or BE'
_BYTES = {'8': 1, '16': 2, '24': 3, '24_32': 4, '32': 4, '64': 8}
# Attributes of mgonzs13/audio_common: Audio, AudioData, AudioInfo.
_OTHER_PACKAGE = ('audio_data', 'float32_data', 'int16_data', 'rate')


@dataclass(frozen=True)
class AudioFormat:
    """What ``AudioInfo`` says, checked.

    :param sample_rate: in Hz.
    :param channels: interleaved.
    :param kind: ``S`` signed, ``U`` unsigned, ``F`` float.
    :param bits: of a value: 8, 16, 24, ``24_32`` (24 in the lower part of 32), 32, 64.
    :param big_endian: byte order.
    """

    sample_rate: int
    channels: int
    kind: str
    bits: str
    big_endian: bool

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of all channels."""
        return _BYTES[self.bits] * self.channels


def audio_format(info: AudioInfoMessage) -> AudioFormat:
    """The format that an ``AudioInfo`` describes.

    :raises InputError: for compressed audio, an unknown sample format, and a rate or number of
        channels that the audio modality does not take.
    """
    _refuse_other_package(info)
    if info.coding_format.lower() not in _CODINGS:
        allowed = "'wave' or 'raw' (audio_capture: parameter format: wave)"
        raise InputError('coding_format', repr(info.coding_format), allowed)
    found = _FORMAT.fullmatch(info.sample_format)
    if found is None or (found[5] is None) != (found[2] == '8'):
        raise InputError('sample_format', repr(info.sample_format), _ALLOWED)
    if not LOWEST_RATE <= info.sample_rate <= HIGHEST_RATE:
        allowed = f'{LOWEST_RATE} to {HIGHEST_RATE} Hz'
        raise InputError('sample_rate', info.sample_rate, allowed)
    if not 1 <= info.channels <= MOST_CHANNELS:
        raise InputError('channels', info.channels, f'1 to {MOST_CHANNELS}')
    kind, bits = found[1] or found[3], found[2] or found[4]
    return AudioFormat(info.sample_rate, info.channels, kind, bits, found[5] == 'BE')


def decode_audio(message: AudioDataStampedMessage, format_: AudioFormat) -> NDArray[np.float32]:
    """The samples of one message.

    :param format_: from the latest ``AudioInfo`` of the same source.
    :return: float32 ``[s, c]`` in [-1, 1]; floats beyond are cut off there.
    :raises InputError: for parts of samples, and floats that are not numbers.
    """
    _refuse_other_package(message)
    _refuse_other_package(message.audio)
    data = byte_view(message.audio.data, 'audio.data')
    if data.size % format_.frame_bytes:
        allowed = f'whole samples of {format_.frame_bytes} bytes ({format_.channels} channels)'
        raise InputError('audio.data', f'{data.size} bytes', allowed)
    samples = _floats(data, format_) if format_.kind == 'F' else _integers(data, format_)
    return samples.reshape(-1, format_.channels)


def _floats(data: NDArray[np.uint8], format_: AudioFormat) -> NDArray[np.float32]:
    """Float values, ``[n]``."""
    order = '>' if format_.big_endian else '<'
    values = data.view(np.dtype(f'{order}f{_BYTES[format_.bits]}'))
    if not np.isfinite(values).all():
        raise InputError('audio.data', 'values that are not finite', 'numbers')
    clipped: NDArray[np.floating] = np.clip(values, -1.0, 1.0)
    return clipped.astype(np.float32)


def _integers(data: NDArray[np.uint8], format_: AudioFormat) -> NDArray[np.float32]:
    """Whole numbers of any width, as the upper bytes of 32 bits, ``[n]``."""
    size = _BYTES[format_.bits]
    values = data.reshape(-1, size)
    if format_.big_endian:
        values = values[:, ::-1]
    if format_.bits == '24_32':
        values = values[:, :3]
    wide = np.zeros((len(values), 4), np.uint8)
    wide[:, 4 - values.shape[1] :] = values
    if format_.kind == 'U':
        wide[:, 3] ^= 0x80  # half the range lower, modulo 2^32
    return wide.view(np.dtype('<i4'))[:, 0].astype(np.float32) * np.float32(2.0**-31)


def _refuse_other_package(part: object) -> None:
    """Name the package of the same name, whose messages have other fields."""
    found = [name for name in _OTHER_PACKAGE if hasattr(part, name)]
    if found:
        given = f'a message with the field {found[0]!r}, which is of mgonzs13/audio_common'
        allowed = 'audio_common_msgs of ros-drivers: AudioDataStamped and AudioInfo'
        raise InputError('audio_common_msgs', given, allowed)
