"""Which message class a sensor's node subscribes to, and the source that makes readings of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from omnibind_core.errors import UnavailableError
from omnibind_ros.sensor_source import OTHER_AUDIO
from omnibind_ros.sensor_source import sensor_source
from omnibind_ros.sensor_source import type_advice
from omnibind_ros.sources.source import Source

__all__ = ['SensorInput', 'sensor_input', 'type_advice', 'type_name']

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


def sensor_input(modality: str, transport: str) -> SensorInput:
    """The message class and source for a modality.

    :raises UnavailableError: when there is none, or its message package is not installed; a
        missing one disables only its own modality.
    """
    found = sensor_source(modality, transport)
    return SensorInput(
        message=_message(found.message, modality),
        depth=_RING_DEPTH if found.streamed else 1,
        source=found.source,
        info=_message(found.info, modality) if found.info else None,
    )


def type_name(message: type[Any]) -> str:
    """The name of a message class in the graph: ``sensor_msgs/msg/Image``."""
    return f'{message.__module__.split(".")[0]}/msg/{message.__name__}'


def _message(full_name: str, modality: str) -> type[Any]:
    package, _, name = full_name.split('/')
    try:
        module = import_module(f'{package}.msg')
    except ImportError as error:
        raise UnavailableError(
            f'the message package {package} is not installed, which {modality} needs: '
            f'apt install ros-$ROS_DISTRO-{package.replace("_", "-")}'
        ) from error
    message: type[Any] | None = getattr(module, name, None)
    if message is not None:
        return message
    others = [other for other in OTHER_AUDIO if hasattr(module, other)]
    if package == 'audio_common_msgs' and others:
        raise UnavailableError(
            f'the audio_common_msgs found here is that of mgonzs13/audio_common (it has '
            f"{others[0]}); {modality} needs {name} of ros-drivers' package of the same name"
        )
    raise UnavailableError(f'the message package {package} has no {name}, which {modality} needs')
