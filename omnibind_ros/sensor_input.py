"""Which message a modality arrives in, and the function that turns it into raw data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from omnibind_core.errors import UnavailableError


@dataclass(frozen=True)
class SensorInput:
    """How a sensor's messages are received.

    :param message: the message class to subscribe to.
    :param convert: message -> the modality's raw data; raises InputError for what it cannot read.
    """

    message: type[Any]
    convert: Callable[[Any], Any]


_IMAGE = 'sensor_msgs.msg:Image'
_COMPRESSED = 'sensor_msgs.msg:CompressedImage'
# (modality, transport) -> message class, then the conversions in order; imported only when a node
# asks for them, so that a missing message package disables only its own modality.
_INPUTS = {
    ('image', 'raw'): (_IMAGE, 'image:decode_image', 'channels:to_rgb'),
    ('image', 'compressed'): (
        _COMPRESSED,
        'compressed_image:decode_compressed_image',
        'channels:to_rgb',
    ),
    ('thermal', 'raw'): (_IMAGE, 'image:decode_image', 'channels:to_single'),
    ('thermal', 'compressed'): (
        _COMPRESSED,
        'compressed_image:decode_compressed_image',
        'channels:to_single',
    ),
    ('point_cloud', 'raw'): ('sensor_msgs.msg:PointCloud2', 'point_cloud:decode_points'),
}


def sensor_input(modality: str, transport: str) -> SensorInput:
    """The message class and conversion for a modality.

    :raises UnavailableError: when there is none, or its message package is not installed.
    """
    found = _INPUTS.get((modality, transport))
    if found is None:
        known = ', '.join(f'{name} ({way})' for name, way in _INPUTS)
        raise UnavailableError(f'no node input for {modality} ({transport}); there are: {known}')
    message, *conversions = found
    package, message_name = message.split(':')
    try:
        message_class = getattr(import_module(package), message_name)
    except ImportError as error:
        name = package.split('.')[0]
        raise UnavailableError(
            f'the message package {name} is not installed, which {modality} needs: '
            f'apt install ros-$ROS_DISTRO-{name.replace("_", "-")}'
        ) from error
    steps = [_function(conversion) for conversion in conversions]

    def convert(raw: Any) -> Any:
        for step in steps:
            raw = step(raw)
        return raw

    return SensorInput(message_class, convert)


def _function(path: str) -> Callable[[Any], Any]:
    module, name = path.split(':')
    function: Callable[[Any], Any] = getattr(
        import_module(f'omnibind_ros.conversions.{module}'), name
    )
    return function
