from __future__ import annotations

from array import array

from message_doubles import Header
from message_doubles import Image
import numpy as np
from numpy.typing import NDArray
import pytest

from omnibind_core.errors import InputError
from omnibind_ros.conversions.image import decode_image
from omnibind_ros.conversions.image_writer import encode_image

RNG = np.random.default_rng(0)
PICTURES = {
    'rgb8': RNG.integers(0, 256, (4, 5, 3), dtype=np.uint8),
    'mono8': RNG.integers(0, 256, (4, 5), dtype=np.uint8),
    'mono16': RNG.integers(0, 65536, (4, 5), dtype=np.uint16),
    '32FC1': RNG.normal(size=(4, 5)).astype(np.float32),
}


@pytest.mark.parametrize('encoding', PICTURES)
def test_there_and_back(encoding: str) -> None:
    picture = PICTURES[encoding]
    message = encode_image(Image, picture)
    assert (message.height, message.width, message.encoding) == (4, 5, encoding)
    assert message.step == picture.nbytes // 4
    assert isinstance(message.data, array)
    assert message.data.typecode == 'B'
    assert message.data.tobytes() == picture.tobytes()
    np.testing.assert_array_equal(decode_image(message), picture)


def test_a_view_is_written_as_it_looks() -> None:
    picture = PICTURES['rgb8'][::-1, 1:4, ::-1]
    np.testing.assert_array_equal(decode_image(encode_image(Image, picture)), picture)


def test_the_message_does_not_follow_the_array() -> None:
    picture = PICTURES['mono8'].copy()
    message = encode_image(Image, picture)
    picture[:] = 0
    assert any(message.data)


def test_the_header_is_taken_over() -> None:
    header = Header(frame_id='camera')
    assert encode_image(Image, PICTURES['rgb8'], header=header).header is header
    assert encode_image(Image, PICTURES['rgb8']).header == Header()


@pytest.mark.parametrize(
    'picture',
    [
        np.zeros((4, 5, 4), np.uint8),
        np.zeros((4, 5, 3), np.float32),
        np.zeros((4, 5), np.float64),
        np.zeros((4, 5), '>u2'),
        np.zeros(5, np.uint8),
        np.zeros((0, 5), np.uint8),
        np.zeros((4, 0, 3), np.uint8),
    ],
    ids=lambda picture: f'{picture.dtype}-{picture.shape}',
)
def test_other_arrays_are_refused(picture: NDArray[np.generic]) -> None:
    with pytest.raises(InputError, match='picture'):
        encode_image(Image, picture)


@pytest.mark.parametrize('encoding', PICTURES)
def test_rclpys_own_message_takes_it(encoding: str) -> None:
    messages = pytest.importorskip('sensor_msgs.msg')
    message = encode_image(messages.Image, PICTURES[encoding])
    assert isinstance(message, messages.Image)
    np.testing.assert_array_equal(decode_image(message), PICTURES[encoding])
