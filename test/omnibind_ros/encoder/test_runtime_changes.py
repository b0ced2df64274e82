"""Parameters that are changed while the node runs, and those that are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from encoder_rig import EncoderRig
from encoder_rig import lossless
from encoder_rig import RELIABLE
from noise_pictures import noise_picture
import pytest
from sensor_msgs.msg import Image

pytestmark = pytest.mark.usefixtures('ros_domain')

STEP = 20_000_000  # ns between stamps: 50 Hz


def stamp_of(message: Any) -> int:
    """Nanoseconds."""
    return int(message.header.stamp.sec * 10**9 + message.header.stamp.nanosec)


class Camera:
    """Publishes pictures 20 ms of stamps apart, each once the one before is counted."""

    def __init__(self, rig: EncoderRig) -> None:
        self.rig = rig
        self.publisher = rig.publisher(Image, qos=RELIABLE)
        now = rig.probe.node.get_clock().now().nanoseconds
        self.next = now // 10**9 * 10**9  # at the begin of a cell of any whole rate
        self.sent = 0

    def send(self, number: int) -> dict[str, int]:
        """Publish so many; what was counted for them."""
        before = dict(self.rig.counts)
        for _ in range(number):
            self.publisher.publish(noise_picture(self.next))
            self.next += STEP
            self.sent += 1
            self.rig.wait(lambda: self.rig.settled(self.sent), 'a picture to be counted')
        after = self.rig.counts
        return {name: after[name] - before.get(name, 0) for name in after}


def test_rate_offset_and_enabled_change_while_running(random_bundle: Path) -> None:
    """Each change holds from the next message on; nonsense and fixed parameters are refused."""
    with EncoderRig(
        random_bundle, modality='image', max_rate=10.0, diagnostics_period=0.02, **lossless('input')
    ) as rig:
        camera = Camera(rig)
        assert camera.send(50) == {'received': 50, 'encoded': 10, 'decimated': 40}

        assert rig.set(max_rate=0.0) == ''
        assert camera.send(5)['encoded'] == 5
        assert 'max_rate' in rig.set(max_rate=-1.0)

        assert rig.set(stamp_offset=-0.5) == ''
        newest = camera.next
        camera.send(1)
        rig.wait(lambda: stamp_of(rig.embeddings[-1]) == newest - 500_000_000, 'a corrected stamp')
        assert rig.set(stamp_offset=0.0) == ''

        assert rig.set(enabled=False) == ''
        counted = camera.send(5)
        assert (counted['disabled'], counted['encoded']) == (5, 0)
        rig.wait_level(0, 'disabled')
        assert rig.set(enabled=True) == ''
        counted = camera.send(5)
        assert (counted['disabled'], counted['encoded']) == (0, 5)

        for name, value in {
            'topic': 'other',
            'modality': 'thermal',
            'bundle': '/elsewhere',
            'backend': 'onnxruntime',
            'transport': 'compressed',
            'settings__roi': [0, 0, 8, 8],
        }.items():
            assert 'read-only' in rig.set(**{name: value}), name
        # A change is refused as a whole: the rate is not changed either.
        assert rig.set(max_rate=1.0, topic='other') != ''
        assert camera.send(5)['encoded'] == 5
        assert rig.process.stop() == 0


def test_only_the_region_of_interest_is_looked_at(random_bundle: Path) -> None:
    """A region outside the picture refuses it by name; stamps on arrival need no driver's."""
    with EncoderRig(
        random_bundle,
        modality='image',
        max_rate=0.0,
        stamp_source='arrival',
        settings__roi='[0, 0, 100, 10]',
        diagnostics_period=0.02,
        **lossless('input'),
    ) as rig:
        publisher = rig.publisher(Image, qos=RELIABLE)
        publisher.publish(noise_picture(0))
        rig.wait(lambda: rig.counts.get('refused roi') == 1, 'the refusal')
        large = noise_picture(0)
        large.width, large.height = 192, 16
        large.step = 576
        publisher.publish(large)
        rig.wait(lambda: rig.embeddings, 'an embedding')
        (embedding,) = rig.embeddings
        assert embedding.header.stamp == embedding.received
        assert embedding.received.sec > 1_000_000_000
        assert rig.process.stop() == 0
