"""``vision_msgs/Classification``: what is there, said at each change."""

from __future__ import annotations

from omnibind_core.simulation.bag.writers.messages import Messages


def classification(messages: Messages, stamp: int, class_id: str) -> bytes:
    """A serialised message.

    :param stamp: since when it holds, ns of ROS time.
    :param class_id: ``''``: nothing is there, no results.
    """
    results = [
        messages.make('vision_msgs/msg/ObjectHypothesis', class_id=name, score=1.0)
        for name in ([class_id] if class_id else [])
    ]
    return messages.serialised(
        'vision_msgs/msg/Classification', header=messages.header(stamp, ''), results=results
    )
