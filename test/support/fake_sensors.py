"""Encoders that only pretend: they publish embeddings of the shipped bundle's space, on time."""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import Any

import numpy as np
from probe import Probe
import rclpy
from rclpy.event_handler import PublisherEventCallbacks

from omnibind.msg import Embedding
from omnibind_core.inference.bundle import open_bundle
from omnibind_ros.conversions.stamp import ns_to_stamp
from omnibind_ros.qos import EMBEDDINGS_QOS

BUNDLE = Path(__file__).resolve().parents[2] / 'bundles' / 'omnihome'


class Vectors:
    """Vectors that look like what the bundle's encoders make of things of a class."""

    def __init__(self, folder: Path = BUNDLE) -> None:
        bundle = open_bundle(folder)
        self.space = bundle.manifest.space
        self.labels = bundle.labels()
        self._random = np.random.default_rng(0)

    def of(self, class_id: str, noise: float = 0.3) -> array[float]:
        """The class's label, with noise of this length in a random direction."""
        label = self.labels.embeddings[self.labels.index(class_id)]
        random = self._random.standard_normal(label.shape)
        vector = label + noise * random / np.linalg.norm(random)
        unit = (vector / np.linalg.norm(vector)).astype(np.float32)
        return array('f', unit.tobytes())


class FakeSensor:
    """A node of a sensor's name, with a publisher of embeddings, in the probe's process.

    :param latency: stamps lie this long before the publication, seconds.
    """

    def __init__(
        self,
        probe: Probe,
        vectors: Vectors,
        name: str,
        modality: str = 'image',
        *,
        class_id: str = 'cup',
        latency: float = 0.005,
        informative: bool = True,
        namespace: str = '/omnibind',
    ) -> None:
        self.name, self.modality, self.class_id = name, modality, class_id
        self.latency, self.informative = latency, informative
        self.sent = 0
        self._probe, self._vectors = probe, vectors
        self.node = rclpy.create_node(name, namespace=namespace, context=probe.context)
        probe.add_node(self.node)
        self.publisher = self.node.create_publisher(
            Embedding,
            'embeddings',
            EMBEDDINGS_QOS,
            event_callbacks=PublisherEventCallbacks(matched=probe.notice),
        )
        self._timer: Any = None

    def matched(self) -> bool:
        """Whether the fusion node hears it."""
        return self.publisher.get_subscription_count() > 0

    def message(self, **changes: Any) -> Embedding:
        """The next embedding, stamped now minus the latency; ``stamp`` (ns) replaces that."""
        now = self._probe.now()
        message = Embedding(
            sensor=self.name,
            modality=self.modality,
            space=self._vectors.space,
            model='fake',
            seq=self.sent,
            encode_ms=1.5,
            informative=self.informative,
            vector=self._vectors.of(self.class_id),
        )
        stamp = changes.pop('stamp', now - round(self.latency * 1e9))
        _set(message.header.stamp, stamp)
        _set(message.received, stamp + round(self.latency * 0.5e9))
        for name, value in changes.items():
            setattr(message, name, value)
        return message

    def send(self, **changes: Any) -> Embedding:
        """Publish one; see :meth:`message`."""
        message = self.message(**changes)
        self.publisher.publish(message)
        self.sent += 1
        self._probe.notice(message)
        return message

    def start(self, rate: float) -> None:
        """Publish regularly, Hz."""
        self.pause()
        self._timer = self.node.create_timer(1 / rate, self.send)

    def pause(self) -> None:
        """Fall silent; the publisher stays."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def unplug(self) -> None:
        """Be gone: the node, and the publisher with it."""
        self.pause()
        self._probe.remove_node(self.node)
        self._probe.run(self.node.destroy_node)


def _set(stamp: Any, nanoseconds: int) -> None:
    stamp.sec, stamp.nanosec = ns_to_stamp(nanoseconds)
