"""A robot's parameter file: the shipped one is valid, and mistakes are named by sensor and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from omnibind_core.configuration.robot import read_robot
from omnibind_core.errors import ConfigError

ROOT = Path(__file__).resolve().parents[3]


def write(folder: Path, text: str) -> Path:
    """A robot file with this text."""
    path = folder / 'robot.yaml'
    path.write_text(text)
    return path


GOOD = """
/**:
  ros__parameters: {bundle: /models/home, use_sim_time: true}
/**/camera:
  ros__parameters:
    modality: image
    topic: /front/image
    settings.roi: [0, 0, 320, 240]
    qos_overrides: {/front/image: {subscription: {depth: 2}}}
/**/heat:
  ros__parameters: {modality: thermal, settings: {mode: percentile}}
/**/fusion:
  ros__parameters: {window: 0.1}
"""


def test_the_shipped_file_is_valid() -> None:
    """`config/robot.yaml` is the documentation; it must hold."""
    robot = read_robot(ROOT / 'config' / 'robot.yaml')
    assert robot.encoders
    assert robot.fusion is not None


def test_blocks_become_encoders_and_fusion(tmp_path: Path) -> None:
    """Shared values reach all nodes, dotted and nested names are the same, ROS's own are left."""
    robot = read_robot(write(tmp_path, GOOD))
    assert [encoder.name for encoder in robot.encoders] == ['camera', 'heat']
    camera, heat = robot.encoders
    assert camera.parameters.bundle == heat.parameters.bundle == '/models/home'
    assert camera.settings.roi == (0, 0, 320, 240)
    assert heat.settings.mode == 'percentile'
    assert robot.fusion is not None
    assert robot.fusion.window == pytest.approx(0.1)
    assert robot.fusion.bundle == '/models/home'


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        ('', r'\(file\)'),
        ('[1, 2]', r'\(file\)'),
        ('/**/camera: {modality: image}', 'ros__parameters'),
        ('/**/camera: {ros__parameters: {topic: a, bundle: b}}', 'camera.modality: missing'),
        (
            '/**/camera: {ros__parameters: {modality: sonar, bundle: b}}',
            r"camera.modality: got 'sonar'; allowed: 'image'",
        ),
        (
            '/**/camera: {ros__parameters: {modality: image, bundle: b, max_rte: 3}}',
            r'camera.max_rte: got an unknown key; allowed: max_rate \(nearest\)',
        ),
        (
            '/**/camera: {ros__parameters: {modality: image, bundle: b, settings: {mode: 1}}}',
            'camera.settings.mode: got an unknown key',
        ),
        ('/**/camera: {ros__parameters: {modality: image}}', 'camera.bundle: missing'),
        ('/**/fusion: {ros__parameters: {bundle: b, window: -1.0}}', 'fusion.window: got -1.0'),
        ('/**/9cam: {ros__parameters: {modality: image, bundle: b}}', 'node name'),
        (
            '/a/cam: {ros__parameters: {modality: image, bundle: b}}\n'
            '/b/cam: {ros__parameters: {modality: image, bundle: b}}',
            'second block named cam',
        ),
        (
            '/**: {ros__parameters: {bundel: b}}\n'
            '/**/cam: {ros__parameters: {modality: image, bundle: b}}',
            r'/\*\*.bundel: got an unknown key',
        ),
        (
            '/**/cam: {ros__parameters: {modality: image, bundle: b, a.b: 1, a: 2}}',
            'given twice|unknown key',
        ),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, expected: str) -> None:
    """Each with the sensor's name and the key."""
    with pytest.raises(ConfigError, match=expected):
        read_robot(write(tmp_path, text))


def test_all_mistakes_of_all_blocks_come_at_once(tmp_path: Path) -> None:
    """Three nodes with one mistake each: three problems."""
    text = """
/**/a: {ros__parameters: {modality: image, bundle: b, max_rate: -1.0}}
/**/b: {ros__parameters: {modality: thermal, bundle: b, settings: {mode: psychic}}}
/**/fusion: {ros__parameters: {bundle: b, top_k: 0}}
"""
    with pytest.raises(ConfigError) as caught:
        read_robot(write(tmp_path, text))
    assert {problem.key for problem in caught.value.problems} == {
        'a.max_rate',
        'b.settings.mode',
        'fusion.top_k',
    }
