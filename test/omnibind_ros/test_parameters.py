"""Parameters on a real node: descriptors from the configuration, and validation of changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from rcl_interfaces.msg import SetParametersResult
import rclpy
from rclpy.context import Context
from rclpy.node import Node
from rclpy.parameter import Parameter

from omnibind_core.configuration.option import option
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_ros.parameters import declare
from omnibind_ros.parameters import on_change
from omnibind_ros.parameters import read_parameters

pytestmark = pytest.mark.usefixtures('ros_domain')


@dataclass(frozen=True)
class Settings:
    """One field of each kind."""

    name: str = option(text='A name, required.')
    rate: float = option(1.0, 'A rate.', unit='Hz', minimum=0.0, maximum=10.0, live=True)
    count: int = option(2, 'A count.', minimum=1, live=True)
    mode: str = option('day', 'A mode.', choices=('day', 'night'), live=True)
    box: tuple[int, ...] = option((), 'A box.', live=True)
    fixed: bool = option(True, 'Not to be changed.')

    def __post_init__(self) -> None:
        if self.mode == 'night' and self.rate > 5:
            raise ConfigError('Settings', [Problem('rate', f'{self.rate:g}', '<= 5 at night')])


@pytest.fixture
def node() -> Iterator[Node]:
    """A node in a context of its own, with `name` given."""
    context = Context()
    rclpy.init(context=context)
    node = rclpy.create_node(
        'settings',
        context=context,
        parameter_overrides=[Parameter('x.name', value='front')],
    )
    declare(node, Settings, 'x.')
    yield node
    node.destroy_node()
    rclpy.shutdown(context=context)


def test_defaults_and_overrides_become_the_dataclass(node: Node) -> None:
    """An empty list keeps its type."""
    assert read_parameters(node, Settings, 'x.') == Settings(name='front')


def test_an_empty_list_may_be_filled(node: Node) -> None:
    """At the start and while running, and emptied again."""
    on_change(node, Settings, lambda _: None, 'x.')
    for value in ([1, 2], []):
        change = Parameter('x.box', Parameter.Type.INTEGER_ARRAY, value)
        assert node.set_parameters([change])[0].successful
        assert read_parameters(node, Settings, 'x.').box == tuple(value)


def test_descriptors_read_like_documentation(node: Node) -> None:
    """Text, range, and whether a change needs a restart."""
    rate = node.describe_parameter('x.rate')
    assert rate.description == 'A rate.'
    assert rate.additional_constraints == 'allowed: a number in [0, 10] Hz; default: 1.0'
    assert rate.floating_point_range[0].to_value == 10.0
    assert not rate.read_only
    assert node.describe_parameter('x.count').integer_range[0].from_value == 1
    assert node.describe_parameter('x.fixed').read_only
    assert "'day', 'night'" in node.describe_parameter('x.mode').additional_constraints


def test_changes_are_validated_together_and_applied(node: Node) -> None:
    """A choice that is none, a combination that is none, and one that is fine."""
    applied: list[Settings] = []
    on_change(node, Settings, applied.append, 'x.')

    def change(**values: object) -> str:
        parameters = [Parameter(f'x.{name}', value=value) for name, value in values.items()]
        result = node.set_parameters_atomically(parameters)
        return '' if result.successful else str(result.reason)

    assert "'day', 'night'" in change(mode='dusk')
    assert 'night' in change(mode='night', rate=8.0)
    assert change(rate=99.0)
    assert change(fixed=False)
    assert applied == []
    assert change(mode='night', rate=4.0) == ''
    assert applied == [Settings(name='front', mode='night', rate=4.0)]
    assert read_parameters(node, Settings, 'x.') == applied[0]


def test_a_change_that_another_refuses_is_not_applied(node: Node) -> None:
    """As an encoder's own parameters beside its sensor's settings: set together or not at all."""
    applied: list[Settings] = []
    allowed = False
    node.add_on_set_parameters_callback(lambda _: SetParametersResult(successful=allowed))
    on_change(node, Settings, applied.append, 'x.')
    assert not node.set_parameters_atomically([Parameter('x.rate', value=2.0)]).successful
    assert applied == []
    assert read_parameters(node, Settings, 'x.').rate == 1.0
    allowed = True
    assert node.set_parameters_atomically([Parameter('x.rate', value=2.0)]).successful
    assert applied == [Settings(name='front', rate=2.0)]


def test_a_required_parameter_without_a_value_is_named() -> None:
    """Beside every other problem."""
    context = Context()
    rclpy.init(context=context)
    node = rclpy.create_node('settings', context=context)
    try:
        declare(node, Settings)
        with pytest.raises(ConfigError, match='name: missing'):
            read_parameters(node, Settings)
    finally:
        node.destroy_node()
        rclpy.shutdown(context=context)


@pytest.mark.parametrize('block', ['/**', '/**/thermal', '/omnibind/thermal'])
def test_what_comes_later_on_the_command_line_wins(tmp_path: Path, block: str) -> None:
    """As docs/live.md says: whatever a block of the file is called."""
    file = tmp_path / 'robot.yaml'
    file.write_text(f'{block}:\n  ros__parameters:\n    rate: 1.0\n')
    in_file, typed = ['--params-file', str(file)], ['-p', 'rate:=2.0']
    for words, expected in (([*in_file, *typed], 2.0), ([*typed, *in_file], 1.0)):
        context = Context()
        rclpy.init(args=['--ros-args', *words], context=context)
        node = rclpy.create_node('thermal', namespace='/omnibind', context=context)
        try:
            assert node.declare_parameter('rate', 0.0).value == expected
        finally:
            node.destroy_node()
            rclpy.shutdown(context=context)
