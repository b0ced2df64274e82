"""A sensor's messages encoded in one process without ROS, by the functions that the node uses.

    python -m omnibind_ros.live_benchmark.local_encoder BUNDLE BAG PARAMETERS SENSOR COUNT

Reads the number of a message from standard input and prints how long it took, as JSON; ``null``
where it gave no embedding. Deserialising is the middleware's part and not timed.
"""

from __future__ import annotations

from dataclasses import replace
import json
from pathlib import Path
import sys
import time
from typing import Any

from rclpy.serialization import deserialize_message

from omnibind_core.configuration.robot import Encoder
from omnibind_core.configuration.robot import read_robot
from omnibind_core.diagnostics.reason_counts import ReasonCounts
from omnibind_core.errors import InputError
from omnibind_core.inference.recognizer import Recognizer
from omnibind_ros.encoder_node import beside
from omnibind_ros.live_benchmark.bag_messages import bag_messages
from omnibind_ros.live_benchmark.bag_messages import BagMessages
from omnibind_ros.sensor_encoder import SensorEncoder
from omnibind_ros.sensor_input import sensor_input
from omnibind_ros.stage.ros_process import ANSWER

BEGIN = 1_767_225_600_000_000_000
PARTS = ('decode', 'preprocess', 'encode')


class LocalEncoder:
    """Times one message after the other.

    :param sensor: whose parameters and settings count; every message is encoded.
    :param info: what says what the messages are, if something does.
    """

    def __init__(self, bundle: Path, sensor: Encoder, messages: BagMessages, info: Any) -> None:
        parameters = replace(sensor.parameters, max_rate=0.0)
        kind = parameters.modality
        recognizer = Recognizer.load(bundle, modalities=(kind,), fuse=False)
        recognizer.warm_up(kind)
        entry = sensor_input(kind, parameters.transport)
        source = entry.source(recognizer.specification(kind), sensor.settings)
        if info is not None:
            source.inform(info)
        self._encoder = SensorEncoder(
            name=sensor.name,
            parameters=parameters,
            settings=sensor.settings,
            source=source,
            recognizer=recognizer,
            counts=ReasonCounts(),
            error=lambda text: None,  # noqa: ARG005  stamps are those of the bag
        )
        self._messages = messages

    def time(self, number: int) -> dict[str, float] | None:
        """How long a message takes, ms, in all and by part; ``None``: it gives no embedding."""
        data = self._messages.paced(number, BEGIN)
        message = deserialize_message(data, self._messages.kind)
        received = time.time_ns()
        self._encoder.latencies.reset()
        begin = time.perf_counter_ns()
        try:
            reading = self._encoder.take(message, received)
            vector = None if reading is None else self._encoder.encode(reading)
        except InputError:
            return None
        end = time.perf_counter_ns()
        if vector is None:
            return None
        parts = self._encoder.latencies.quantiles(time.monotonic_ns())
        found = {part: parts[part].p50 / 1e6 for part in PARTS if part in parts}
        return {'total': (end - begin) / 1e6, **found}


def main() -> int:
    """Answer until the input ends."""
    bundle, bag, parameters, name, count = sys.argv[1:]
    robot = read_robot(Path(parameters), bundle=bundle)
    sensor = next(one for one in robot.encoders if one.name == name)
    topic = sensor.parameters.topic
    info: Any = None
    if sensor.parameters.modality == 'audio':
        where = sensor.parameters.info_topic or beside(topic, 'audio_info')
        latched = bag_messages(Path(bag), where, 1)
        info = deserialize_message(latched.data[0], latched.kind)
    messages = bag_messages(Path(bag), topic, int(count))
    encoder = LocalEncoder(Path(bundle), sensor, messages, info)
    print('ready', flush=True)
    for line in sys.stdin:
        print(f'{ANSWER}{json.dumps(encoder.time(int(line)))}', flush=True)
    return 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(0)
