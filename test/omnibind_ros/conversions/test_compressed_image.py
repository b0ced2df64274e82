"""PNG against files written here byte by byte; JPEG against the picture it was made from."""

from __future__ import annotations

from io import BytesIO
import struct
import tracemalloc
import zlib

from hypothesis import given
from hypothesis import strategies as st
from message_doubles import CompressedImage
from message_doubles import containers
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
import pytest

from omnibind_core.errors import InputError
from omnibind_ros.conversions.compressed_image import decode_compressed_image
from omnibind_ros.conversions.compressed_image import MOST_BYTES
from omnibind_ros.conversions.compressed_image import MOST_SCANS

# kinds of PNG: number in the header, values of a pixel
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = (0, 1), (2, 3), (3, 1), (4, 2), (6, 4)


def chunk(name: bytes, content: bytes) -> bytes:
    return (
        struct.pack('>I', len(content)) + name + content
        + struct.pack('>I', zlib.crc32(name + content))
    )  # fmt: skip


def png(
    values: NDArray[np.generic], kind: tuple[int, int], bits: int, extra: bytes = b'', **size: int
) -> bytes:
    """A PNG file without filters (W3C recommendation, section 11)."""
    height, width = values.shape[:2]
    rows = values.reshape(height, -1)
    if bits == 1:
        lines = [np.packbits(row).tobytes() for row in rows]
    else:
        lines = [row.astype('>u2' if bits == 16 else 'u1').tobytes() for row in rows]
    size = {'width': width, 'height': height} | size
    header = struct.pack('>IIBBBBB', size['width'], size['height'], bits, kind[0], 0, 0, 0)
    content = zlib.compress(b''.join(b'\x00' + line for line in lines))
    return (
        b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', header) + extra
        + chunk(b'IDAT', content) + chunk(b'IEND', b'')
    )  # fmt: skip


def random_pixels(*shape: int, bits: int = 8) -> NDArray[np.uint16]:
    return np.random.default_rng(shape).integers(0, 1 << bits, shape, dtype=np.uint16)


def jpeg(picture: PillowImage.Image, **options: object) -> bytes:
    file = BytesIO()
    picture.save(file, 'JPEG', **({'quality': 95} | options))
    return file.getvalue()


def smooth(height: int = 48, width: int = 64) -> NDArray[np.uint8]:
    """Colours without edges, which JPEG hardly changes; red, green and blue all differ."""
    row, column = np.mgrid[:height, :width]
    red = 255 * column / width
    return np.stack([red, 255 * row / height, 200 - red / 2], axis=-1).astype(np.uint8)


def decode(content: object, format_: str = '', **options: int) -> NDArray[np.generic]:
    return decode_compressed_image(CompressedImage(format_, content), **options)


FORMATS = ['', 'png', 'PNG', 'rgb8; png compressed bgr8', 'bgr8; png compressed bgr8', 'nonsense',
           'rgb8; png compressed rgb8', 'jpeg']  # fmt: skip


@pytest.mark.parametrize('format_', FORMATS)
def test_png_colours_are_the_files_whatever_the_format_says(format_: str) -> None:
    values = random_pixels(5, 7, 3)
    picture = decode(png(values, RGB, 8), format_)
    assert picture.dtype == np.uint8
    assert not picture.flags.writeable
    np.testing.assert_array_equal(picture, values)


@pytest.mark.parametrize('library', containers(b''))
def test_every_librarys_bytes(library: str) -> None:
    values = random_pixels(5, 7, 3)
    data = containers(png(values, RGB, 8))[library]
    np.testing.assert_array_equal(decode(data), values)


@pytest.mark.parametrize('format_', ['mono16; png compressed ', '16UC1; png compressed ', ''])
def test_16_bit_grey_png_keeps_its_bits(format_: str) -> None:
    values = random_pixels(5, 7, bits=16)
    picture = decode(png(values, GREY, 16), format_)
    assert picture.dtype == np.uint16
    np.testing.assert_array_equal(picture, values)


def test_8_and_1_bit_grey_png() -> None:
    values = random_pixels(5, 9)
    np.testing.assert_array_equal(decode(png(values, GREY, 8)), values)
    dots = values % 2
    np.testing.assert_array_equal(decode(png(dots, GREY, 1)), dots * 255)


