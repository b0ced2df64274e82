"""Serialised messages into a bag: an MCAP file compressed by zstd, written by rosbags."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
import shutil
import tempfile
from typing import Any

from omnibind_core.simulation.bag.errors import BagError
from omnibind_core.simulation.bag.topics import LATCHED
from omnibind_core.simulation.bag.topics import SENSORS

_METADATA_VERSION = 9  # what rosbag2 has written since Jazzy
# What rosbag2 writes for "never": the longest time that fits 63 bits of nanoseconds.
_FOREVER = (9_223_372_036, 854_775_807)


@dataclass(frozen=True)
class Recorded:
    """One message.

    :param received: ns of ROS time: the bag's time of it.
    :param topic: of :mod:`~omnibind_core.simulation.bag.topics`.
    :param data: CDR.
    """

    received: int
    topic: str
    data: bytes


def refuse_taken(out: Path) -> None:
    """Stop early where something is already.

    :raises BagError: there is.
    """
    if out.exists():
        raise BagError(f'{out} exists already; choose another folder or remove it')


def write_bag(
    out: Path,
    recorded: Iterable[Recorded],
    store: Any,
    *,
    remarks: Mapping[str, str],
    beside: Mapping[str, str],
) -> None:
    """Write a bag's folder, completely or not at all.

    The same messages give the same bytes: nothing in the folder tells when it was written.

    :param out: the folder, which must not exist; its name becomes the name of the MCAP file.
    :param recorded: in any order; messages received at the same time are in the order of topics.
    :param store: of message types.
    :param remarks: for the bag's own ``custom_data``.
    :param beside: further files of text by name.
    :raises BagError: the folder exists.
    :raises OSError: as usual, for example for a full disk; nothing is left behind.
    """
    refuse_taken(out)
    writer_module = import_module('rosbags.rosbag2')
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f'.{out.name}.', dir=out.parent))
    try:
        folder = draft / out.name
        writer = writer_module.Writer(
            folder,
            version=_METADATA_VERSION,
            storage_plugin=writer_module.StoragePlugin.MCAP,
        )
        writer.set_compression(
            writer_module.CompressionMode.STORAGE, writer_module.CompressionFormat.ZSTD
        )
        for key, value in remarks.items():
            writer.set_custom_data(key, value)
        with writer:
            connections = _connections(writer, store)
            order = {topic: number for number, topic in enumerate(connections)}
            for item in sorted(recorded, key=lambda item: (item.received, order[item.topic])):
                writer.write(connections[item.topic], item.received, item.data)
        for name, text in beside.items():
            (folder / name).write_text(text, encoding='utf-8')
        folder.rename(out)
    finally:
        with suppress(OSError):  # what matters has been raised or moved by now
            shutil.rmtree(draft)


def _connections(writer: Any, store: Any) -> dict[str, Any]:
    """All topics, in a fixed order."""
    interfaces = import_module('rosbags.interfaces')
    sensor = _quality(interfaces, depth=5, reliability='BEST_EFFORT', durability='VOLATILE')
    latched = _quality(interfaces, depth=1, reliability='RELIABLE', durability='TRANSIENT_LOCAL')
    topics = [(topic, message, latched) for topic, message in LATCHED]
    topics += [(item.topic, item.message, sensor) for item in SENSORS]
    return {
        topic: writer.add_connection(
            topic, message, typestore=store, offered_qos_profiles=[quality]
        )
        for topic, message, quality in topics
    }


def _quality(interfaces: Any, *, depth: int, reliability: str, durability: str) -> Any:
    """What a publisher offers, as rosbag2 records it."""
    forever = interfaces.QosTime(*_FOREVER)
    return interfaces.Qos(
        interfaces.QosHistory.KEEP_LAST,
        depth,
        interfaces.QosReliability[reliability],
        interfaces.QosDurability[durability],
        forever,
        forever,
        interfaces.QosLiveliness.AUTOMATIC,
        forever,
        False,
    )
