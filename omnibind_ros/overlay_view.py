"""The topic ``overlay``: drawn only for whoever looks, and never in the way of recognitions."""

from __future__ import annotations

from collections.abc import Callable
import threading
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rclpy.lifecycle import LifecycleNode
from rclpy.qos import QoSProfile
from rclpy.qos import ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions
from sensor_msgs.msg import CompressedImage
from sensor_msgs.msg import Image

from omnibind_core.configuration.parameters import FusionParameters
from omnibind_core.errors import InputError
from omnibind_core.overlay.content import Overlay
from omnibind_core.overlay.draw import draw_overlay
from omnibind_core.streaming.latest_worker import LatestWorker
from omnibind_ros.conversions.channels import to_rgb
from omnibind_ros.conversions.compressed_image import decode_compressed_image
from omnibind_ros.conversions.image import decode_image
from omnibind_ros.conversions.image_writer import encode_image
from omnibind_ros.picture_listener import PictureListener

_QOS = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE)
WARN_EVERY = 5.0  # seconds


class OverlayView:
    """Draws on a thread of its own, at most ``overlay_rate`` times a second.

    :param node: whose topic it is.
    :param parameters: of the fusion node.
    """

    def __init__(self, node: LifecycleNode, parameters: FusionParameters) -> None:
        self._node = node
        self._topic = ''
        if parameters.overlay_topic:
            self._topic = node.resolve_topic_name(parameters.overlay_topic)
        self._compressed = parameters.overlay_transport == 'compressed'
        self.set_rate(parameters.overlay_rate)
        self._publisher = node.create_lifecycle_publisher(
            Image,
            'overlay',
            _QOS,
            qos_overriding_options=QoSOverridingOptions.with_default_policies(),
        )
        self._worker: LatestWorker[Overlay] | None = None
        self._listener: PictureListener | None = None
        if self._topic:
            kind = CompressedImage if self._compressed else Image
            self._listener = PictureListener(node, kind, self._topic)
        self._drawn = 0

    def set_rate(self, rate: float) -> None:
        """Draw at most this often, Hz."""
        self._period = round(1e9 / rate)

    def look(self) -> None:
        """Begin when somebody subscribes, and end when nobody does any more; call it regularly."""
        watched = self._publisher.get_subscription_count() > 0
        if watched and self._worker is None:
            self._worker = LatestWorker(
                self._draw, failed=self._failed, name='overlay', hand_over=0.0
            )
            if self._listener is not None:
                self._listener.start()
        elif not watched and self._worker is not None:
            worker, self._worker = self._worker, None
            if self._listener is not None:
                self._listener.stop()
            # Waiting for it to end would hold up recognitions.
            threading.Thread(target=worker.stop, daemon=True).start()

    def offer(self, make: Callable[[], Overlay]) -> None:
        """Draw this, if it is time for a new one; ``make`` is called only then."""
        now = time.monotonic_ns()
        if self._worker is not None and now - self._drawn >= self._period:
            self._drawn = now
            self._worker.put(make())

    @property
    def idle_for(self) -> float:
        """Seconds since something was drawn."""
        return (time.monotonic_ns() - self._drawn) / 1e9

    def stop(self) -> None:
        """Draw no more, and wait for what is under way."""
        worker, self._worker = self._worker, None
        if self._listener is not None:
            self._listener.stop()
        if worker is not None:
            worker.stop()

    def destroy(self) -> None:
        """Stop, and withdraw the publisher."""
        self.stop()
        if self._listener is not None:
            self._listener.destroy()
        self._node.destroy_lifecycle_publisher(self._publisher)

    def _draw(self, overlay: Overlay) -> None:
        message = encode_image(Image, draw_overlay(self._picture(), overlay))
        message.header.stamp = self._node.get_clock().now().to_msg()
        self._publisher.publish(message)

    def _picture(self) -> NDArray[np.uint8] | None:
        listener = self._listener
        message: Any = None if listener is None else listener.newest
        if message is None:
            return None
        decode = decode_compressed_image if self._compressed else decode_image
        try:
            return to_rgb(_eight_bits(decode(message)))
        except InputError as error:
            self._node.get_logger().warning(
                f'picture of {self._topic} refused: {error}', throttle_duration_sec=WARN_EVERY
            )
            return None

    def _failed(self, error: Exception) -> None:
        if self._node.context.ok():
            self._node.get_logger().warning(
                f'no overlay: {type(error).__name__}: {error}', throttle_duration_sec=WARN_EVERY
            )


def _eight_bits(picture: NDArray[Any]) -> NDArray[Any]:
    """A picture of deeper values (thermal), stretched between its extremes for the eye."""
    if picture.dtype == np.uint8:
        return picture
    values = np.nan_to_num(picture.astype(np.float32), posinf=0.0, neginf=0.0)
    low, high = float(values.min(initial=0)), float(values.max(initial=0))
    if values.size:
        low, high = (float(value) for value in np.percentile(values, (1, 99)))
    scaled = (values - low) / max(high - low, 1e-6) * 255
    return np.clip(scaled, 0, 255).astype(np.uint8)
