"""An encoder process with a probe beside it: publish, listen, ask, look at its diagnostics."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.srv import ChangeState
from lifecycle_msgs.srv import GetState
from probe import Probe
from rcl_interfaces.srv import SetParametersAtomically
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile
from rclpy.qos import ReliabilityPolicy
from ros_process import ros_arguments
from ros_process import RosProcess

from omnibind.msg import Embedding
from omnibind_ros.qos import EMBEDDINGS_QOS

RELIABLE = QoSProfile(depth=1000, reliability=ReliabilityPolicy.RELIABLE)
BEST_EFFORT = QoSProfile(depth=50, reliability=ReliabilityPolicy.BEST_EFFORT)
SENSOR = 'sensor'


def lossless(topic: str) -> dict[str, Any]:
    """Overrides with which a subscription on this topic hears every message."""
    prefix = f'qos_overrides__/omnibind/{topic}__subscription'
    return {f'{prefix}__reliability': 'reliable', f'{prefix}__depth': 2000}


class EncoderRig:
    """One encoder named ``sensor``, hearing ``input``.

    :param bundle: of its model.
    :param parameters: of the node; diagnostics come five times a second.
    """

    def __init__(self, bundle: Path | str, **parameters: Any) -> None:
        self.probe = Probe()
        self.embeddings = self.probe.listen(Embedding, 'embeddings', EMBEDDINGS_QOS)
        self.statuses: list[Any] = self.probe.listen(DiagnosticArray, '/diagnostics', 50)
        given = {'diagnostics_period': 0.2, **parameters}
        self.process = RosProcess('encoder', *ros_arguments(node=SENSOR, bundle=bundle, **given))

    def publisher(self, kind: type[Any], topic: str = 'input', qos: Any = BEST_EFFORT) -> Any:
        """A publisher, once the encoder has been found by it."""
        publisher = self.probe.publisher(kind, topic, qos)
        self.probe.wait(publisher.get_subscription_count, what=f'a subscription of {topic}')
        return publisher

    @property
    def status(self) -> Any:
        """The newest status; ``None``: none yet."""
        return self.statuses[-1].status[0] if self.statuses else None

    @property
    def values(self) -> dict[str, str]:
        """Those of the newest status."""
        return {} if self.status is None else {one.key: one.value for one in self.status.values}

    @property
    def counts(self) -> dict[str, int]:
        """The outcomes of messages, by name, and ``received``."""
        prefix = 'count '
        return {
            key.removeprefix(prefix): int(value)
            for key, value in self.values.items()
            if key.startswith(prefix)
        }

    def settled(self, received: int) -> bool:
        """Whether so many messages have come and each has its outcome."""
        counts = self.counts
        total = counts.pop('received', 0)
        return total >= received and sum(counts.values()) == total

    def wait(self, condition: Callable[[], object], what: str, timeout: float = 30.0) -> None:
        """Wait for it, and show what the process said when it was in vain."""
        try:
            self.probe.wait(condition, timeout, what)
        except AssertionError as error:
            shown = '\n'.join(f'{key}: {value}' for key, value in self.values.items())
            message = '' if self.status is None else self.status.message
            raise AssertionError(
                f'{error}\n--- status: {message}\n{shown}\n--- output\n{self.process.output}'
            ) from None

    def wait_level(self, level: int, text: str, timeout: float = 30.0) -> Any:
        """Wait for a status of this level with this text; returns it."""

        def there() -> bool:
            one = self.status
            return one is not None and one.level == bytes([level]) and text in one.message

        self.wait(there, f'level {level} with {text!r}', timeout)
        return self.status

    def set(self, **values: Any) -> str:
        """Set parameters together; the reason of a refusal, or nothing."""
        parameters = [
            Parameter(name.replace('__', '.'), value=value).to_parameter_msg()
            for name, value in values.items()
        ]
        request = SetParametersAtomically.Request(parameters=parameters)
        service = f'{SENSOR}/set_parameters_atomically'
        result = self.probe.call(SetParametersAtomically, service, request).result
        return '' if result.successful else str(result.reason) or 'refused'

    def change_state(self, transition: int) -> bool:
        """Trigger a lifecycle transition; whether it succeeded."""
        request = ChangeState.Request()
        request.transition.id = transition
        return bool(self.probe.call(ChangeState, f'{SENSOR}/change_state', request).success)

    @property
    def state(self) -> str:
        """The label of the lifecycle state."""
        response = self.probe.call(GetState, f'{SENSOR}/get_state', GetState.Request())
        return str(response.current_state.label)

    def __enter__(self) -> EncoderRig:
        return self

    def __exit__(self, *error: Any) -> None:
        self.process.__exit__(*error)
        self.probe.__exit__(*error)
