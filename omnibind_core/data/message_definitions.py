"""Public messages that rosbags does not know, and the store of message types that knows them too.

Bags written here carry the definitions, so that any reader of bags understands them. Comments do
not count: the types' hashes (REP 2011) are those of the packages themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

from omnibind_core.errors import UnavailableError

DEFINITIONS: Mapping[str, str] = MappingProxyType(
    {
        'audio_common_msgs/msg/AudioData': """\
# Wire-compatible with audio_common_msgs of ros-drivers.
uint8[] data
""",
        'audio_common_msgs/msg/AudioDataStamped': """\
# Wire-compatible with audio_common_msgs of ros-drivers.
std_msgs/Header header
audio_common_msgs/AudioData audio
""",
        'audio_common_msgs/msg/AudioInfo': """\
# Wire-compatible with audio_common_msgs of ros-drivers.
uint8 channels
uint32 sample_rate
string sample_format
uint32 bitrate
string coding_format
""",
        'event_camera_msgs/msg/EventPacket': """\
# Wire-compatible with event_camera_msgs.
std_msgs/Header header
uint32 height
uint32 width
uint64 seq
uint64 time_base
string encoding
bool is_bigendian
uint8[] events
""",
        'vision_msgs/msg/Classification': """\
# Wire-compatible with vision_msgs 4.
std_msgs/Header header
vision_msgs/ObjectHypothesis[] results
""",
        'vision_msgs/msg/ObjectHypothesis': """\
# Wire-compatible with vision_msgs 4.
string class_id
float64 score
""",
    }
)
"""Text of each definition by the type's full name."""


def message_store() -> Any:
    """All message types that a bag of ours may hold: ROS 2 Jazzy's and :data:`DEFINITIONS`.

    :returns: a ``rosbags.typesys.store.Typestore``.
    :raises UnavailableError: ``rosbags`` is not installed.
    """
    try:
        typesys = import_module('rosbags.typesys')
    except ImportError:
        raise UnavailableError(
            'reading and writing bags needs the package rosbags; install "omnibind[bags]"'
        ) from None
    store = typesys.get_typestore(typesys.Stores.ROS2_JAZZY)
    types: dict[str, Any] = {}
    for name, text in DEFINITIONS.items():
        types.update(typesys.get_types_from_msg(text, name))
    store.register(types)
    return store
