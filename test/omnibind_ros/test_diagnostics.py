"""A status on /diagnostics: as a message, on time, and when it cannot be told."""

from __future__ import annotations

from collections.abc import Iterator
import time

from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
from probe import Probe
import pytest

from omnibind_core.diagnostics.status import Level
from omnibind_core.diagnostics.status import Status
from omnibind_ros.diagnostics import DiagnosticsPublisher
from omnibind_ros.diagnostics import to_message

pytestmark = pytest.mark.usefixtures('ros_domain')


@pytest.fixture
def probe() -> Iterator[Probe]:
    """A node that publishes and listens."""
    with Probe() as one:
        yield one


def test_levels_are_bytes_and_those_of_the_message() -> None:
    """A common mistake: the field is one byte, not a number."""
    assert [bytes([level]) for level in Level] == [
        DiagnosticStatus.OK,
        DiagnosticStatus.WARN,
        DiagnosticStatus.ERROR,
        DiagnosticStatus.STALE,
    ]
    message = to_message(Status(Level.WARN, 'slow', {'b': '1', 'a': '2'}), 'camera: encoder', 'id')
    assert (message.level, message.message) == (DiagnosticStatus.WARN, 'slow')
    assert (message.name, message.hardware_id) == ('camera: encoder', 'id')
    assert [(one.key, one.value) for one in message.values] == [('b', '1'), ('a', '2')]


def test_it_comes_every_period_and_stops_when_told(probe: Probe) -> None:
    """With the steady time; a period of 0 is silence until somebody asks."""
    asked: list[int] = []

    def status(now: int) -> Status:
        asked.append(now)
        return Status(Level.OK, f'{len(asked)}')

    heard = probe.listen(DiagnosticArray, '/diagnostics')
    one = DiagnosticsPublisher(probe.node, 'node: part', status, 0.05)
    probe.wait(lambda: len(heard) >= 3)
    probe.run(lambda: one.set_period(0.0))
    assert abs(asked[-1] - time.monotonic_ns()) < 60 * 10**9
    assert asked == sorted(set(asked))
    one.publish()
    number = len(asked)
    probe.wait(lambda: any(message.status[0].message == f'{number}' for message in heard))
    assert heard[-1].header.stamp.sec > 0
    probe.run(one.destroy)


def test_the_same_period_again_delays_nothing(probe: Probe) -> None:
    """As when other parameters of the node are changed all the time."""
    one = DiagnosticsPublisher(probe.node, 'node: part', lambda _: Status(Level.OK, ''), 0.5)
    heard = probe.listen(DiagnosticArray, '/diagnostics')
    timer = probe.every(0.01, lambda: one.set_period(0.5))
    probe.wait(lambda: len(heard) >= 2)
    timer.cancel()
    probe.run(one.destroy)


def test_a_status_that_cannot_be_told_is_an_error(
    probe: Probe, capfd: pytest.CaptureFixture[str]
) -> None:
    """It must never end the node."""

    def status(now: int) -> Status:
        raise ZeroDivisionError('no rate')

    heard = probe.listen(DiagnosticArray, '/diagnostics')
    one = DiagnosticsPublisher(probe.node, 'node: part', status, 0.02)
    probe.wait(lambda: len(heard) >= 3)
    assert heard[0].status[0].level == DiagnosticStatus.ERROR
    assert heard[0].status[0].message == 'no status: ZeroDivisionError: no rate'
    probe.run(one.destroy)
    assert capfd.readouterr().err.count('Traceback') == 1  # throttled
