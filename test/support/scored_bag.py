"""A bag of a few seconds with two cameras, a truth, and what a robot said: written in no time."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
LATENCY = SECOND // 50
CAMERA = '/camera/image'
THERMAL = '/thermal/image'
ROOT = Path(__file__).resolve().parents[2]

#: Since when (s) what is there.
TRUTH = ((0.0, ''), (0.5, 'mug'), (1.5, 'chair'))


def scored_bag(
    folder: Path,
    *,
    seconds: float = 2.0,
    storage: str = 'mcap',
    compression: str = '',
    truth: Sequence[tuple[float, str]] = TRUTH,
    clock_off: Mapping[str, float] | None = None,
    said: Sequence[tuple[float, str]] = (),
    camera: str = 'sensor_msgs/msg/Image',
) -> Path:
    """Write a bag: a camera at 10 Hz and a thermal camera at 5 Hz, 20 ms from stamp to bag.

    :param storage: ``mcap`` or ``sqlite3``.
    :param compression: ``file``, ``message``, ``storage`` or ``''``: none.
    :param truth: empty: no such topic.
    :param clock_off: by how much (s) the stamps of a topic are ahead of the bag's time.
    :param said: recorded recognitions: when (s), and what; empty: abstained.
    :param camera: type that the camera's topic has; with another one its messages are empty.
    """
    from rosbags.rosbag2 import CompressionFormat
    from rosbags.rosbag2 import CompressionMode
    from rosbags.rosbag2 import StoragePlugin
    from rosbags.rosbag2 import Writer

    plugin = {'mcap': StoragePlugin.MCAP, 'sqlite3': StoragePlugin.SQLITE3}[storage]
    writer = Writer(folder, version=9, storage_plugin=plugin)
    if compression:
        writer.set_compression(CompressionMode[compression.upper()], CompressionFormat.ZSTD)
    messages = _Messages()
    off = {name: round(value * SECOND) for name, value in (clock_off or {}).items()}
    items: list[tuple[int, str, str, bytes]] = []
    for topic, rate, encoding, kind in (
        (CAMERA, 10, 'rgb8', camera),
        (THERMAL, 5, 'mono16', 'sensor_msgs/msg/Image'),
    ):
        for number in range(round(seconds * rate)):
            stamp = START + number * SECOND // rate
            header = messages.header(stamp + off.get(topic, 0))
            if kind == 'sensor_msgs/msg/Image':
                data = messages.image(header, encoding, number)
            else:
                data = messages.cdr('std_msgs/msg/String', data='no picture')
                kind = 'std_msgs/msg/String'
            items.append((stamp + LATENCY, topic, kind, data))
    for at, class_id in truth:
        stamp = START + round(at * SECOND)
        items.append(
            (stamp, '/truth', 'vision_msgs/msg/Classification', messages.truth(stamp, class_id))
        )
    for at, class_id in said:
        stamp = START + round(at * SECOND)
        items.append(
            (
                stamp + 50_000_000,
                '/omnibind/recognition',
                'omnibind/msg/Recognition',
                messages.recognition(stamp, class_id),
            )
        )
    with writer:
        connections: dict[str, Any] = {}
        for received, topic, kind, data in sorted(items):
            if topic not in connections:
                connections[topic] = writer.add_connection(topic, kind, typestore=messages.store)
            writer.write(connections[topic], received, data)
    return folder


class _Messages:
    """Serialised messages."""

    def __init__(self) -> None:
        from rosbags.typesys import get_types_from_msg

        from omnibind_core.data.message_definitions import message_store

        self.store = message_store()
        types: dict[str, Any] = {}
        for name in ('Contribution', 'Recognition'):
            text = (ROOT / 'msg' / f'{name}.msg').read_text()
            types.update(get_types_from_msg(text, f'omnibind/msg/{name}'))
        self.store.register(types)

    def make(self, name: str, **fields: Any) -> Any:
        return self.store.types[name](**fields)

    def cdr(self, name: str, **fields: Any) -> bytes:
        return bytes(self.store.serialize_cdr(self.make(name, **fields), name))

    def time(self, stamp: int) -> Any:
        seconds, nanoseconds = divmod(stamp, SECOND)
        return self.make('builtin_interfaces/msg/Time', sec=seconds, nanosec=nanoseconds)

    def header(self, stamp: int) -> Any:
        return self.make('std_msgs/msg/Header', stamp=self.time(stamp), frame_id='')

    def image(self, header: Any, encoding: str, number: int) -> bytes:
        """Noise that is never the same: bright, so that there is something to sense."""
        random = np.random.default_rng(number)
        width, height = 32, 24
        if encoding == 'mono16':
            counts = 29_500 + random.integers(0, 900, (height, width))
            pixels, depth = counts.astype('<u2').view(np.uint8).reshape(-1), 2
        else:
            pixels, depth = random.integers(0, 256, height * width * 3).astype(np.uint8), 3
        return self.cdr(
            'sensor_msgs/msg/Image',
            header=header,
            height=height,
            width=width,
            encoding=encoding,
            is_bigendian=0,
            step=width * depth,
            data=pixels,
        )

    def truth(self, stamp: int, class_id: str) -> bytes:
        results = [
            self.make('vision_msgs/msg/ObjectHypothesis', class_id=name, score=1.0)
            for name in ([class_id] if class_id else [])
        ]
        return self.cdr(
            'vision_msgs/msg/Classification', header=self.header(stamp), results=results
        )

    def recognition(self, stamp: int, class_id: str) -> bytes:
        part = self.make(
            'omnibind/msg/Contribution',
            sensor='camera',
            modality='image',
            stamp=self.time(stamp),
            held=False,
            informative=True,
            weight=1.0,
            class_id=class_id or 'mug',
            score=0.75,
        )
        return self.cdr(
            'omnibind/msg/Recognition',
            header=self.header(stamp),
            space='',
            labels_id='',
            class_ids=[class_id or 'mug'],
            scores=np.array([0.75], np.float32),
            calibrated=True,
            abstained=not class_id,
            closed_by='complete',
            window_start=self.time(stamp),
            window_end=self.time(stamp),
            contributions=[part],
            missing=[],
            embedding=np.zeros(0, np.float32),
        )


def robot_file(folder: Path, bundle: Path, **fusion: Any) -> Path:
    """The parameter file of the two cameras.

    :param fusion: parameters of the fusion.
    """
    import yaml

    blocks = {
        '/**': {'bundle': str(bundle)},
        '/**/camera': {'modality': 'image', 'topic': CAMERA},
        '/**/thermal': {'modality': 'thermal', 'topic': THERMAL},
        '/**/fusion': dict(fusion),
    }
    path = folder / 'robot.yaml'
    path.write_text(
        yaml.safe_dump({name: {'ros__parameters': one} for name, one in blocks.items()})
    )
    return path
