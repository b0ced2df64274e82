"""A bare subscriber that answers each message with an embedding: what DDS and rclpy cost alone.

    python -m omnibind_ros.live_benchmark.echo sensor_msgs/msg/Image TOPIC best_effort 1 256

The answer is as large as an encoder's. It is no part of the package's nodes.
"""

from __future__ import annotations

from array import array
import sys
from typing import Any

import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.qos import QoSProfile
from rclpy.qos import ReliabilityPolicy

from omnibind.msg import Embedding
from omnibind_ros.played_topic import message_class
from omnibind_ros.qos import EMBEDDINGS_QOS

ANSWERS = 'echo'  # the topic


def main() -> int:
    """Answer until a signal."""
    kind, topic, reliability, depth, dimension = sys.argv[1:]
    rclpy.init()
    node = rclpy.create_node('echo', namespace='/omnibind')
    publisher = node.create_publisher(Embedding, ANSWERS, EMBEDDINGS_QOS)
    clock = node.get_clock()
    answer = Embedding(
        sensor='echo',
        modality='image',
        space='0' * 64,
        model='0' * 64,
        vector=array('f', bytes(4 * int(dimension))),
    )

    def receive(_: Any) -> None:
        answer.received = clock.now().to_msg()
        publisher.publish(answer)

    quality = QoSProfile(depth=int(depth), reliability=ReliabilityPolicy[reliability.upper()])
    node.create_subscription(message_class(kind), topic, receive, quality)
    try:
        rclpy.spin(node)
    except (KeyboardInterrupt, ExternalShutdownException):
        return 0
    finally:
        rclpy.try_shutdown()
    return 0


if __name__ == '__main__':
    sys.exit(main())
