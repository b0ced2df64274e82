"""`omnibind check-config`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tiny_bundle import make

from omnibind_core.cli.main import main
from omnibind_core.modalities.registry import SENSOR_NAMES

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = ROOT / 'config' / 'robot.yaml'


def test_the_shipped_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Lists the sensors; writes JSON for machines."""
    target = tmp_path / 'robot.json'
    assert main(['check-config', str(SHIPPED), '--json', str(target)]) == 0
    output = capsys.readouterr().out
    robot = json.loads(target.read_text())
    assert f'valid, {len(robot["encoders"])} sensors' in output
    for encoder in robot['encoders']:
        assert encoder['name'] in output


def test_problems_are_listed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """All of them, on stderr, exit code 1."""
    path = tmp_path / 'robot.yaml'
    path.write_text('/**/a: {ros__parameters: {modality: image, bundle: b, max_rate: x, tpic: y}}')
    assert main(['check-config', str(path)]) == 1
    error = capsys.readouterr().err
    assert '2 problems' in error
    assert 'a.max_rate' in error
    assert 'a.tpic' in error


def test_explain_describes_every_parameter(capsys: pytest.CaptureFixture[str]) -> None:
    """Every modality's settings, with text and range."""
    assert main(['check-config', '--explain']) == 0
    output = capsys.readouterr().out
    for name in SENSOR_NAMES:
        assert f'settings.* of modality {name}' in output
    assert 'max_rate: a number in [0, 1000] Hz' in output
    assert 'may be changed while running' in output


def test_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong command line is exit code 2."""
    assert main(['check-config']) == 2
    assert 'name a file' in capsys.readouterr().err


def test_every_sensor_has_a_model(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """In the bundle that will be used, which need not be named in the file."""
    bundle = make(tmp_path / 'bundle', modalities=('image',))
    path = tmp_path / 'robot.yaml'
    path.write_text(
        '/**/eye: {ros__parameters: {modality: image, topic: a}}\n'
        '/**/ear: {ros__parameters: {modality: audio, topic: b}}\n'
        '/**/skin: {ros__parameters: {modality: touch, topic: c}}\n'
    )
    assert main(['check-config', str(path), '--bundle', str(bundle)]) == 1
    error = capsys.readouterr().err
    assert '2 problems' in error
    assert "ear.modality: got 'audio'; allowed: image" in error
    assert main(['check-config', str(path), '--bundle', str(tmp_path / 'nowhere')]) == 1
    assert 'nowhere' in capsys.readouterr().err
    shipped = str(ROOT / 'bundles' / 'omnihome')
    assert main(['check-config', str(path), '--bundle', shipped]) == 0


def test_blocks_that_reach_no_node(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Known once the namespace is."""
    path = tmp_path / 'robot.yaml'
    path.write_text('/robot/eye: {ros__parameters: {modality: image, bundle: b}}\n')
    assert main(['check-config', str(path)]) == 0
    assert main(['check-config', str(path), '--namespace', 'omnibind']) == 1
    assert '/robot/eye' in capsys.readouterr().err
