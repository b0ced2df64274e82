"""The first seconds of the shipped bag, as a bag of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

BAG = Path(__file__).resolve().parents[2] / 'samples' / 'bag_lite'


def cut_bag(folder: Path, seconds: float) -> Path:
    """Copy what lies in them, message by message, with each topic's quality of service."""
    from rosbags.rosbag2 import Reader
    from rosbags.rosbag2 import StoragePlugin
    from rosbags.rosbag2 import Writer

    with (
        Reader(BAG) as reader,
        Writer(folder, version=9, storage_plugin=StoragePlugin.MCAP) as writer,
    ):
        copies: dict[int, Any] = {
            one.id: writer.add_connection(
                one.topic,
                one.msgtype,
                msgdef=one.msgdef.data,
                rihs01=one.digest,
                offered_qos_profiles=one.ext.offered_qos_profiles,
            )
            for one in reader.connections
        }
        stop = reader.start_time + round(seconds * 1e9)
        for one, received, data in reader.messages(stop=stop):
            writer.write(copies[one.id], received, data)
    return folder
