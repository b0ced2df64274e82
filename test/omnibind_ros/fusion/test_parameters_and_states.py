"""Parameters that change while it runs, and lifecycle round trips."""

from __future__ import annotations

from fusion_process import Fusion
from lifecycle_msgs.msg import State
from lifecycle_msgs.msg import Transition
from rcl_interfaces.srv import DescribeParameters


def test_live_parameters_are_checked_and_obeyed(fusion: Fusion) -> None:
    """Out of range, neither one nor the other, or in need of a restart: refused with reasons."""
    fusion.sensor('camera').start(20)
    fusion.wait(lambda: len(fusion.recognitions) > 3)
    assert 'range' in fusion.set(top_k=0)
    assert fusion.set(window=-1.0) != ''
    assert '-1 (automatic)' in fusion.set(hold=-0.5)
    assert 'read-only' in fusion.set(bundle='/elsewhere')
    assert 'read-only' in fusion.set(sync='exact')
    assert fusion.set(abstain_below=2.0) != ''
    assert fusion.set(top_k=2, publish_embedding=True, abstain_below=1.0) == ''
    fusion.recognitions.clear()
    fusion.wait(lambda: fusion.recognitions and len(fusion.recognitions[-1].embedding) == 256)
    last = fusion.recognitions[-1]
    assert len(last.class_ids) == 2
    assert last.abstained
    assert fusion.set(top_k=5, publish_embedding=False, abstain_below=0.0) == ''
    assert fusion.set(max_rate=2.0) == ''
    fusion.report(lambda found: int(found['windows unpublished']) >= 10)
    assert fusion.set(max_rate=0.0, max_wait=0.0, window=0.05, hold=0.0) == ''
    fusion.recognitions.clear()
    fusion.wait(lambda: len(fusion.recognitions) > 3)
    length = (
        fusion.recognitions[-1].window_end.nanosec - fusion.recognitions[-1].window_start.nanosec
    )
    assert length % 1_000_000_000 == 50_000_000
    assert fusion.set(max_wait=0.15, window=0.08, hold=-1.0) == ''


def test_every_parameter_describes_itself(fusion: Fusion) -> None:
    """With a text, and whether it needs a restart."""
    request = DescribeParameters.Request(names=['window', 'sync', 'disabled_sensors'])
    answer = fusion.probe.call(DescribeParameters, 'fusion/describe_parameters', request)
    window, sync, disabled = answer.descriptors
    assert window.floating_point_range[0].to_value == 10.0
    assert sync.read_only and not window.read_only and not disabled.read_only
    assert all(one.description for one in answer.descriptors)


def test_three_round_trips_and_a_pause(fusion: Fusion) -> None:
    """Inactive it is silent and says so; active again it goes on, with nothing of before held."""
    camera = fusion.sensor('camera')
    camera.start(20)
    for _ in range(3):
        fusion.wait(lambda: fusion.recognitions, 'a recognition')
        assert fusion.transition(Transition.TRANSITION_DEACTIVATE)
        assert fusion.state() == State.PRIMARY_STATE_INACTIVE
        fusion.recognitions.clear()
        assert fusion.report()['state'] == 'inactive'
        assert not fusion.recognitions
        assert fusion.transition(Transition.TRANSITION_CLEANUP)
        assert fusion.report()['state'] == 'unconfigured'
        assert fusion.transition(Transition.TRANSITION_CONFIGURE)
        assert fusion.transition(Transition.TRANSITION_ACTIVATE)
        fusion.recognitions.clear()
    fusion.wait(lambda: fusion.recognitions, 'a recognition')