def test_transparency_is_dropped() -> None:
    colours, grey = random_pixels(5, 7, 4), random_pixels(5, 7, 2)
    np.testing.assert_array_equal(decode(png(colours, RGBA, 8)), colours[..., :3])
    np.testing.assert_array_equal(decode(png(grey, GREY_ALPHA, 8)), grey[..., 0])


def test_16_bit_colours_keep_their_upper_half() -> None:
    values = random_pixels(5, 7, 3, bits=16)
    picture = decode(png(values, RGB, 16), 'rgb16; png compressed bgr16')
    assert picture.dtype == np.uint8
    np.testing.assert_array_equal(picture, values >> 8)


@pytest.mark.filterwarnings('error')
@pytest.mark.parametrize(
    'transparency', [b'', chunk(b'tRNS', bytes([0, 255, 7]))], ids=['opaque', 'transparent']
)
def test_palettes_become_colours(transparency: bytes) -> None:
    palette = random_pixels(4, 3).astype(np.uint8)
    places = random_pixels(5, 7) % 4
    extra = chunk(b'PLTE', palette.tobytes()) + transparency
    np.testing.assert_array_equal(decode(png(places, PALETTE, 8, extra)), palette[places])


@pytest.mark.parametrize(
    'format_',
    ['jpeg', '', 'jpg', 'rgb8; jpeg compressed bgr8', 'bgr8; jpeg compressed bgr8', 'png',
     'rgb8; jpeg compressed rgb8', 'bgra8; jpeg compressed bgr8'],
)  # fmt: skip
def test_jpeg_colours_are_the_files_whatever_the_format_says(format_: str) -> None:
    picture = decode(jpeg(PillowImage.fromarray(smooth())), format_)
    assert picture.shape == (48, 64, 3)
    assert np.abs(picture.astype(int) - smooth()).max() <= 12  # red for blue would be 200


def test_grey_jpeg() -> None:
    grey = smooth()[..., 0]
    picture = decode(jpeg(PillowImage.fromarray(grey)), 'mono8; jpeg compressed mono8')
    assert picture.shape == (48, 64)
    assert picture.dtype == np.uint8
    assert np.abs(picture.astype(int) - grey).max() <= 8


def test_16_bits_that_went_through_a_jpeg_are_shifted_up_again() -> None:
    content = jpeg(PillowImage.fromarray(smooth()[..., 0]))
    shifted = decode(content, 'mono16; jpeg compressed mono8')
    assert shifted.dtype == np.uint16
    np.testing.assert_array_equal(shifted, decode(content).astype(np.uint16) * 256)


def test_cmyk_jpeg_becomes_rgb() -> None:
    cmyk = PillowImage.fromarray(smooth()).convert('CMYK')
    picture = decode(jpeg(cmyk))
    assert picture.shape == (48, 64, 3)
    assert np.abs(picture.astype(int) - smooth()).max() <= 25


