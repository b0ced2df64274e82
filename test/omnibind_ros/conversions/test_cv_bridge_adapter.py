"""With a stand-in for ``cv_bridge``, which raises and returns what the real one does."""

from __future__ import annotations

from collections.abc import Callable
import sys
from types import ModuleType
from typing import Any

from message_doubles import Image
import numpy as np
import pytest

from omnibind_core.errors import InputError
from omnibind_ros.conversions.cv_bridge_adapter import decode_with_cv_bridge
from omnibind_ros.conversions.image import decode_image

Install = Callable[[Callable[[Any, str], Any]], None]


class OpenCvError(Exception):
    """``cv2.error``."""


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a ``cv_bridge`` whose ``imgmsg_to_cv2(message, desired_encoding)`` is given."""

    def install_(convert: Callable[[Any, str], Any]) -> None:
        class CvBridge:
            def imgmsg_to_cv2(self, message: Any, desired_encoding: str = 'passthrough') -> Any:
                return convert(message, desired_encoding)

        bridge, opencv = ModuleType('cv_bridge'), ModuleType('cv2')
        bridge.CvBridge = CvBridge  # type: ignore[attr-defined]
        opencv.error = OpenCvError  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, 'cv_bridge', bridge)
        monkeypatch.setitem(sys.modules, 'cv2', opencv)

    return install_


def unknown(encoding: str = '8UC2') -> Image:
    return Image(None, 2, 2, encoding, 0, 4, bytes(8))


def no_colours(picture: Any) -> Callable[[Any, str], Any]:
    """As cv_bridge: generic encodings are no colour formats, but pass through."""

    def convert(message: Any, wanted: str) -> Any:
        if wanted == 'rgb8':
            raise TypeError(f'[{message.encoding}] is not a color format. but [rgb8] is')
        return picture

    return convert


@pytest.mark.parametrize('missing', ['cv_bridge', 'cv2'])
def test_without_it_there_is_no_picture(
    monkeypatch: pytest.MonkeyPatch, install: Install, missing: str
) -> None:
    install(no_colours(np.zeros((2, 2), np.uint8)))
    monkeypatch.setitem(sys.modules, missing, None)
    assert decode_with_cv_bridge(unknown()) is None
    with pytest.raises(InputError, match=r"encoding: got '8UC2'; allowed: rgb8, "):
        decode_image(unknown())


def test_a_build_for_another_numpy_counts_as_missing(
    monkeypatch: pytest.MonkeyPatch, install: Install
) -> None:
    install(no_colours(None))
    monkeypatch.delattr(sys.modules['cv_bridge'], 'CvBridge')
    assert decode_with_cv_bridge(unknown()) is None


def test_colours_are_asked_for_as_rgb(install: Install) -> None:
    picture = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    install(lambda message, wanted: picture if wanted == 'rgb8' else None)
    np.testing.assert_array_equal(decode_image(unknown('yuv_new')), picture)


def test_opencvs_bgr_is_turned_round(install: Install) -> None:
    picture = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    install(no_colours(picture))
    np.testing.assert_array_equal(decode_image(unknown('8UC3x')), picture[..., ::-1])


@pytest.mark.parametrize(
    ('given', 'expected'),
    [('uint8', 'uint8'), ('uint16', 'uint16'), ('>u2', 'uint16'), ('int32', 'float32'),
     ('float64', 'float32'), ('int8', 'float32')],
)  # fmt: skip
def test_one_channel_becomes_one_of_three_types(
    install: Install, given: str, expected: str
) -> None:
    picture = np.array([[1, 2], [3, 100]], given)
    install(no_colours(picture))
    decoded = decode_image(unknown('64FC1'))
    assert str(decoded.dtype) == expected
    np.testing.assert_array_equal(decoded, picture)


def test_doubles_beyond_float32_become_infinite_without_a_warning(install: Install) -> None:
    install(no_colours(np.array([[1e300, -1e300]])))
    assert decode_image(unknown('64FC1')).tolist() == [[np.inf, -np.inf]]


@pytest.mark.parametrize(
    'picture', [np.zeros((2, 2, 2), np.uint8), np.zeros((2, 2, 3), np.uint16), np.zeros(3)]
)
def test_pictures_of_other_shapes_are_refused(install: Install, picture: Any) -> None:
    install(no_colours(picture))
    with pytest.raises(InputError, match='one channel, or three of 8 bits'):
        decode_image(unknown())


@pytest.mark.parametrize(
    'error', [TypeError, ValueError, AttributeError, RuntimeError, KeyError, OpenCvError]
)
def test_its_errors_become_ours(install: Install, error: type[Exception]) -> None:
    def convert(message: Any, wanted: str) -> Any:
        raise error('buffer is too small for requested array')

    install(convert)
    with pytest.raises(InputError, match=r"'8UC2', which cv_bridge refuses \(.*too small"):
        decode_image(unknown())


def test_known_encodings_never_get_there(install: Install) -> None:
    def convert(message: Any, wanted: str) -> Any:
        raise AssertionError(message.encoding)

    install(convert)
    assert decode_image(Image(None, 1, 2, 'rgb8', 0, 6, bytes(6))).shape == (1, 2, 3)
