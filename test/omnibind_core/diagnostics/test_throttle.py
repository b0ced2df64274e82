"""One subject's warnings do not silence another's."""

from __future__ import annotations

from omnibind_core.diagnostics.throttle import Throttle


def test_each_subject_once_a_period() -> None:
    """From the first moment, at time 0 too."""
    throttle = Throttle(period=10)
    assert throttle.allows('camera', 0)
    assert not throttle.allows('camera', 9)
    assert throttle.allows('lidar', 9)
    assert throttle.allows('camera', 10)
    assert not throttle.allows('camera', 19)


def test_subjects_that_fell_silent_make_room() -> None:
    """256 are remembered; of more at once nothing is said."""
    throttle = Throttle(period=10)
    assert all(throttle.allows(f'{number}', 0) for number in range(256))
    assert not throttle.allows('one more', 5)
    assert throttle.allows('one more', 10)
