"""Raw readings as standard files and back: PNG, NPZ, WAV, UTF-8 text.

| modality | files |
|---|---|
| image | PNG or JPEG, RGB |
| thermal | PNG, 16-bit grey (radiometric counts) or 8-bit grey |
| touch | two PNG or JPEG pictures: ``x.touch.png``, and untouched ``x.touch_background.png`` |
| event | NPZ: ``x y`` uint16, ``p`` int8, ``t`` int64 in us; ``width``, ``height``, ``end_us`` |
| point_cloud | NPZ: ``points`` float32 ``[n, 3]`` |
| audio | WAV, 16-bit PCM |
| text | UTF-8 |
| any other | NPZ: ``reading``, the raw array of numbers in one or two dimensions |

Everything is bounded before it is unpacked, and nothing is unpickled.
"""

from __future__ import annotations

from collections.abc import Sequence
import io
from typing import Any
from typing import TYPE_CHECKING
import warnings
import wave
import zipfile
import zlib

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_core.modalities.audio_clip import AudioClip
from omnibind_core.modalities.audio_clip import check_audio_clip
from omnibind_core.modalities.audio_clip import mono
from omnibind_core.modalities.event_slice import check_event_slice
from omnibind_core.modalities.event_slice import EVENT_DTYPE
from omnibind_core.modalities.event_slice import EventSlice
from omnibind_core.modalities.picture import LONGEST_SIDE
from omnibind_core.modalities.picture import MOST_PIXELS
from omnibind_core.modalities.registry import NAMES
from omnibind_core.modalities.text import normalise
from omnibind_core.modalities.touch import TouchFrame

if TYPE_CHECKING:
    from PIL import Image

_OWN_SUFFIXES = {
    'image': ('image.png',),
    'thermal': ('thermal.png',),
    'touch': ('touch.png', 'touch_background.png'),
    'audio': ('audio.wav',),
    'text': ('text.txt',),
}
SUFFIXES = {name: _OWN_SUFFIXES.get(name, (f'{name}.npz',)) for name in NAMES}
"""How the files of a reading are named; the first is the one that a manifest names."""

_ARRAY_BYTES = 2**28
_EVENT_ARRAYS = ('x', 'y', 'p', 't', 'width', 'height', 'end_us')
_PNG_LEVEL = 6


def encode(modality: str, raw: Any) -> tuple[bytes, ...]:
    """A raw reading as files, in the order of :data:`SUFFIXES`; equal readings give equal bytes.

    Audio is rounded to 16 bits; everything else is stored exactly.

    :param modality: its name.
    :param raw: as the modality's ``preprocess`` takes it; a text as ``str``.
    :raises InputError: for a reading of another type or shape.
    """
    if modality == 'image':
        return (_png(_picture(raw, 'image', (np.dtype(np.uint8),), 3)),)
    if modality == 'thermal':
        counts = (np.dtype(np.uint16), np.dtype(np.uint8))
        return (_png(_picture(raw, 'thermal', counts, None)),)
    if modality == 'touch':
        if not isinstance(raw, TouchFrame):
            raise InputError('touch', type(raw).__name__, 'a TouchFrame')
        kinds = (np.dtype(np.uint8),)
        both = (_picture(raw.picture, 'picture', kinds, 3), _picture(raw.background, 'b', kinds, 3))
        return _png(both[0]), _png(both[1])
    if modality == 'event':
        return (_event_file(check_event_slice(raw)),)
    if modality == 'point_cloud':
        if not isinstance(raw, np.ndarray) or raw.ndim != 2 or raw.shape[1] != 3:
            raise InputError('points', getattr(raw, 'shape', type(raw).__name__), '[n, 3]')
        return (_npz({'points': np.asarray(raw, np.float32)}),)
    if modality == 'audio':
        return (_wav(check_audio_clip(raw)),)
    if modality == 'text':
        return (normalise(raw).encode(),)
    if modality in NAMES:
        return (_npz({'reading': _plain_array(modality, raw)}),)
    raise InputError('modality', repr(modality)[:60], ', '.join(NAMES))


def companions(modality: str, path: str) -> tuple[str, ...]:
    """The other files of the reading whose first file is ``path``: a touch's background."""
    if modality != 'touch':
        return ()
    stem, dot, extension = path.rpartition('.')
    return (f'{stem}_background{dot}{extension}',) if dot else (f'{path}_background',)


