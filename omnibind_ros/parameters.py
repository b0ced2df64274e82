"""ROS parameters from configuration dataclasses: descriptors, ranges, validation, live changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import Field
from dataclasses import fields
from dataclasses import MISSING
import json
from typing import Any
from typing import get_args
from typing import get_origin
from typing import get_type_hints
from typing import TypeVar

from rcl_interfaces.msg import FloatingPointRange
from rcl_interfaces.msg import IntegerRange
from rcl_interfaces.msg import ParameterDescriptor
from rcl_interfaces.msg import SetParametersResult
from rclpy.exceptions import ParameterUninitializedException
from rclpy.node import Node
from rclpy.parameter import Parameter

from omnibind_core.configuration.option import Option
from omnibind_core.configuration.option import option_of
from omnibind_core.configuration.reader import kind_name
from omnibind_core.configuration.reader import read
from omnibind_core.errors import ConfigError

T = TypeVar('T')

_SCALARS = {
    bool: Parameter.Type.BOOL,
    int: Parameter.Type.INTEGER,
    float: Parameter.Type.DOUBLE,
    str: Parameter.Type.STRING,
}
_ARRAYS = {
    bool: Parameter.Type.BOOL_ARRAY,
    int: Parameter.Type.INTEGER_ARRAY,
    float: Parameter.Type.DOUBLE_ARRAY,
    str: Parameter.Type.STRING_ARRAY,
}


def declare(node: Node, cls: type[Any], prefix: str = '') -> None:
    """Declare a parameter for each field of a configuration class.

    Text, unit, range and choices become the descriptor, so that ``ros2 param describe`` reads like
    the documentation; what is not ``live`` is read-only.

    :raises rclpy.exceptions.ParameterException: for an override of the wrong type or out of range.
    """
    hints = get_type_hints(cls)
    for item in fields(cls):
        kind = _ros_type(hints[item.name])
        described = option_of(item)
        default = _default(item)
        descriptor = _descriptor(described, hints[item.name], kind, default)
        name = f'{prefix}{item.name}'
        if default is MISSING or default == ():
            # rclpy takes an empty list for bytes and then refuses any other; it stays unset.
            node.declare_parameter(name, kind, descriptor)
        else:
            descriptor.type = kind.value
            value = list(default) if isinstance(default, tuple) else default
            node.declare_parameter(name, value, descriptor)


def read_parameters(node: Node, cls: type[T], prefix: str = '') -> T:
    """The declared parameters as an instance of the configuration class.

    :raises ConfigError: with every problem found.
    """
    given = _values(node, cls, prefix)
    return read(cls, given, source=f'parameters of {node.get_fully_qualified_name()}')


def on_change(node: Node, cls: type[T], apply: Callable[[T], None], prefix: str = '') -> None:
    """From now on validate changed parameters together, and apply them once they are set.

    A refusal names every problem. Nothing is applied unless everything is right, also what others
    have to say about the same change: parameters of another class, another callback of the node.

    :param apply: takes the whole configuration.
    """
    known = {f'{prefix}{item.name}' for item in fields(cls)}  # type: ignore[arg-type]

    def validate(parameters: list[Parameter[Any]]) -> SetParametersResult:
        ours = {
            parameter.name.removeprefix(prefix): parameter.value
            for parameter in parameters
            if parameter.name in known
        }
        if not ours:
            return SetParametersResult(successful=True)
        try:
            read(cls, {**_values(node, cls, prefix), **ours}, source='parameters')
        except ConfigError as error:
            reason = '; '.join(str(problem) for problem in error.problems)
            return SetParametersResult(successful=False, reason=reason)
        return SetParametersResult(successful=True)

    def changed(parameters: list[Parameter[Any]]) -> None:
        if any(parameter.name in known for parameter in parameters):
            apply(read_parameters(node, cls, prefix))

    node.add_on_set_parameters_callback(validate)
    node.add_post_set_parameters_callback(changed)


def _values(node: Node, cls: type[Any], prefix: str) -> dict[str, Any]:
    """What is set; the reader reports what is missing, beside all other problems."""
    given: dict[str, Any] = {}
    for item in fields(cls):
        try:
            value = node.get_parameter(f'{prefix}{item.name}').value
        except ParameterUninitializedException:
            value = None
        if value is not None:
            given[item.name] = value
    return given


def _default(item: Field[Any]) -> Any:
    if item.default is not MISSING:
        return item.default
    return MISSING if item.default_factory is MISSING else item.default_factory()


def _ros_type(hint: Any) -> Parameter.Type:
    if get_origin(hint) is tuple:
        return _ARRAYS[get_args(hint)[0]]
    return _SCALARS[hint]


def _told(default: Any) -> str:
    if default is MISSING:
        return 'required'
    return f'default: {json.dumps(default)}'


def _descriptor(
    described: Option, hint: Any, kind: Parameter.Type, default: Any
) -> ParameterDescriptor:
    allowed = described.allowed(kind_name(hint))
    descriptor = ParameterDescriptor(
        description=described.text,
        additional_constraints=f'allowed: {allowed}; {_told(default)}',
        read_only=not described.live,
    )
    low, high = described.minimum, described.maximum
    if low is not None or high is not None:
        if kind == Parameter.Type.DOUBLE:
            descriptor.floating_point_range = [
                FloatingPointRange(
                    from_value=-1e308 if low is None else float(low),
                    to_value=1e308 if high is None else float(high),
                )
            ]
        elif kind == Parameter.Type.INTEGER:
            descriptor.integer_range = [
                IntegerRange(
                    from_value=-(2**63) if low is None else int(low),
                    to_value=2**63 - 1 if high is None else int(high),
                )
            ]
    return descriptor
