"""``sensor_msgs/CompressedImage``: JPEG and PNG, decoded by Pillow.

**Colours.** The result is RGB, always as the file itself says. The ``format`` field's
``bgr8; jpeg compressed bgr8`` tells only in which order image_transport held the pixels in memory
before OpenCV wrote an ordinary file; so files of ``rgb8`` and ``bgr8`` pictures look the same.
image_transport's subscriber takes ``compressed rgb8`` for a file with red and blue exchanged; its
publisher writes no such thing, and those who do write these words put ordinary files behind them.
``cv_bridge.compressed_imgmsg_to_cv2`` ignores the field as well.

Which codec it is, is read off the first bytes. Orientation tags are ignored, as by image_transport.

Notation: ``h, w`` height and width of the picture.
"""

from __future__ import annotations

from io import BytesIO
import struct
from typing import TYPE_CHECKING
import zlib

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_ros.conversions.bayer import demosaic
from omnibind_ros.conversions.byte_view import byte_view
from omnibind_ros.conversions.image import BAYER
from omnibind_ros.conversions.image import Picture
from omnibind_ros.conversions.messages import CompressedImageMessage

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

MOST_PIXELS = 50_000_000
MOST_BYTES = 64 * 2**20
# A progressive JPEG has about ten. Thousands, a few bytes each, would keep the decoder busy for
# minutes (libjpeg-turbo's security audit, LJT-01-004).
MOST_SCANS = 100

_JPEG = b'\xff\xd8\xff'
_PNG = b'\x89PNG\r\n\x1a\n'
_SCAN = b'\xff\xda'
# What Pillow raises over damaged files.
_FAILURES = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    AttributeError,
    OverflowError,
    struct.error,
    zlib.error,
)


def decode_compressed_image(
    message: CompressedImageMessage,
    *,
    wanted: tuple[int, int] | None = None,
    most_pixels: int = MOST_PIXELS,
    most_bytes: int = MOST_BYTES,
) -> Picture:
    """The picture in a ``sensor_msgs/CompressedImage``.

    16-bit grey PNGs keep their 16 bits (thermal); colours have 8. Transparency is dropped. A
    Bayer mosaic that was stored as PNG gets its colours back. A 16-bit picture that was stored
    as JPEG is shifted up by 8 bits again, as by image_transport; its lower half is lost.

    :param wanted: width and height that are enough. A JPEG is then decoded at the smallest of
        1/1, 1/2, 1/4, 1/8 that has at least this size, which is much faster. Regions given in
        pixels no longer fit then; so it is off by default.
    :param most_pixels: a larger picture is refused before it is decoded: a file of some kilobytes
        can hold gigabytes.
    :param most_bytes: a larger file is refused before it is read.
    :return: ``[h, w, 3]`` uint8 RGB, or ``[h, w]`` uint8 or uint16; read-only.
    :raises InputError: for another codec, a picture that is too large, and a damaged or truncated
        file, naming ``format`` or ``data``.
    """
    if 'compresseddepth' in message.format.lower():
        allowed = 'jpeg or png; compressedDepth is of depth cameras, use its raw topic'
        raise InputError('format', repr(message.format), allowed)
    data = byte_view(message.data, 'data')
    if data.size > most_bytes:
        raise InputError('data', f'{data.size} bytes', f'<= {most_bytes} bytes')
    content = data.tobytes()
    try:
        image = _opened(content, message.format)
        columns, rows = image.size
        if columns * rows > most_pixels:
            given = f'a picture of {columns} x {rows} px'
            raise InputError('data', given, f'<= {most_pixels} px')
        if wanted is not None:
            image.draft(None, (max(wanted[0], 1), max(wanted[1], 1)))
        picture = _array(image)
    except InputError:
        raise
    except _FAILURES as error:
        given = f'{len(content)} bytes that break off or are damaged ({error})'
        raise InputError('data', given, 'a whole JPEG or PNG file') from error
    picture = _restored(picture, message.format, jpeg=content.startswith(_JPEG))
    picture.flags.writeable = False
    return picture


def _opened(content: bytes, format_: str) -> ImageFile:
    """The file's header read, nothing decoded.

    Pillow's classes of the two formats are used directly: ``Image.open`` would warn of large
    pictures before we can refuse them, and would follow a JPEG into Pillow's other formats.
    """
    from PIL.JpegImagePlugin import JpegImageFile
    from PIL.PngImagePlugin import PngImageFile

    if content.startswith(_PNG):
        return PngImageFile(BytesIO(content))
    if not content.startswith(_JPEG):
        given = f'{format_!r} whose data begin with {content[:8].hex(" ") or "nothing"}'
        raise InputError('format', given, 'jpeg or png')
    scans = content.count(_SCAN)
    if scans > MOST_SCANS:
        raise InputError('data', f'a JPEG of {scans} scans', f'<= {MOST_SCANS} scans')
    return JpegImageFile(BytesIO(content))


def _array(image: ImageFile) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """The decoded pixels, ``[h, w, 3]`` uint8 or ``[h, w]`` uint8 or uint16."""
    if image.mode.startswith('I'):  # 'I;16', or 'I' in older versions of Pillow
        return np.asarray(image).astype(np.uint16)
    if image.mode in ('1', 'L', 'LA'):
        return np.asarray(image.convert('L'), dtype=np.uint8)
    if image.mode == 'P':  # by way of RGBA, or Pillow warns of palettes with transparency
        return np.asarray(image.convert('RGBA'), dtype=np.uint8)[..., :3]
    return np.asarray(image.convert('RGB'), dtype=np.uint8)


def _restored(
    picture: NDArray[np.uint8] | NDArray[np.uint16], format_: str, *, jpeg: bool
) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """What image_transport changed before it compressed a picture, changed back."""
    original = format_.partition(';')[0].strip()
    if picture.ndim == 3:
        return picture
    if jpeg and original in ('mono16', '16UC1'):
        shifted = picture.astype(np.uint16)
        shifted <<= 8
        return shifted
    if not jpeg and original in BAYER:
        mosaic = picture if picture.dtype == np.uint8 else picture >> 8
        return demosaic(mosaic.astype(np.uint8, copy=False), BAYER[original][0])
    return picture
