"""Which message a modality arrives in, and the source that makes readings of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from omnibind_core.errors import UnavailableError
from omnibind_ros.sources.source import Source

# Ring buffers want every message, also when the executor is busy with others for a while.
_RING_DEPTH = 200


@dataclass(frozen=True)
class SensorInput:
    """How a sensor's messages are received.

    :param message: the message class to subscribe to.
    :param depth: of the subscription: one where only the newest message is ever wanted.
    :param source: ``(specification, settings) -> source``.
    :param info: the class of a latched message that says what the others are, if there is one.
    """

    message: type[Any]
    depth: int
    source: Callable[[Any, Any], Source]
    info: type[Any] | None = None


_IMAGE = 'sensor_msgs.msg:Image'
_COMPRESSED = 'sensor_msgs.msg:CompressedImage'
_RGB = ('channels:to_rgb',)
# (modality, transport) -> message class, then the conversions in order; imported only when a node
# asks for them, so that a missing message package disables only its own modality.
_INPUTS: dict[tuple[str, str], tuple[str, ...]] = {
    ('image', 'raw'): (_IMAGE, 'image:decode_image', *_RGB),
    ('image', 'compressed'): (_COMPRESSED, 'compressed_image:decode_compressed_image', *_RGB),
    ('thermal', 'raw'): (_IMAGE, 'image:decode_image', 'channels:to_single'),
    ('thermal', 'compressed'): (
        _COMPRESSED,
        'compressed_image:decode_compressed_image',
        'channels:to_single',
    ),
    ('touch', 'raw'): (_IMAGE, 'image:decode_image', *_RGB),
    ('touch', 'compressed'): (_COMPRESSED, 'compressed_image:decode_compressed_image', *_RGB),
    ('point_cloud', 'raw'): ('sensor_msgs.msg:PointCloud2', 'point_cloud:decode_points'),
    ('event', 'raw'): ('event_camera_msgs.msg:EventPacket',),
    ('audio', 'raw'): ('audio_common_msgs.msg:AudioDataStamped',),
}
_AUDIO_INFO = 'audio_common_msgs.msg:AudioInfo'
# What of mgonzs13/audio_common, a package of the same name, is not in ros-drivers' one.
_OTHER_AUDIO = ('Audio', 'AudioStamped')

# Types that are found where another is expected -> what to do.
_ADVICE = {
    ('sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage'): 'set transport: compressed',
    ('sensor_msgs/msg/CompressedImage', 'sensor_msgs/msg/Image'): 'set transport: raw',
    ('audio_common_msgs/msg/AudioDataStamped', 'audio_common_msgs/msg/AudioData'): (
        'take the topic with stamps (audio_capture: audio_stamped)'
    ),
    **{
        ('audio_common_msgs/msg/AudioDataStamped', f'audio_common_msgs/msg/{name}'): (
            "that is mgonzs13/audio_common; ros-drivers' audio_common is needed"
        )
        for name in _OTHER_AUDIO
    },
}


def sensor_input(modality: str, transport: str) -> SensorInput:
    """The message class and source for a modality.

    :raises UnavailableError: when there is none, or its message package is not installed.
    """
    found = _INPUTS.get((modality, transport))
    if found is None:
        known = ', '.join(f'{name} ({way})' for name, way in _INPUTS)
        raise UnavailableError(f'no node input for {modality} ({transport}); there are: {known}')
    message = _message(found[0], modality)
    if modality == 'audio':
        from omnibind_ros.sources.audio import AudioSource

        info = _message(_AUDIO_INFO, modality)
        return SensorInput(message, _RING_DEPTH, lambda spec, _: AudioSource(spec.span_s), info)
    if modality == 'event':
        from omnibind_ros.sources.event import EventSource

        return SensorInput(message, _RING_DEPTH, lambda spec, _: EventSource(spec.window_ms))
    convert = _chain(found[1:])
    if modality == 'touch':
        from omnibind_ros.sources.touch import TouchSource

        return SensorInput(message, 1, lambda _, settings: TouchSource(convert, settings))
    from omnibind_ros.sources.single import SingleSource

    return SensorInput(message, 1, lambda *_: SingleSource(convert))


def type_name(message: type[Any]) -> str:
    """The name of a message class in the graph: ``sensor_msgs/msg/Image``."""
    return f'{message.__module__.split(".")[0]}/msg/{message.__name__}'


def type_advice(wanted: str, found: str) -> str:
    """What to do when a publisher sends another type; empty where there is nothing to say."""
    return _ADVICE.get((wanted, found), '')


def _message(path: str, modality: str) -> type[Any]:
    package, name = path.split(':')
    short = package.split('.')[0]
    try:
        module = import_module(package)
    except ImportError as error:
        raise UnavailableError(
            f'the message package {short} is not installed, which {modality} needs: '
            f'apt install ros-$ROS_DISTRO-{short.replace("_", "-")}'
        ) from error
    message: type[Any] | None = getattr(module, name, None)
    if message is not None:
        return message
    others = [other for other in _OTHER_AUDIO if hasattr(module, other)]
    if short == 'audio_common_msgs' and others:
        raise UnavailableError(
            f'the audio_common_msgs found here is that of mgonzs13/audio_common (it has '
            f"{others[0]}); {modality} needs {name} of ros-drivers' package of the same name"
        )
    raise UnavailableError(f'the message package {short} has no {name}, which {modality} needs')


def _chain(paths: tuple[str, ...]) -> Callable[[Any], Any]:
    steps = [_function(path) for path in paths]

    def convert(raw: Any) -> Any:
        for step in steps:
            raw = step(raw)
        return raw

    return convert


def _function(path: str) -> Callable[[Any], Any]:
    module, name = path.split(':')
    function: Callable[[Any], Any] = getattr(
        import_module(f'omnibind_ros.conversions.{module}'), name
    )
    return function
