"""The robot's sensors and the topics of its bag."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SensorTopic:
    """Where one sensor publishes.

    :param sensor: its name, and its key in the configuration.
    :param modality: of :data:`omnibind_core.modalities.registry.NAMES`.
    :param topic: absolute name.
    :param message: full name of the message's type.
    :param frame_id: of its header (REP 103: ``_optical_frame`` has z forward).
    :param stretch: whether a message is a stretch of time, stamped with its begin.
    """

    sensor: str
    modality: str
    topic: str
    message: str
    frame_id: str
    stretch: bool = False


CAMERA = SensorTopic(
    'camera',
    'image',
    '/camera/image/compressed',
    'sensor_msgs/msg/CompressedImage',
    'camera_optical_frame',
)
THERMAL = SensorTopic(
    'thermal', 'thermal', '/thermal/image', 'sensor_msgs/msg/Image', 'thermal_optical_frame'
)
EVENT_CAMERA = SensorTopic(
    'event_camera',
    'event',
    '/event_camera/events',
    'event_camera_msgs/msg/EventPacket',
    'event_camera_optical_frame',
    stretch=True,
)
LIDAR = SensorTopic(
    'lidar', 'point_cloud', '/lidar/points', 'sensor_msgs/msg/PointCloud2', 'lidar_frame'
)
MICROPHONE = SensorTopic(
    'microphone',
    'audio',
    '/microphone/audio',
    'audio_common_msgs/msg/AudioDataStamped',
    'microphone_frame',
    stretch=True,
)
TOUCH = SensorTopic(
    'touch',
    'touch',
    '/touch/image/compressed',
    'sensor_msgs/msg/CompressedImage',
    'fingertip_frame',
)
SENSORS = (CAMERA, THERMAL, EVENT_CAMERA, LIDAR, MICROPHONE, TOUCH)

AUDIO_INFO = ('/microphone/audio_info', 'audio_common_msgs/msg/AudioInfo')
TRUTH = ('/truth', 'vision_msgs/msg/Classification')
LATCHED = (AUDIO_INFO, TRUTH)
"""Topic and type of what is said once and holds from then on."""


def sensor_topic(sensor: str) -> SensorTopic:
    """The topic of a sensor, by its name."""
    return next(item for item in SENSORS if item.sensor == sensor)
