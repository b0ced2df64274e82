"""The topics on which the fusion node says what it recognised."""

from __future__ import annotations

from typing import Any

from rclpy.lifecycle import LifecycleNode
from rclpy.qos import QoSProfile
from rclpy.qos_overriding_options import QoSOverridingOptions

from omnibind.msg import Labels
from omnibind.msg import Recognition
from omnibind_core.inference.label_bank import LabelBank
from omnibind_core.inference.recognition import Recognized
from omnibind_core.streaming.closed_window import ClosedWindow
from omnibind_ros.qos import LATCHED_QOS
from omnibind_ros.qos import RECOGNITION_QOS
from omnibind_ros.recognition_message import classification_message
from omnibind_ros.recognition_message import labels_message
from omnibind_ros.recognition_message import recognition_message


class RecognitionOutput:
    """Publishers of ``recognition``, ``classification`` and the latched ``labels``.

    ``classification`` is there only where ``vision_msgs`` is installed; a line in the log says so
    where it is not.
    """

    def __init__(self, node: LifecycleNode) -> None:
        self._node = node
        self._recognition = self._make(Recognition, 'recognition', RECOGNITION_QOS)
        self._labels = self._make(Labels, 'labels', LATCHED_QOS)
        self._classification: Any = None
        try:
            from vision_msgs.msg import Classification
        except ImportError:
            node.get_logger().info(
                'vision_msgs is not installed: nothing is published on classification'
            )
        else:
            self._classification = self._make(Classification, 'classification', RECOGNITION_QOS)

    def publish(
        self, window: ClosedWindow, recognized: Recognized, *, space: str, embedding: bool
    ) -> None:
        """See :func:`~omnibind_ros.recognition_message.recognition_message`."""
        self._recognition.publish(
            recognition_message(window, recognized, space=space, embedding=embedding)
        )
        # Who reads it only now and then should not cost those who read the recognition.
        if self._classification is not None and self._classification.get_subscription_count():
            self._classification.publish(classification_message(window, recognized))

    def publish_labels(self, labels: LabelBank) -> None:
        """Latch the labels in use; who subscribes later hears them too."""
        self._labels.publish(labels_message(labels, self._node.get_clock().now().to_msg()))

    def destroy(self) -> None:
        """Withdraw the publishers."""
        for publisher in (self._recognition, self._labels, self._classification):
            if publisher is not None:
                self._node.destroy_lifecycle_publisher(publisher)

    def _make(self, kind: type[Any], topic: str, qos: QoSProfile) -> Any:
        options = QoSOverridingOptions.with_default_policies()
        return self._node.create_lifecycle_publisher(
            kind, topic, qos, qos_overriding_options=options
        )
