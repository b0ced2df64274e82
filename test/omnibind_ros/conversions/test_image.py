"""Every encoding, byte order and padding against pixels picked out one by one with ``struct``."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
import itertools
import struct
import sys
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st
from message_doubles import containers
from message_doubles import Image
import numpy as np
import pytest

from omnibind_core.errors import InputError
from omnibind_ros.conversions.image import decode_image
from omnibind_ros.conversions.image import ENCODINGS

# encoding: struct's letter of a value, values of a pixel, where R, G, B stand (none: one channel)
PLAIN = {
    'rgb8': ('B', 3, (0, 1, 2)),
    'bgr8': ('B', 3, (2, 1, 0)),
    'rgba8': ('B', 4, (0, 1, 2)),
    'bgra8': ('B', 4, (2, 1, 0)),
    '8UC3': ('B', 3, (2, 1, 0)),
    '8UC4': ('B', 4, (2, 1, 0)),
    'rgb16': ('H', 3, (0, 1, 2)),
    'bgr16': ('H', 3, (2, 1, 0)),
    'rgba16': ('H', 4, (0, 1, 2)),
    'bgra16': ('H', 4, (2, 1, 0)),
    'mono8': ('B', 1, None),
    '8UC1': ('B', 1, None),
    'mono16': ('H', 1, None),
    '16UC1': ('H', 1, None),
    '16SC1': ('h', 1, None),
    '32FC1': ('f', 1, None),
}
ORDERS = {'little': '<', 'big': '>'}


def picture_bytes(
    values: Sequence[Sequence[float]], letter: str, order: str, padding: int
) -> bytes:
    """Rows of values packed one after the other, each followed by padding that is not zero."""
    rows = [struct.pack(f'{order}{len(row)}{letter}', *row) for row in values]
    return b''.join(row + b'\xa5' * padding for row in rows)


def random_values(letter: str, count: int, rng: np.random.Generator) -> tuple[float, ...]:
    size = struct.calcsize(letter)
    return struct.unpack(f'<{count}{letter}', rng.bytes(count * size))


@pytest.mark.parametrize('padding', [0, 1, 6])
@pytest.mark.parametrize('order', ORDERS)
@pytest.mark.parametrize('encoding', PLAIN)
def test_plain_encodings_to_the_byte(encoding: str, order: str, padding: int) -> None:
    letter, channels, colours = PLAIN[encoding]
    height, width = 3, 5
    rng = np.random.default_rng(list(encoding.encode()))
    values = [random_values(letter, width * channels, rng) for _ in range(height)]
    data = picture_bytes(values, letter, ORDERS[order], padding)
    step = width * channels * struct.calcsize(letter) + padding
    for container in containers(data).values():
        picture = decode_image(
            Image(None, height, width, encoding, int(order == 'big'), step, container)
        )
        for row, column in itertools.product(range(height), range(width)):
            pixel = values[row][column * channels : (column + 1) * channels]
            if colours is None:
                np.testing.assert_equal(picture[row, column].item(), pixel[0])
            else:
                shift = 8 * (struct.calcsize(letter) - 1)
                expected = [pixel[place] >> shift for place in colours]
                assert picture[row, column].tolist() == expected
        assert picture.shape == (height, width) if colours is None else (height, width, 3)
        wanted = {'B': 'uint8', 'H': 'uint16', 'h': 'float32', 'f': 'float32'}[letter]
        assert str(picture.dtype) == ('uint8' if colours else wanted)
        assert picture.dtype.isnative
        assert picture.flags.aligned
        assert not picture.flags.writeable


def test_every_encoding_has_a_case() -> None:
    others = {name for name in ENCODINGS if name.startswith('bayer')}
    others |= {'uyvy', 'yuv422', 'yuyv', 'yuv422_yuy2', 'nv12', 'nv21', 'nv24'}
    assert set(ENCODINGS) == set(PLAIN) | others


def test_signed_pixels_keep_their_sign() -> None:
    data = struct.pack('<3h', -32768, -1, 32767)
    assert decode_image(Image(None, 1, 3, '16SC1', 0, 6, data)).tolist() == [[-32768, -1, 32767]]


def test_floats_that_are_not_finite_are_kept() -> None:
    data = struct.pack('>4f', float('nan'), float('inf'), -float('inf'), 1.5)
    picture = decode_image(Image(None, 2, 2, '32FC1', 1, 8, data))
    np.testing.assert_equal(picture, np.array([[np.nan, np.inf], [-np.inf, 1.5]], np.float32))


@pytest.mark.parametrize(
    'encoding',
    ['rgb8', 'bgr8', 'rgba8', 'bgra8', '8UC3', 'mono8', 'mono16', '16UC1', '32FC1', 'rgb16'],
)
@pytest.mark.parametrize('padding', [0, 4])
def test_no_copy_where_the_layout_allows_it(encoding: str, padding: int) -> None:
    letter, channels, _ = PLAIN[encoding]
    step = 6 * channels * struct.calcsize(letter) + padding
    message = Image(None, 4, 6, encoding, 0, step, array('B', bytes(4 * step)))
    assert np.shares_memory(decode_image(message), np.frombuffer(message.data, np.uint8))


def test_an_odd_step_gives_an_aligned_copy() -> None:
    data = bytes(range(30))
    picture = decode_image(Image(None, 2, 3, '16UC1', 0, 7, data))
    assert picture.flags.aligned
    assert picture[1].tolist() == list(struct.unpack('<3H', data[7:13]))


MOSAICS = [
    f'bayer_{pattern}{bits}' for pattern in ('rggb', 'bggr', 'gbrg', 'grbg') for bits in (8, 16)
]


@pytest.mark.parametrize('order', ORDERS)
@pytest.mark.parametrize('encoding', MOSAICS)
def test_mosaics_of_one_colour(encoding: str, order: str) -> None:
    """Each mosaic pixel shows its own filter's colour: 10 red, 200 green, 90 blue."""
    pattern, bits = encoding[6:10], int(encoding[10:])
    colours = {'r': 10, 'g': 200, 'b': 90}
    letter = 'B' if bits == 8 else 'H'
    values = [
        [colours[pattern[2 * (row % 2) + column % 2]] << (bits - 8) for column in range(6)]
        for row in range(4)
    ]
    data = picture_bytes(values, letter, ORDERS[order], padding=3)
    step = 6 * bits // 8 + 3
    picture = decode_image(Image(None, 4, 6, encoding, int(order == 'big'), step, data))
    assert picture.shape == (4, 6, 3)
    assert np.unique(picture.reshape(-1, 3), axis=0).tolist() == [[10, 200, 90]]


