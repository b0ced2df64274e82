"""Messages of a bag without ROS: `rosbags` deserialises, if need be by the bag's definitions."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from omnibind_core.data.bag_source import BagTopic
from omnibind_core.data.message_definitions import message_store
from omnibind_core.errors import UnavailableError

Decoder = Callable[[bytes], Any]


def decoder(topic: BagTopic) -> Decoder:
    """What makes a message-shaped object of serialised messages of a topic.

    :raises UnavailableError: the type is not known here, and the bag does not define it.
    """
    store, name = message_store(), topic.message
    if name not in store.types:
        if not topic.definition:
            raise UnavailableError(
                f'topic {topic.name} has the type {name}, which is not known here, and the bag '
                'carries no definition of it: record to MCAP, which does'
            )
        try:
            found = import_module('rosbags.typesys').get_types_from_msg(topic.definition, name)
            store.register({key: one for key, one in found.items() if key not in store.types})
        except Exception as error:  # the parser has its own, and a definition may be anything
            raise UnavailableError(
                f"topic {topic.name}: the bag's definition of {name} cannot be read: {error}"
            ) from error
    return lambda data: store.deserialize_cdr(data, name)
