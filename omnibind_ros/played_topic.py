"""A bag's topics as publishers: the message's class, and the recorded quality of service."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from rclpy.exceptions import InvalidTopicNameException
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy
from rclpy.qos import HistoryPolicy
from rclpy.qos import QoSProfile
from rclpy.qos import ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions

from omnibind_core.data.bag_source import BagTopic
from omnibind_core.data.stamped_message import shifted
from omnibind_core.errors import UnavailableError


@dataclass(frozen=True)
class PlayedTopic:
    """One topic that is played.

    :param publisher: of serialised messages.
    :param stamped: whether each message begins with a header.
    :param latched: whether late subscribers are given the last ones.
    """

    publisher: Any
    stamped: bool
    latched: bool

    def publish(self, data: bytes, shift: int) -> None:
        """Publish a message as it was recorded, its stamp moved by ``shift`` ns."""
        self.publisher.publish(shifted(data, shift) if self.stamped else data)


def played_topic(node: Node, topic: BagTopic) -> PlayedTopic:
    """A publisher for a topic; ``qos_overrides`` may change its quality of service.

    :raises UnavailableError: the message's type is not installed, or the name is none for ROS 2.
    """
    kind = message_class(topic.message)
    fields = kind.get_fields_and_field_types()
    try:
        publisher = node.create_publisher(
            kind,
            topic.name,
            quality(topic),
            qos_overriding_options=QoSOverridingOptions.with_default_policies(),
        )
    except InvalidTopicNameException as error:
        raise UnavailableError(f'not a name for ROS 2: {error}') from error
    return PlayedTopic(
        publisher=publisher,
        stamped=next(iter(fields.values()), '') == 'std_msgs/Header',
        latched=topic.latched,
    )


def message_class(name: str) -> Any:
    """The class of a message type, ``sensor_msgs/msg/Image``.

    :raises UnavailableError: its package is not installed, or has no such message.
    """
    package, _, rest = name.partition('/')
    try:
        return getattr(import_module(f'{package}.msg'), rest.rpartition('/')[2])
    except ImportError:
        raise UnavailableError(f'the message package {package} is not installed') from None
    except AttributeError:
        raise UnavailableError(f'the installed message package {package} has no {name}') from None


def quality(topic: BagTopic) -> QoSProfile:
    """What the messages were offered with when they were recorded."""
    profile = QoSProfile(depth=topic.depth or 1)
    if not topic.depth:
        profile.history = HistoryPolicy.KEEP_ALL
    profile.reliability = (
        ReliabilityPolicy.RELIABLE if topic.reliable else ReliabilityPolicy.BEST_EFFORT
    )
    profile.durability = (
        DurabilityPolicy.TRANSIENT_LOCAL if topic.latched else DurabilityPolicy.VOLATILE
    )
    return profile