def test_16_bit_mosaics_keep_their_upper_byte() -> None:
    values = [[0x12FF, 0x3400], [0x5601, 0x78AB]]
    data = picture_bytes(values, 'H', '>', padding=0)
    picture = decode_image(Image(None, 2, 2, 'bayer_rggb16', 1, 4, data))
    assert picture[0, 0].tolist() == [0x12, (0x34 + 0x56 + 1) // 2, 0x78]


WHITE, BLACK, RED = (235, 128, 128), (16, 128, 128), (81, 90, 240)
SHOWN = {WHITE: (255, 255, 255), BLACK: (0, 0, 0), RED: (254, 0, 0)}


def yuv_message(
    encoding: str, colours: list[list[tuple[int, int, int]]], padding: int = 0
) -> Image:
    """A picture whose 2 x 2 blocks have one colour each (Y, U, V)."""
    rows, columns = 2 * len(colours), 2 * len(colours[0])

    def at(row: int, column: int) -> tuple[int, int, int]:
        return colours[row // 2][column // 2]

    pad = b'\xa5' * padding
    lines = []
    if encoding.startswith('nv'):
        lines += [bytes(at(row, c)[0] for c in range(columns)) + pad for row in range(rows)]
        size = 1 if encoding == 'nv24' else 2
        first, second = (2, 1) if encoding == 'nv21' else (1, 2)
        for row in range(0, rows, size):
            pairs = [at(row, column) for column in range(0, columns, size)]
            line = b''.join(bytes([pair[first], pair[second]]) for pair in pairs)
            lines.append(line + (2 * pad if encoding == 'nv24' else pad))
        step = columns + padding
    else:
        for row in range(rows):
            line = b''
            for column in range(0, columns, 2):
                y, u, v = at(row, column)
                packed = (y, u, y, v) if encoding in ('yuyv', 'yuv422_yuy2') else (u, y, v, y)
                line += bytes(packed)
            lines.append(line + pad)
        step = 2 * columns + padding
    return Image(None, rows, columns, encoding, 0, step, b''.join(lines))


@pytest.mark.parametrize('padding', [0, 5])
@pytest.mark.parametrize(
    'encoding', ['uyvy', 'yuv422', 'yuyv', 'yuv422_yuy2', 'nv12', 'nv21', 'nv24']
)
def test_yuv_layouts(encoding: str, padding: int) -> None:
    blocks = [[WHITE, RED, BLACK], [RED, BLACK, WHITE]]
    picture = decode_image(yuv_message(encoding, blocks, padding))
    assert picture.shape == (4, 6, 3)
    for row, column in itertools.product(range(4), range(6)):
        assert tuple(picture[row, column]) == SHOWN[blocks[row // 2][column // 2]]


@pytest.mark.parametrize(
    ('changes', 'field'),
    [
        ({'height': 0}, 'height'),
        ({'width': 0}, 'width'),
        ({'height': -1}, 'height'),
        ({'step': 11}, 'step'),
        ({'data': bytes(35)}, 'data'),
        ({'height': 4}, 'data'),
        ({'width': 5}, 'step'),
        ({'encoding': 'rgb16'}, 'step'),
        ({'encoding': 'rgb24'}, 'encoding'),
        ({'encoding': ''}, 'encoding'),
        ({'data': [0] * 36}, 'data'),
        ({'width': 3, 'encoding': 'yuyv', 'step': 6}, 'width'),
        ({'height': 3, 'encoding': 'nv12', 'width': 4, 'step': 4}, 'height'),
        ({'height': 1, 'encoding': 'bayer_rggb8'}, 'height x width'),
    ],
)
def test_what_does_not_fit_is_named(changes: dict[str, object], field: str) -> None:
    message = Image(None, 3, 4, 'rgb8', 0, 12, bytes(36))
    for name, value in changes.items():
        setattr(message, name, value)
    with pytest.raises(InputError) as caught:
        decode_image(message)
    assert caught.value.field == field


@pytest.mark.parametrize('encoding', ENCODINGS)
def test_the_last_byte_counts(encoding: str) -> None:
    height, width, padding = 4, 6, 3
    if encoding in PLAIN:
        letter, channels, _ = PLAIN[encoding]
        row = width * channels * struct.calcsize(letter)
    else:
        row = width * (1 if encoding.endswith('8') or encoding.startswith('nv') else 2)
    rows = {'nv12': 6, 'nv21': 6, 'nv24': 12}.get(encoding, height)
    step = row + padding
    message = Image(None, height, width, encoding, 0, step, bytes(rows * step))
    assert decode_image(message).shape[:2] == (height, width)
    message.data = bytes(rows * step - 1)
    with pytest.raises(InputError) as caught:
        decode_image(message)
    assert caught.value.field == 'data'


def test_more_bytes_than_rows_are_tolerated() -> None:
    assert decode_image(Image(None, 3, 4, 'rgb8', 0, 12, bytes(40))).shape == (3, 4, 3)


def test_an_unknown_encoding_is_told_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'cv_bridge', None)
    with pytest.raises(InputError, match=r"'jpeg'; allowed: rgb8, .*nv24; others where cv_bridge"):
        decode_image(Image(None, 1, 1, 'jpeg', 0, 3, bytes(3)))


@pytest.mark.parametrize('encoding', ENCODINGS)
def test_nothing_is_allocated_for_pixels_that_are_not_there(encoding: str) -> None:
    message = Image(None, 2**32 - 2, 2**32 - 2, encoding, 1, 2**32 - 1, bytes(1000))
    tracemalloc.start()
    with pytest.raises(InputError):
        decode_image(message)
    assert tracemalloc.get_traced_memory()[1] < 100_000
    tracemalloc.stop()


SIZES = (*range(12), *range(12), 13, 24, 32, 64, 2**16, 2**31, 2**32 - 1)
STRANGE = ('', 'RGB8', '8UC2', '\N{CAMERA}')


@pytest.mark.malformed
@given(st.binary(min_size=5, max_size=300))
def test_any_message_gives_a_picture_or_an_input_error(content: bytes) -> None:
    """One draw for all fields keeps an example cheap."""
    height, width, step = (SIZES[byte % len(SIZES)] for byte in content[:3])
    encodings = (*ENCODINGS, *STRANGE)
    encoding = encodings[content[3] % len(encodings)]
    data = content[5:]
    message = Image(None, height, width, encoding, content[4] % 3, step, data)
    try:
        picture = decode_image(message)
    except InputError as error:
        assert error.field in ('height', 'width', 'step', 'data', 'encoding', 'height x width')
        return
    assert picture.shape[:2] == (height, width)
    assert picture.shape[2:] in ((), (3,))
    assert str(picture.dtype) in ('uint8', 'uint16', 'float32')
    assert picture.size <= 3 * len(data)
    picture.sum(dtype=np.float64)  # every pixel can be read


CV_BRIDGES = ('rgb8', 'bgr8', 'rgba8', 'mono8', 'mono16', 'rgb16', '32FC1', '16SC1', 'yuv422')


@pytest.mark.parametrize('encoding', CV_BRIDGES)
def test_parity_with_cv_bridge(encoding: str) -> None:
    cv_bridge = pytest.importorskip('cv_bridge')
    letter, channels, colours = PLAIN.get(encoding, ('B', 2, (0, 1, 2)))
    # cv_bridge reads padding only if it is whole pixels, and fails on big-endian with numpy 2
    step = (8 + 2) * channels * struct.calcsize(letter)
    data = np.random.default_rng(3).integers(0, 120, 6 * step, dtype=np.uint8).tobytes()
    message = Image(None, 6, 8, encoding, 0, step, array('B', data))
    wanted = 'passthrough' if colours is None or encoding == 'rgb16' else 'rgb8'
    theirs = cv_bridge.CvBridge().imgmsg_to_cv2(message, wanted)
    if encoding == 'rgb16':
        theirs = theirs >> 8
    np.testing.assert_array_equal(decode_image(message), theirs)
