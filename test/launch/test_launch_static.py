"""What can be said of the launch files without `launch`: it is not on PyPI."""

from __future__ import annotations

import ast
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / 'launch').glob('*.launch.py'))
SETUP = ConfigParser()
SETUP.read(ROOT / 'setup.cfg')
SCRIPTS = {
    line.split('=')[0].strip()
    for line in SETUP['options.entry_points']['console_scripts'].strip().splitlines()
}


def test_there_are_launch_files() -> None:
    """Or the tests below would pass for want of cases."""
    assert [path.name for path in FILES] == ['omnibind.launch.py']


@pytest.mark.parametrize('path', FILES, ids=lambda path: path.name)
def test_it_compiles_and_defines_the_entry_point(path: Path) -> None:
    """`ros2 launch` calls `generate_launch_description`."""
    tree = ast.parse(path.read_text())
    compile(tree, str(path), 'exec')
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert 'generate_launch_description' in names


@pytest.mark.parametrize('path', FILES, ids=lambda path: path.name)
def test_every_executable_named_is_installed(path: Path) -> None:
    """The first of each pair that is started, and whatever `executable=` names."""
    tree = ast.parse(path.read_text())
    named = {
        element.elts[0].value
        for element in ast.walk(tree)
        if isinstance(element, ast.Tuple)
        and len(element.elts) == 2
        and isinstance(element.elts[0], ast.Constant)
    }
    named |= {
        keyword.value.value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == 'executable' and isinstance(keyword.value, ast.Constant)
    }
    assert named
    assert named <= SCRIPTS


@pytest.mark.parametrize('path', FILES, ids=lambda path: path.name)
def test_every_argument_has_a_description(path: Path) -> None:
    """`ros2 launch --show-args` reads like documentation."""
    tree = ast.parse(path.read_text())
    (table,) = (
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], 'id', '') == 'ARGUMENTS'
    )
    for name, _, text in ast.literal_eval(table):
        assert name.isidentifier()
        assert text.endswith('.')
