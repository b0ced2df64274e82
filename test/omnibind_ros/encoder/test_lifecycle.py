"""Round trips through the lifecycle, and the end from each of its states."""

from __future__ import annotations

from pathlib import Path

from encoder_rig import EncoderRig
from lifecycle_msgs.msg import Transition
from noise_pictures import noise_picture
import pytest
from sensor_msgs.msg import Image

pytestmark = pytest.mark.usefixtures('ros_domain')

CONFIGURE, ACTIVATE = Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_ACTIVATE
DEACTIVATE, CLEANUP = Transition.TRANSITION_DEACTIVATE, Transition.TRANSITION_CLEANUP


def test_round_trips_encode_only_while_active(random_bundle: Path) -> None:
    """Three times; numbers begin anew with each activation, the counts go on."""
    with EncoderRig(random_bundle, modality='image', max_rate=0.0, autostart=False) as rig:
        publisher = rig.probe.publisher(Image, 'input')
        clock = rig.probe.node.get_clock()
        rig.probe.every(0.02, lambda: publisher.publish(noise_picture(clock.now().nanoseconds)))
        assert rig.state == 'unconfigured'
        rig.wait_level(0, 'unconfigured')
        encoded = 0
        for _ in range(3):
            assert rig.change_state(CONFIGURE)
            assert rig.state == 'inactive'
            rig.wait_level(0, 'inactive')
            assert publisher.get_subscription_count() == 0
            for _ in range(2):
                before = len(rig.embeddings)
                assert rig.change_state(ACTIVATE)
                rig.wait(lambda number=before: len(rig.embeddings) > number + 3, 'embeddings')
                numbers = [one.seq for one in rig.embeddings[before:]]
                assert numbers[:4] == [0, 1, 2, 3]
                assert rig.change_state(DEACTIVATE)
                rig.probe.wait(lambda: publisher.get_subscription_count() == 0)
            assert rig.change_state(CLEANUP)
            rig.wait_level(0, 'unconfigured')
            assert rig.counts['encoded'] > encoded
            encoded = rig.counts['encoded']
            # Whatever was under way has its outcome.
            assert rig.settled(encoded)
        assert not rig.change_state(ACTIVATE)  # not configured: rclpy would die of it
        assert rig.state == 'unconfigured'
        assert rig.process.stop() == 0
        assert 'Traceback' not in rig.process.output


@pytest.mark.parametrize('steps', [[], [CONFIGURE], [CONFIGURE, ACTIVATE]])
def test_shutdown_from_each_state(random_bundle: Path, steps: list[int]) -> None:
    """The process stays, says so, and ends with 0."""
    transition = {
        0: Transition.TRANSITION_UNCONFIGURED_SHUTDOWN,
        1: Transition.TRANSITION_INACTIVE_SHUTDOWN,
        2: Transition.TRANSITION_ACTIVE_SHUTDOWN,
    }[len(steps)]
    with EncoderRig(random_bundle, modality='image', autostart=False) as rig:
        for step in steps:
            assert rig.change_state(step)
        assert rig.change_state(transition)
        assert rig.state == 'finalized'
        rig.wait_level(0, 'finalized')
        assert rig.process.stop() == 0
        assert 'Traceback' not in rig.process.output


def test_a_refused_configuration_is_an_error_until_it_succeeds(
    random_bundle: Path, tmp_path: Path
) -> None:
    """The reason stands in diagnostics; with the bundle in place the same node works."""
    bundle = tmp_path / 'bundle'
    with EncoderRig(bundle, modality='image', autostart=True) as rig:
        status = rig.wait_level(2, 'configure refused')
        assert 'bundle' in status.message
        bundle.symlink_to(random_bundle)
        assert rig.change_state(CONFIGURE)
        rig.wait_level(0, 'inactive')
        assert rig.process.stop() == 0
