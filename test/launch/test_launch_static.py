"""What can be said of the launch files without `launch`: it is not on PyPI."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest

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


def constant(path: Path, name: str) -> Any:
    """The value of a constant at the top of a launch file; others it refers to are put in."""
    tree = ast.parse(path.read_text())
    values = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }

    class PutIn(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return values[node.id]

    return ast.literal_eval(PutIn().visit(values[name]))


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


@BY_NAME
def test_every_argument_has_a_description_and_a_default_among_its_choices(path: Path) -> None:
    """`ros2 launch --show-args` reads like documentation."""
    arguments = constant(path, 'ARGUMENTS')
    choices = constant(path, 'CHOICES')
    defaults = {name: value for name, value, _ in arguments}
    assert len(defaults) == len(arguments)
    assert set(choices) <= set(defaults)
    for name, _, text in arguments:
        assert name.isidentifier()
        assert text.endswith('.')
        assert name not in choices or defaults[name] in choices[name]


def test_the_replay_passes_on_arguments_that_exist() -> None:
    """With the same meaning in both files."""
    theirs = {name: text for name, _, text in constant(ROBOT, 'ARGUMENTS')}
    ours = {name: text for name, _, text in constant(REPLAY, 'ARGUMENTS')}
    for name in constant(REPLAY, 'PASSED_ON'):
        assert ours[name] == theirs[name]
    assert {'use_sim_time', 'respawn'} <= set(theirs)


@BY_NAME
def test_files_named_are_shipped(path: Path) -> None:
    """Default parameter file, DDS profiles, and the launch file that is included."""
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
