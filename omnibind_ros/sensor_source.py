"""Which message type a modality arrives in, by name, and the source that makes readings of it.

No message package is imported: the nodes look the classes up, the evaluation of bags needs none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from omnibind_core.errors import UnavailableError
from omnibind_ros.sources.source import Source


@dataclass(frozen=True)
class SensorSource:
    """What a sensor's messages are, and what becomes of them.

    :param message: full name of their type, ``sensor_msgs/msg/Image``.
    :param source: ``(specification, settings) -> source``.
    :param streamed: every message counts, not only the newest: they enter a ring.
    :param info: type of a latched message that says what the others are; empty: there is none.
    """

    message: str
    source: Callable[[Any, Any], Source]
    streamed: bool = False
    info: str = ''


IMAGE = 'sensor_msgs/msg/Image'
COMPRESSED_IMAGE = 'sensor_msgs/msg/CompressedImage'
POINT_CLOUD = 'sensor_msgs/msg/PointCloud2'
EVENT_PACKET = 'event_camera_msgs/msg/EventPacket'
AUDIO = 'audio_common_msgs/msg/AudioDataStamped'
AUDIO_INFO = 'audio_common_msgs/msg/AudioInfo'
#: What of mgonzs13/audio_common, a package of the same name, is not in ros-drivers' one.
OTHER_AUDIO = ('Audio', 'AudioStamped')

_RGB = ('channels:to_rgb',)
_SINGLE = ('channels:to_single',)
_DECODE = 'image:decode_image'
_DECODE_COMPRESSED = 'compressed_image:decode_compressed_image'
# (modality, transport) -> message type, then the conversions in order, imported when asked for.
# A new modality whose every message is a reading needs one line here (docs/new_modality.md).
_SOURCES: dict[tuple[str, str], tuple[str, ...]] = {
    ('image', 'raw'): (IMAGE, _DECODE, *_RGB),
    ('image', 'compressed'): (COMPRESSED_IMAGE, _DECODE_COMPRESSED, *_RGB),
    ('thermal', 'raw'): (IMAGE, _DECODE, *_SINGLE),
    ('thermal', 'compressed'): (COMPRESSED_IMAGE, _DECODE_COMPRESSED, *_SINGLE),
    ('touch', 'raw'): (IMAGE, _DECODE, *_RGB),
    ('touch', 'compressed'): (COMPRESSED_IMAGE, _DECODE_COMPRESSED, *_RGB),
    ('point_cloud', 'raw'): (POINT_CLOUD, 'point_cloud:decode_points'),
    ('event', 'raw'): (EVENT_PACKET,),
    ('audio', 'raw'): (AUDIO,),
}

# Types that are found where another is expected -> what to do.
_ADVICE = {
    (IMAGE, COMPRESSED_IMAGE): 'set transport: compressed',
    (COMPRESSED_IMAGE, IMAGE): 'set transport: raw',
    (AUDIO, 'audio_common_msgs/msg/AudioData'): (
        'take the topic with stamps (audio_capture: audio_stamped)'
    ),
    **{
        (AUDIO, f'audio_common_msgs/msg/{name}'): (
            "that is mgonzs13/audio_common; ros-drivers' audio_common is needed"
        )
        for name in OTHER_AUDIO
    },
}


def sensor_source(modality: str, transport: str) -> SensorSource:
    """The message type and source for a modality.

    :raises UnavailableError: when there is none.
    """
    found = _SOURCES.get((modality, transport))
    if found is None:
        known = ', '.join(f'{name} ({way})' for name, way in _SOURCES)
        raise UnavailableError(f'no node input for {modality} ({transport}); there are: {known}')
    message = found[0]
    if modality == 'audio':
        from omnibind_ros.sources.audio import AudioSource

        return SensorSource(message, lambda spec, _: AudioSource(spec.span_s), True, AUDIO_INFO)
    if modality == 'event':
        from omnibind_ros.sources.event import EventSource

        return SensorSource(message, EventSource, True)
    convert = _chain(found[1:])
    if modality == 'touch':
        from omnibind_ros.sources.touch import TouchSource

        return SensorSource(message, lambda _, settings: TouchSource(convert, settings))
    from omnibind_ros.sources.single import SingleSource

    return SensorSource(message, lambda *_: SingleSource(convert))


def modality_of(message: str) -> str | None:
    """The only modality whose messages have this type; None where there is none, or several."""
    found = {modality for (modality, _), (wanted, *_) in _SOURCES.items() if wanted == message}
    return found.pop() if len(found) == 1 else None


def type_advice(wanted: str, found: str) -> str:
    """What to do when a topic has another type; empty where there is nothing to say."""
    return _ADVICE.get((wanted, found), '')


def beside(topic: str, name: str) -> str:
    """The topic of this name in the same place as another: ``/mic/audio`` -> ``/mic/name``."""
    head, slash, _ = topic.rpartition('/')
    return f'{head}{slash}{name}'


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
