"""What can be said of the launch files without `launch`: it is not on PyPI."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

from omnibind_ros.launch_arguments import LaunchArgument
from omnibind_ros.launch_arguments import PASSED_ON
from omnibind_ros.launch_arguments import REPLAY as REPLAYS
from omnibind_ros.launch_arguments import ROBOT as ROBOTS

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / 'launch').glob('*.launch.py'))
ROBOT, REPLAY = ROOT / 'launch' / 'omnibind.launch.py', ROOT / 'launch' / 'replay.launch.py'
SETUP = ConfigParser()
SETUP.read(ROOT / 'setup.cfg')
SCRIPTS = {
    line.split('=')[0].strip()
    for line in SETUP['options.entry_points']['console_scripts'].strip().splitlines()
}
BY_NAME = pytest.mark.parametrize('path', FILES, ids=lambda path: path.name)


def executables(path: Path) -> Iterator[str]:
    """What `executable=` names, and the first of each pair of `_executables`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.keyword) and node.arg == 'executable':
            if isinstance(node.value, ast.Constant):
                yield node.value.value
        elif isinstance(node, ast.FunctionDef) and node.name == '_executables':
            for pair in ast.walk(node):
                if isinstance(pair, ast.Tuple) and isinstance(pair.elts[0], ast.Constant):
                    yield pair.elts[0].value


def test_there_are_launch_files() -> None:
    """Or the tests below would pass for want of cases."""
    assert FILES == [ROBOT, REPLAY]


@BY_NAME
def test_it_compiles_and_defines_the_entry_point(path: Path) -> None:
    """`ros2 launch` calls `generate_launch_description`."""
    tree = ast.parse(path.read_text())
    compile(tree, str(path), 'exec')
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert 'generate_launch_description' in names


@pytest.mark.parametrize(
    ('path', 'expected'),
    [(ROBOT, {'encoder', 'fusion', 'perception'}), (REPLAY, {'bag_player'})],
    ids=lambda value: value.name if isinstance(value, Path) else '',
)
def test_every_executable_named_is_installed(path: Path, expected: set[str]) -> None:
    """All of these, each declared in setup.cfg."""
    assert set(executables(path)) == expected
    assert expected <= SCRIPTS


def names(arguments: Iterable[LaunchArgument]) -> list[str]:
    """In their order."""
    return [argument.name for argument in arguments]


@pytest.mark.parametrize('arguments', [ROBOTS, REPLAYS], ids=['robot', 'replay'])
def test_every_argument_has_a_description_and_a_default_among_its_choices(
    arguments: tuple[LaunchArgument, ...],
) -> None:
    """`ros2 launch --show-args` reads like documentation."""
    assert len(set(names(arguments))) == len(arguments)
    for name, default, text, choices in arguments:
        assert name.isidentifier()
        assert len(text) >= 20
        assert text.endswith('.')
        assert not choices or default in choices
        assert choices or default not in ('true', 'false')


@pytest.mark.parametrize(
    ('path', 'name', 'arguments'), [(ROBOT, 'ROBOT', ROBOTS), (REPLAY, 'REPLAY', REPLAYS)]
)
def test_each_file_declares_and_reads_its_own_arguments(
    path: Path, name: str, arguments: tuple[LaunchArgument, ...]
) -> None:
    """And reads nothing that it does not declare, nor declares what it never reads."""
    tree = ast.parse(path.read_text())
    calls = {
        node.func.id: node.args[0].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ('declared', 'given')
        and isinstance(node.args[0], ast.Name)
    }
    assert calls == {'declared': name, 'given': name}
    read = {
        node.slice.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == 'typed'
        and isinstance(node.slice, ast.Constant)
    }
    passed_on = set(PASSED_ON) if path == REPLAY else set()
    assert read | passed_on == set(names(arguments))


def test_the_replay_passes_on_arguments_that_exist() -> None:
    """With the same meaning in both files."""
    theirs = {argument.name: argument for argument in ROBOTS}
    ours = {argument.name: argument for argument in REPLAYS}
    for name in PASSED_ON:
        assert ours[name].text == theirs[name].text
        assert ours[name].choices == theirs[name].choices
    assert {'use_sim_time', 'respawn'} <= set(theirs)


@pytest.mark.parametrize('arguments', [ROBOTS, REPLAYS], ids=['robot', 'replay'])
def test_the_default_parameter_file_is_shipped(arguments: tuple[LaunchArgument, ...]) -> None:
    """By its name."""
    default = {argument.name: argument.default for argument in arguments}['params_file']
    assert (ROOT / 'config' / str(default)).is_file()


@BY_NAME
def test_files_named_are_shipped(path: Path) -> None:
    """DDS profiles, and the launch file that is included."""
    shipped = {file.name for folder in ('config', 'launch') for file in (ROOT / folder).rglob('*')}
    named = {
        node.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.endswith(('.yaml', '.xml', '.launch.py'))
        and ' ' not in node.value
    }
    assert named
    assert named <= shipped


def test_options_of_the_player_exist() -> None:
    """Every option that the replay gives is one of the bag player's."""
    pytest.importorskip('rclpy')  # whose package imports the options' neighbours
    from omnibind_ros.bag_player_options import parser

    known = {option for action in parser()._actions for option in action.option_strings}
    given = {
        node.value
        for node in ast.walk(ast.parse(REPLAY.read_text()))
        if isinstance(node, ast.Constant) and str(node.value).startswith('--')
    } - {'--log-level'}
    assert len(given) >= 8
    assert given <= known