@pytest.mark.parametrize('wanted', [(64, 48), (33, 25), (32, 24), (16, 12), (8, 6), (1, 1), (0, 0)])
def test_draft_is_the_smallest_size_that_is_enough(wanted: tuple[int, int]) -> None:
    content = jpeg(PillowImage.fromarray(smooth()))
    picture = decode_compressed_image(CompressedImage('jpeg', content), wanted=wanted)
    factor = next(
        factor for factor in (8, 4, 2, 1) if 64 // factor >= wanted[0] and 48 // factor >= wanted[1]
    )
    assert picture.shape == (48 // factor, 64 // factor, 3)
    blocks = smooth().reshape(48 // factor, factor, 64 // factor, factor, 3).mean(axis=(1, 3))
    assert np.abs(picture - blocks).max() <= 12


def test_draft_does_nothing_to_png() -> None:
    values = random_pixels(16, 16, 3)
    message = CompressedImage('png', png(values, RGB, 8))
    np.testing.assert_array_equal(decode_compressed_image(message, wanted=(2, 2)), values)


@pytest.mark.parametrize('bits', [8, 16])
def test_a_mosaic_in_a_png_gets_its_colours(bits: int) -> None:
    colours = {'g': 200, 'b': 90, 'r': 10}
    values = np.array(
        [[colours['gbrg'[2 * (row % 2) + column % 2]] for column in range(4)] for row in range(4)]
    ) << (bits - 8)
    name = f'bayer_gbrg{bits}; png compressed '
    picture = decode(png(values, GREY, bits), name)
    assert np.unique(picture.reshape(-1, 3), axis=0).tolist() == [[10, 200, 90]]


def test_a_mosaic_that_became_grey_in_a_jpeg_stays_grey() -> None:
    content = jpeg(PillowImage.fromarray(smooth()[..., 0]))
    assert decode(content, 'bayer_rggb8; jpeg compressed mono8').shape == (48, 64)


@pytest.mark.parametrize(
    'format_',
    ['16UC1; compressedDepth png', '32FC1; compressedDepth', '16UC1; compressedDepth rvl'],
)
def test_depth_is_refused_by_name(format_: str) -> None:
    with pytest.raises(InputError, match=r'format: got .*compressedDepth is of depth cameras'):
        decode(png(random_pixels(2, 2, bits=16), GREY, 16), format_)


@pytest.mark.parametrize(
    ('content', 'format_'),
    [
        (b'II*\x00' + bytes(20), '16UC1; tiff compressed '),
        (b'RIFF\x00\x00\x00\x00WEBP', 'webp'),
        (b'GIF89a', ''),
        (b'', 'jpeg'),
        (b'\xff\xd8', 'jpeg'),
        (bytes(100), 'h264'),
        (b'P6 1 1 255 abc', 'png'),
    ],
)
def test_other_codecs_are_refused_by_name(content: bytes, format_: str) -> None:
    with pytest.raises(InputError) as caught:
        decode(content, format_)
    assert caught.value.field == 'format'
    assert repr(format_) in str(caught.value)
    assert 'jpeg or png' in str(caught.value)


def patched_jpeg(width: int, height: int) -> bytes:
    """A small JPEG whose header claims another size."""
    content = bytearray(jpeg(PillowImage.fromarray(smooth())))
    at = content.index(b'\xff\xc0')
    content[at + 5 : at + 9] = struct.pack('>HH', height, width)
    return bytes(content)


@pytest.mark.filterwarnings('error')
@pytest.mark.parametrize(
    'content',
    [
        png(random_pixels(2, 2), GREY, 8, width=50_000, height=50_000),
        png(random_pixels(2, 2), GREY, 8, width=2**31 - 1, height=2**31 - 1),
        png(random_pixels(2, 2, 3), RGB, 8, width=10_000, height=10_000),
        patched_jpeg(65_000, 65_000),
        patched_jpeg(7_100, 7_100),
    ],
    ids=['png-50000', 'png-huge', 'png-100MP', 'jpeg-65000', 'jpeg-50MP'],
)
def test_bombs_are_refused_before_they_are_decoded(content: bytes) -> None:
    decode(png(random_pixels(2, 2), GREY, 8))  # imports are not what is measured
    decode(jpeg(PillowImage.fromarray(smooth())))
    tracemalloc.start()
    with pytest.raises(InputError, match=r'a picture of \d+ x \d+ px; allowed: <= 50000000 px'):
        decode(content)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_the_bounds_are_arguments() -> None:
    content = png(random_pixels(5, 7, 3), RGB, 8)
    assert decode(content, most_pixels=35).shape == (5, 7, 3)
    with pytest.raises(InputError, match='7 x 5 px; allowed: <= 34 px'):
        decode(content, most_pixels=34)
    with pytest.raises(InputError, match=f'{len(content)} bytes; allowed: <= 10 bytes'):
        decode(content, most_bytes=10)


def test_a_large_file_is_refused_before_it_is_copied() -> None:
    data = np.zeros(MOST_BYTES + 1, np.uint8)
    tracemalloc.start()
    with pytest.raises(InputError, match='allowed: <= 67108864 bytes'):
        decode(data)
    assert tracemalloc.get_traced_memory()[1] < 100_000
    tracemalloc.stop()


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    content = jpeg(PillowImage.fromarray(smooth()), progressive=True)
    assert decode(content).shape == (48, 64, 3)
    at = content.rindex(b'\xff\xda')
    scan = content[at : content.rindex(b'\xff\xd9')]
    with pytest.raises(InputError, match=rf'scans; allowed: <= {MOST_SCANS} scans'):
        decode(content[:at] + scan * (MOST_SCANS + 1))


@pytest.mark.parametrize('share', [0.02, 0.3, 0.6, 0.9])
@pytest.mark.parametrize('codec', ['jpeg', 'png', 'progressive'])
def test_truncated_files_are_refused(codec: str, share: float) -> None:
    picture = PillowImage.fromarray(random_pixels(40, 40, 3).astype(np.uint8))
    if codec == 'png':
        content = png(np.asarray(picture), RGB, 8)
    else:
        content = jpeg(picture, progressive=codec == 'progressive')
    with pytest.raises(InputError) as caught:
        decode(content[: int(len(content) * share)])
    assert caught.value.field == 'data'


def test_a_wrong_checksum_is_refused() -> None:
    content = bytearray(png(random_pixels(5, 7, 3), RGB, 8))
    content[content.index(b'IHDR') + 4] ^= 1
    with pytest.raises(InputError, match='whole JPEG or PNG'):
        decode(bytes(content))


SEEDS = (
    png(random_pixels(6, 5, 3), RGB, 8),
    png(random_pixels(6, 5, bits=16), GREY, 16),
    png(random_pixels(6, 5) % 4, PALETTE, 8, chunk(b'PLTE', bytes(12)) + chunk(b'tRNS', b'\x01')),
    jpeg(PillowImage.fromarray(smooth(8, 8))),
    jpeg(PillowImage.fromarray(smooth(8, 8)).convert('CMYK')),
    jpeg(PillowImage.fromarray(smooth(8, 8)[..., 0]), progressive=True),
)
NAMES = ('', 'jpeg', 'bayer_rggb8; png compressed ', 'mono16; jpeg compressed mono8', '\N{CAMERA}')


def check(content: bytes, format_: str) -> None:
    try:
        picture = decode_compressed_image(
            CompressedImage(format_, content),
            most_pixels=10_000,
            wanted=(3, 2) if len(content) % 2 else None,
        )
    except InputError as error:
        assert error.field in ('format', 'data', 'height x width')
        return
    assert picture.ndim in (2, 3)
    assert picture.shape[0] * picture.shape[1] <= 10_000
    assert str(picture.dtype) in ('uint8', 'uint16')


@pytest.mark.malformed
@pytest.mark.filterwarnings('ignore:Invalid APNG')
@given(st.binary(min_size=2, max_size=40))
def test_damaged_files_give_a_picture_or_an_input_error(choices: bytes) -> None:
    """Each two bytes after the first replace, or cut off, one place of a good file."""
    content = bytearray(SEEDS[choices[0] % len(SEEDS)])
    for place, value in zip(choices[2::2], choices[3::2], strict=False):
        at = place * len(content) // 256
        if value == 0xC0:
            del content[at:]
        elif value == 0xC1:
            content[at:at] = content[:at]
        else:
            content[at : at + 1] = bytes([value])
    check(bytes(content), NAMES[choices[1] % len(NAMES)])


@pytest.mark.malformed
@pytest.mark.filterwarnings('ignore:Invalid APNG')
@given(st.binary(min_size=1, max_size=60))
def test_chunks_with_right_checksums_but_wrong_content(content: bytes) -> None:
    """Behind correct frames: what a checksum does not catch."""
    names = (
        b'IHDR',
        b'PLTE',
        b'tRNS',
        b'acTL',
        b'fcTL',
        b'iCCP',
        b'zTXt',
        b'gAMA',
        b'eXIf',
        b'IDAT',
    )
    name = names[content[0] % len(names)]
    good = SEEDS[content[-1] % 3]
    after = 8 + 25  # signature and header
    check(good[:after] + chunk(name, content[1:]) + good[after:], 'png')


@pytest.mark.malformed
@given(st.binary(min_size=1, max_size=100))
def test_any_bytes_give_an_input_error(content: bytes) -> None:
    magic = (b'', b'\xff\xd8\xff', b'\x89PNG\r\n\x1a\n')[content[0] % 3]
    check(magic + content[1:], 'jpeg')


def test_parity_with_cv_bridge() -> None:
    cv_bridge = pytest.importorskip('cv_bridge')
    content = png(random_pixels(5, 7, 3), RGB, 8)
    theirs = cv_bridge.CvBridge().compressed_imgmsg_to_cv2(CompressedImage('png', content))
    np.testing.assert_array_equal(decode(content), theirs[..., ::-1])
