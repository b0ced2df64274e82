"""Lifecycle callbacks that raise: logged, told, and the node can be used again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import rclpy
from rclpy.context import Context
from rclpy.lifecycle import TransitionCallbackReturn

from omnibind_core.errors import InputError
from omnibind_ros.managed_node import ManagedNode

pytestmark = pytest.mark.usefixtures('ros_domain')

SUCCESS = TransitionCallbackReturn.SUCCESS
FAILURE = TransitionCallbackReturn.FAILURE
ERROR = TransitionCallbackReturn.ERROR


class Fragile(ManagedNode):
    """Raises what it is told to, where it is told to."""

    def __init__(self, context: Context) -> None:
        self.raising: dict[str, Exception] = {}
        self.called: list[str] = []
        super().__init__('fragile', context=context)

    def _call(self, name: str) -> None:
        self.called.append(name)
        if name in self.raising:
            raise self.raising[name]

    def configure(self) -> None:
        self._call('configure')

    def activate(self) -> None:
        self._call('activate')

    def deactivate(self) -> None:
        self._call('deactivate')

    def cleanup(self) -> None:
        self._call('cleanup')


@pytest.fixture
def node() -> Iterator[Fragile]:
    """A node in a context of its own."""
    context = Context()
    rclpy.init(context=context)
    node = Fragile(context)
    yield node
    node.raising.clear()
    node.end()
    rclpy.shutdown(context=context)


def test_a_refusal_is_one_sentence_and_undone(
    node: Fragile, capfd: pytest.CaptureFixture[str]
) -> None:
    """Configure and activate go back to where they came from."""
    node.raising['configure'] = InputError('bundle', 'none', 'one')
    assert node.trigger_configure() == FAILURE
    assert (node.phase, node.called) == ('unconfigured', ['configure', 'cleanup'])
    assert node.failure == 'configure refused: bundle: got none; allowed: one'
    assert 'Traceback' not in capfd.readouterr().err

    node.raising = {'activate': InputError('topic', 'none', 'one')}
    assert node.trigger_configure() == SUCCESS
    assert node.failure == ''
    assert node.trigger_activate() == FAILURE
    assert (node.phase, node.called[-2:]) == ('inactive', ['activate', 'deactivate'])
    node.raising = {}
    assert node.trigger_activate() == SUCCESS
    assert (node.phase, node.failure) == ('active', '')


def test_the_unforeseen_is_logged_with_its_traceback(
    node: Fragile, capfd: pytest.CaptureFixture[str]
) -> None:
    """rclpy itself would say nothing."""
    node.raising['configure'] = ZeroDivisionError('unforeseen')
    assert node.trigger_configure() == FAILURE
    logged = capfd.readouterr().err
    assert 'Traceback' in logged
    assert 'ZeroDivisionError: unforeseen' in logged
    assert node.failure == 'configure failed: ZeroDivisionError: unforeseen'


@pytest.mark.parametrize('name', ['deactivate', 'cleanup'])
def test_a_failing_end_of_work_goes_through_error_to_unconfigured(node: Fragile, name: str) -> None:
    """From there it can be configured again."""
    assert node.start()
    node.raising[name] = RuntimeError('stuck')
    if name == 'cleanup':
        assert node.trigger_deactivate() == SUCCESS
        assert node.trigger_cleanup() == ERROR
    else:
        assert node.trigger_deactivate() == ERROR
    assert node.phase == 'unconfigured'
    assert 'stuck' in node.failure
    node.raising = {}
    assert node.start()
    assert (node.phase, node.failure) == ('active', '')


def test_shutdown_frees_everything_even_when_something_fails(node: Fragile) -> None:
    """Whatever deactivate does, cleanup is called."""
    assert node.start()
    node.raising['deactivate'] = RuntimeError('stuck')
    assert node.trigger_shutdown() == SUCCESS
    assert node.called[-2:] == ['deactivate', 'cleanup']
    assert node.phase == 'finalized'