def decode(modality: str, files: Sequence[bytes]) -> Any:
    """Files as the raw reading that the modality's ``preprocess`` takes.

    :param modality: its name.
    :param files: contents of the manifest's file and of its :func:`companions`.
    :raises InputError: for anything that is not a bounded file of the right kind.
    """
    if modality not in SUFFIXES or len(files) != len(SUFFIXES[modality]):
        wanted = 'a known modality with all its files'
        raise InputError('files', f'{len(files)} of {modality!r}'[:60], wanted)
    if modality == 'image':
        return np.asarray(_opened(files[0], 'image', ('RGB', 'L', 'P', 'RGBA')).convert('RGB'))
    if modality == 'thermal':
        return _thermal(files[0])
    if modality == 'touch':
        names = ('picture', 'background')
        pair = [_opened(file, name, ('RGB',)) for file, name in zip(files, names, strict=True)]
        return TouchFrame(np.asarray(pair[0]), np.asarray(pair[1]))
    if modality == 'event':
        return _event_slice(files[0])
    if modality == 'point_cloud':
        return _arrays(files[0], ('points',))['points']
    if modality == 'audio':
        return _audio_clip(files[0])
    if modality != 'text':
        return _plain_array(modality, _arrays(files[0], ('reading',))['reading'])
    try:
        return normalise(files[0][:10_000].decode())
    except UnicodeDecodeError:
        raise InputError('text', 'other bytes', 'UTF-8') from None


def _picture(
    raw: object, field: str, kinds: tuple[np.dtype[Any], ...], channels: int | None
) -> NDArray[Any]:
    if not isinstance(raw, np.ndarray) or raw.dtype not in kinds:
        given = getattr(raw, 'dtype', type(raw).__name__)
        raise InputError(field, given, ' or '.join(str(kind) for kind in kinds))
    if raw.shape[2:] != (() if channels is None else (channels,)) or raw.ndim < 2 or not raw.size:
        raise InputError(f'{field}.shape', list(raw.shape), 'height, width and the channels')
    return raw


def _plain_array(modality: str, raw: object) -> NDArray[Any]:
    """An array of numbers, of a modality that has no file format of its own."""
    if not isinstance(raw, np.ndarray) or raw.dtype.kind not in 'iuf' or raw.ndim not in (1, 2):
        given = f'{getattr(raw, "dtype", type(raw).__name__)} {getattr(raw, "shape", "")}'
        raise InputError(modality, given.strip(), 'an array of numbers, one or two dimensions')
    return raw


def _png(pixels: NDArray[Any]) -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    picture.save(stream, 'PNG', compress_level=_PNG_LEVEL)
    return stream.getvalue()


