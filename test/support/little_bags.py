"""Small bags of standard messages in every storage, for tests of reading and playing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from typing import NamedTuple

import yaml

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND


class Said(NamedTuple):
    """A ``std_msgs/String`` in a bag, ``at`` seconds after its start."""

    topic: str
    at: float
    text: str


def little_bag(
    folder: Path,
    said: Sequence[Said],
    *,
    storage: str = 'mcap',
    compression: str = '',
    latched: dict[str, int] | None = None,
    foreign: str = '',
) -> Path:
    """Write a bag.

    :param storage: ``mcap`` or ``sqlite3``.
    :param compression: ``file``, ``message``, ``storage`` or ``''``: none.
    :param latched: depth of each topic that is latched.
    :param foreign: a topic with one message of a type that no machine has.
    """
    from rosbags.interfaces import Qos
    from rosbags.interfaces import QosDurability
    from rosbags.interfaces import QosHistory
    from rosbags.interfaces import QosLiveliness
    from rosbags.interfaces import QosReliability
    from rosbags.interfaces import QosTime
    from rosbags.rosbag2 import CompressionFormat
    from rosbags.rosbag2 import CompressionMode
    from rosbags.rosbag2 import StoragePlugin
    from rosbags.rosbag2 import Writer
    from rosbags.typesys import get_types_from_msg
    from rosbags.typesys import get_typestore
    from rosbags.typesys import Stores

    store = get_typestore(Stores.ROS2_JAZZY)
    never = QosTime(9_223_372_036, 854_775_807)
    plugin = {'mcap': StoragePlugin.MCAP, 'sqlite3': StoragePlugin.SQLITE3}[storage]
    writer = Writer(folder, version=9, storage_plugin=plugin)
    if compression:
        mode = CompressionMode[compression.upper()]
        writer.set_compression(mode, CompressionFormat.ZSTD)
    with writer:
        connections: dict[str, Any] = {}
        for topic in sorted({item.topic for item in said}):
            depth = (latched or {}).get(topic, 0)
            quality = Qos(
                QosHistory.KEEP_LAST,
                depth or 5,
                QosReliability.RELIABLE if depth else QosReliability.BEST_EFFORT,
                QosDurability.TRANSIENT_LOCAL if depth else QosDurability.VOLATILE,
                never,
                never,
                QosLiveliness.AUTOMATIC,
                never,
                False,
            )
            connections[topic] = writer.add_connection(
                topic, 'std_msgs/msg/String', typestore=store, offered_qos_profiles=[quality]
            )
        text = store.types['std_msgs/msg/String']
        for item in sorted(said, key=lambda item: item.at):
            data = store.serialize_cdr(text(data=item.text), 'std_msgs/msg/String')
            writer.write(connections[item.topic], START + round(item.at * SECOND), data)
        if foreign:
            name = 'nowhere_msgs/msg/Unheard'
            store.register(get_types_from_msg('uint8 value', name))
            data = store.serialize_cdr(store.types[name](value=1), name)
            writer.write(writer.add_connection(foreign, name, typestore=store), START, data)
    return folder


def stamped_bag(folder: Path) -> Path:
    """Two ``geometry_msgs/PointStamped`` on ``/stamped``: at the start, and half a second later."""
    from rosbags.rosbag2 import StoragePlugin
    from rosbags.rosbag2 import Writer
    from rosbags.typesys import get_typestore
    from rosbags.typesys import Stores

    store = get_typestore(Stores.ROS2_JAZZY)
    types = store.types
    name = 'geometry_msgs/msg/PointStamped'
    with Writer(folder, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        connection = writer.add_connection('/stamped', name, typestore=store)
        for time in (START, START + SECOND // 2):
            seconds, nanoseconds = divmod(time, SECOND)
            stamp = types['builtin_interfaces/msg/Time'](sec=seconds, nanosec=nanoseconds)
            header = types['std_msgs/msg/Header'](stamp=stamp, frame_id='map')
            point = types['geometry_msgs/msg/Point'](x=1.0, y=2.0, z=3.0)
            message = types[name](header=header, point=point)
            writer.write(connection, time, store.serialize_cdr(message, name))
    return folder


def split_bag(folder: Path, parts: Sequence[Sequence[Said]]) -> Path:
    """A bag whose messages lie in one file after another, as `ros2 bag record -b` leaves it."""
    folder.mkdir()
    whole: dict[str, Any] = {}
    for number, said in enumerate(parts):
        part = little_bag(folder / f'part_{number}', said)
        info = yaml.safe_load((part / 'metadata.yaml').read_text())['rosbag2_bagfile_information']
        file = f'{folder.name}_{number}.mcap'
        (part / info['relative_file_paths'][0]).rename(folder / file)
        info['files'][0]['path'] = file
        info['relative_file_paths'] = [file]
        if not whole:
            whole = info
            continue
        whole['files'] += info['files']
        whole['relative_file_paths'] += info['relative_file_paths']
        whole['message_count'] += info['message_count']
        end = info['starting_time']['nanoseconds_since_epoch'] + info['duration']['nanoseconds']
        begin = whole['starting_time']['nanoseconds_since_epoch']
        whole['duration']['nanoseconds'] = end - begin
        counts = {
            item['topic_metadata']['name']: item for item in whole['topics_with_message_count']
        }
        for item in info['topics_with_message_count']:
            counts[item['topic_metadata']['name']]['message_count'] += item['message_count']
    (folder / 'metadata.yaml').write_text(yaml.safe_dump({'rosbag2_bagfile_information': whole}))
    return folder
