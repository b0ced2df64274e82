"""A running fusion node seen from outside: its topics, services, parameters, diagnostics."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
from fake_sensors import FakeSensor
from fake_sensors import Vectors
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from lifecycle_msgs.srv import GetState
from probe import Probe
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from ros_process import RosProcess

from omnibind.msg import Recognition
from omnibind.srv import SetLabels

# What becomes of a vector, and what is not decided yet.
_OUTCOMES = (
    'fresh',
    'superseded',
    'late',
    'duplicate',
    'disabled',
    'overflow',
    'flushed',
    'refused_sensor',
    'refused_space',
    'refused_stamp',
    'undecided',
)


class Fusion:
    """The process, seen from a probe."""

    def __init__(self, probe: Probe, process: RosProcess, vectors: Vectors) -> None:
        self.probe, self.process, self.vectors = probe, process, vectors
        self.recognitions = probe.listen(Recognition, 'recognition')
        self._reports = probe.listen(DiagnosticArray, '/diagnostics')
        self._sensors: list[FakeSensor] = []
        self._timers: list[Any] = []

    def sensor(self, name: str, modality: str = 'image', **options: Any) -> FakeSensor:
        """A fake sensor that the fusion node has already found."""
        made = FakeSensor(self.probe, self.vectors, name, modality, **options)
        self._sensors.append(made)
        self.probe.wait(made.matched, what=f'{name} to be matched')
        return made

    def unplug(self, sensor: FakeSensor) -> None:
        """End a sensor before the test is over."""
        self._sensors.remove(sensor)
        sensor.unplug()

    def every(self, period: float, action: Callable[[], object]) -> None:
        """Do something regularly, until the test is over."""
        self._timers.append(self.probe.every(period, action))

    def wait(self, condition: Callable[[], object], what: str = '', timeout: float = 60.0) -> None:
        """Wait; a failure shows what the process has printed."""
        try:
            self.probe.wait(condition, timeout, what)
        except AssertionError as error:
            raise AssertionError(f'{error}\n{self.process.output[-4000:]}') from None

    def set(self, **values: Any) -> str:
        """Change parameters together; the reason why not, or nothing."""
        request = SetParameters.Request(
            parameters=[
                Parameter(key, value=value).to_parameter_msg() for key, value in values.items()
            ]
        )
        results = self.probe.call(SetParameters, 'fusion/set_parameters', request).results
        return '; '.join(result.reason for result in results if not result.successful)

    def set_labels(self, labels: Sequence[str], prompt: str = '') -> SetLabels.Response:
        """Call the service."""
        request = SetLabels.Request(labels=list(labels), prompt=prompt)
        return self.probe.call(SetLabels, 'set_labels', request)

    def transition(self, number: int) -> bool:
        """A lifecycle transition; whether it succeeded."""
        request = ChangeState.Request(transition=Transition(id=number))
        return bool(self.probe.call(ChangeState, 'fusion/change_state', request).success)

    def state(self) -> int:
        """The lifecycle state's number."""
        answer = self.probe.call(GetState, 'fusion/get_state', GetState.Request())
        return int(answer.current_state.id)

    def reset(self) -> None:
        """Cleaned up, configured and activated again: no sensor is known."""
        for timer in self._timers:
            timer.cancel()
        for sensor in self._sensors:
            sensor.unplug()
        self._timers.clear()
        self._sensors.clear()
        for number in (
            Transition.TRANSITION_DEACTIVATE,
            Transition.TRANSITION_CLEANUP,
            Transition.TRANSITION_CONFIGURE,
            Transition.TRANSITION_ACTIVATE,
        ):
            assert self.transition(number)
        self.recognitions.clear()

    def report(self, condition: Callable[[dict[str, str]], object] | None = None) -> dict[str, str]:
        """The values of the first status from now on that fulfils a condition.

        ``level`` and ``message`` are among them.
        """
        self._reports.clear()
        found: dict[str, str] = {}

        def look() -> bool:
            for array in self._reports:
                for status in array.status:
                    values = _values(status)
                    ours = status.name == '/omnibind/fusion: fusion'
                    if ours and (not condition or condition(values)):
                        found.update(values)
                        return True
            return False

        self.wait(look, 'a status')
        return found


def account(values: dict[str, str]) -> tuple[int, int]:
    """Vectors received, and the sum of what became of them."""
    parts = [int(values[f'vectors {name}']) for name in _OUTCOMES]
    parts += [int(text) for key, text in values.items() if key.startswith('vectors malformed')]
    return int(values['vectors received']), sum(parts)


def _values(status: DiagnosticStatus) -> dict[str, str]:
    values = {pair.key: pair.value for pair in status.values}
    return {**values, 'level': str(status.level[0]), 'message': status.message}