def _npz(arrays: dict[str, NDArray[Any]]) -> bytes:
    stream = io.BytesIO()
    # numpy stores 1980-01-01 as the time of every array: the bytes depend on the arrays alone
    np.savez_compressed(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def _event_file(raw: EventSlice) -> bytes:
    arrays = {name: np.ascontiguousarray(raw.events[name]) for name in ('x', 'y', 'p', 't')}
    numbers = {'width': raw.width, 'height': raw.height, 'end_us': raw.end_us}
    return _npz({**arrays, **{name: np.array(value, np.int64) for name, value in numbers.items()}})


def _wav(clip: AudioClip) -> bytes:
    samples = np.clip(mono(clip.samples), -1.0, 1.0)
    stream = io.BytesIO()
    with wave.open(stream, 'wb') as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(int(clip.sample_rate))
        file.writeframes(np.minimum(np.rint(samples * 32768.0), 32767.0).astype('<i2').tobytes())
    return stream.getvalue()


def _opened(content: bytes, field: str, modes: tuple[str, ...]) -> Image.Image:
    """A decoded picture whose size was checked before its pixels were."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter('error')
            picture = Image.open(io.BytesIO(content), formats=('PNG', 'JPEG'))
            if max(picture.size) > LONGEST_SIDE or picture.width * picture.height > MOST_PIXELS:
                allowed = f'sides to {LONGEST_SIDE}, {MOST_PIXELS} pixels'
                raise InputError(field, f'{picture.width} x {picture.height}', allowed)
            if picture.mode not in modes:
                raise InputError(field, f'a picture of mode {picture.mode}', ' or '.join(modes))
            picture.load()
    except InputError:
        raise
    # Pillow's decoders raise about anything for damaged files
    except Exception as error:  # noqa: BLE001
        given = f'{type(error).__name__}: {error}'[:80]
        raise InputError(field, given, 'a whole PNG or JPEG picture') from None
    return picture


def _thermal(content: bytes) -> NDArray[np.uint16] | NDArray[np.uint8]:
    picture = _opened(content, 'thermal', ('I;16', 'I;16L', 'I;16B', 'L'))
    if picture.mode == 'L':
        return np.asarray(picture, np.uint8)
    return np.asarray(picture, np.uint16)


def _event_slice(content: bytes) -> EventSlice:
    arrays = _arrays(content, _EVENT_ARRAYS)
    columns = {name: arrays[name] for name in ('x', 'y', 'p', 't')}
    if any(
        column.ndim != 1 or column.dtype.kind not in 'iub' or len(column) != len(columns['x'])
        for column in columns.values()
    ):
        given = ', '.join(f'{name} {column.shape}' for name, column in columns.items())
        raise InputError('events', given[:80], 'four columns of whole numbers, equally long')
    numbers = {}
    for name in ('width', 'height', 'end_us'):
        if arrays[name].size != 1 or arrays[name].dtype.kind not in 'iu':
            raise InputError(name, f'{arrays[name].dtype} {arrays[name].shape}', 'a whole number')
        numbers[name] = int(arrays[name].reshape(()))
    events = np.empty(len(columns['x']), EVENT_DTYPE)
    for name, column in columns.items():
        events[name] = column
    return check_event_slice(EventSlice(events, **numbers))


def _audio_clip(content: bytes) -> AudioClip:
    try:
        with wave.open(io.BytesIO(content)) as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            frames = file.readframes(file.getnframes())
    except (wave.Error, EOFError, ValueError, ZeroDivisionError, OverflowError) as error:
        raise InputError('audio', str(error)[:60] or 'a cut file', 'a whole WAV file') from None
    except RuntimeError:  # a chunk that claims to be longer than the file
        raise InputError('audio', 'a chunk beyond the end', 'a whole WAV file') from None
    if width != 2:
        raise InputError('audio', f'{8 * width} bits a sample', '16-bit PCM')
    whole = len(frames) // (2 * channels) * channels
    samples = np.frombuffer(frames, '<i2', whole).astype(np.float32) / np.float32(32768)
    clip = AudioClip(samples if channels == 1 else samples.reshape(-1, channels), rate)
    return check_audio_clip(clip)


def _arrays(content: bytes, names: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    """Arrays of an NPZ file; every claimed size is checked against the bytes that are there."""
    found: dict[str, NDArray[Any]] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in names:
                entry = archive.getinfo(f'{name}.npy')
                if entry.file_size > _ARRAY_BYTES:
                    raise InputError(name, f'{entry.file_size} bytes', f'at most {_ARRAY_BYTES}')
                with archive.open(entry) as stream:
                    found[name] = _array(name, stream.read(entry.file_size + 1))
    except InputError:
        raise
    except KeyError:
        raise InputError('arrays', f'no array {name!r}', ', '.join(names)) from None
    except (
        zipfile.BadZipFile,
        zlib.error,
        ValueError,
        OSError,
        EOFError,
        RuntimeError,
        NotImplementedError,
        OverflowError,
    ) as error:
        raise InputError('arrays', str(error)[:60], 'a whole NPZ file') from None
    return found


def _array(name: str, content: bytes) -> NDArray[Any]:
    from numpy.lib import format as npy

    stream = io.BytesIO(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('error')
            version = npy.read_magic(stream)
            read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version]
            shape, fortran, dtype = read(stream)
    # the header is a Python literal, and numpy's parser raises what evaluating it raises
    except Exception as error:  # noqa: BLE001
        raise InputError(name, f'{type(error).__name__}: {error}'[:60], 'an array') from None
    rest = len(content) - stream.tell()
    count = 1
    for side in shape:
        count *= side
    if dtype.hasobject or dtype.itemsize == 0 or len(shape) > 2 or min(shape, default=0) < 0:
        raise InputError(name, f'{dtype} {shape}'[:60], 'numbers in at most two dimensions')
    if count * dtype.itemsize != rest:
        raise InputError(name, f'{rest} bytes for {dtype} {shape}'[:60], 'as many as it claims')
    flat = np.frombuffer(content, dtype, count, stream.tell()).copy()
    return flat.reshape(shape, order='F' if fortran else 'C')
