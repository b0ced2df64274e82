"""The package as colcon and pip install it: one version, the same scripts, everything in place."""

from __future__ import annotations

from configparser import ConfigParser
import os
from pathlib import Path
import re
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from omnibind_core import __version__

ROOT = Path(__file__).resolve().parents[2]
SETUP = ConfigParser()
SETUP.read(ROOT / 'setup.cfg')
SCRIPTS = {
    line.split('=')[0].strip()
    for line in SETUP['options.entry_points']['console_scripts'].strip().splitlines()
}
INTERFACES = ('vision_msgs', 'event_camera_msgs', 'audio_common_msgs')


def prefix(package: str) -> Path:
    """Where a package is installed; fails outside the built environment."""
    if not os.environ.get('AMENT_PREFIX_PATH'):
        pytest.fail('these tests run in the built environment: use `make test` or `make shell`')
    from ament_index_python.packages import get_package_prefix

    return Path(get_package_prefix(package))


def test_one_version() -> None:
    """package.xml, setup.cfg, the package and the changelog agree."""
    package = ET.parse(ROOT / 'package.xml').getroot()
    assert package.findtext('version') == __version__
    assert SETUP['metadata']['version'] == __version__
    changelog = (ROOT / 'CHANGELOG.rst').read_text()
    assert re.search(rf'^{re.escape(__version__)} \(', changelog, re.MULTILINE)


def test_colcon_installs_scripts_messages_launch_and_config() -> None:
    """The same tree as on a robot: what `ros2 run`, `ros2 launch` and `ros2 interface` look for."""
    root = prefix('omnibind')
    share = root / 'share' / 'omnibind'
    assert {path.name for path in (root / 'lib' / 'omnibind').iterdir()} == SCRIPTS
    for folder in ('launch', 'config'):
        source = {p.relative_to(ROOT) for p in (ROOT / folder).rglob('*') if p.is_file()}
        installed = {p.relative_to(share) for p in (share / folder).rglob('*') if p.is_file()}
        assert source == installed
    for kind in ('msg', 'srv'):
        names = {path.name for path in (ROOT / kind).iterdir()}
        assert names <= {path.name for path in (share / kind).iterdir()}
    assert (share / 'package.xml').exists()


@pytest.mark.parametrize('name', sorted(SCRIPTS))
def test_each_installed_script_starts(name: str) -> None:
    """Its entry point exists: nothing is printed but by the program itself."""
    script = prefix('omnibind') / 'lib' / 'omnibind' / name
    flag = '--help' if name == 'omnibind' else '--no-such-flag'
    code = f'import sys; sys.argv = [{name!r}]; from importlib.metadata import distribution as d; '
    code += f'[e.load() for e in d("omnibind-core").entry_points if e.name == {name!r}]'
    subprocess.run([sys.executable, '-c', code], check=True)
    if name == 'omnibind':
        subprocess.run([str(script), flag], check=True, capture_output=True)


@pytest.mark.parametrize(
    ('package', 'message', 'fields'),
    [
        ('vision_msgs', 'ObjectHypothesis', 'class_id:string score:double'),
        (
            'vision_msgs',
            'Classification',
            'header:std_msgs/Header results:sequence<vision_msgs/ObjectHypothesis>',
        ),
        (
            'event_camera_msgs',
            'EventPacket',
            'header:std_msgs/Header height:uint32 width:uint32 seq:uint64 time_base:uint64 '
            'encoding:string is_bigendian:boolean events:sequence<uint8>',
        ),
        ('audio_common_msgs', 'AudioData', 'data:sequence<uint8>'),
        (
            'audio_common_msgs',
            'AudioDataStamped',
            'header:std_msgs/Header audio:audio_common_msgs/AudioData',
        ),
        (
            'audio_common_msgs',
            'AudioInfo',
            'channels:uint8 sample_rate:uint32 sample_format:string bitrate:uint32 '
            'coding_format:string',
        ),
    ],
)
def test_public_messages_have_the_public_layout(package: str, message: str, fields: str) -> None:
    """Name, type and order are what goes over the wire (published definitions, 2026)."""
    prefix(package)
    module = __import__(f'{package}.msg', fromlist=[message])
    found = getattr(module, message).get_fields_and_field_types()
    assert ' '.join(f'{name}:{kind}' for name, kind in found.items()) == fields


def test_our_messages_have_the_fields_of_the_contract() -> None:
    """What others rely on; a change here is a change of the interface."""
    prefix('omnibind')
    from omnibind.msg import Contribution
    from omnibind.msg import Embedding
    from omnibind.msg import Labels
    from omnibind.msg import Recognition
    from omnibind.srv import SetLabels

    def names(kind: object) -> str:
        return ' '.join(kind.get_fields_and_field_types())  # type: ignore[attr-defined]

    assert names(Embedding) == (
        'header sensor modality space model seq span received encode_ms informative vector'
    )
    assert names(Contribution) == ('sensor modality stamp held informative weight class_id score')
    assert names(Recognition) == (
        'header space labels_id class_ids scores calibrated abstained closed_by window_start '
        'window_end contributions missing embedding'
    )
    assert names(Labels) == 'header labels_id class_ids names'
    assert names(SetLabels.Request) == 'labels prompt'
    assert names(SetLabels.Response) == 'success message'


def test_every_imported_package_is_declared() -> None:
    """Each ROS package that a node, launch file or message imports stands in package.xml."""
    package = ET.parse(ROOT / 'package.xml').getroot()
    declared = {
        item.text for item in package if item.tag in ('depend', 'exec_depend', 'test_depend')
    }
    ros = {
        'rclpy', 'std_msgs', 'sensor_msgs', 'lifecycle_msgs', 'rcl_interfaces', 'diagnostic_msgs',
        'builtin_interfaces', 'vision_msgs', 'event_camera_msgs', 'audio_common_msgs', 'cv_bridge',
        'message_filters', 'sensor_msgs_py', 'ament_index_python', 'launch', 'launch_ros',
        'rosgraph_msgs', 'std_srvs', 'geometry_msgs', 'launch_testing',
    }  # fmt: skip
    imported: set[str] = set()
    for folder in ('omnibind_core', 'omnibind_ros', 'launch'):
        for file in (ROOT / folder).rglob('*.py'):
            found = re.findall(r'^\s*(?:from|import) (\w+)', file.read_text(), re.MULTILINE)
            imported |= set(found) & ros
    assert imported <= declared, imported - declared


@pytest.mark.slow
def test_pip_installs_the_same_scripts_without_ros(tmp_path: Path) -> None:
    """In an empty environment: the command works, and a node says in one sentence what it lacks."""
    venv = tmp_path / 'venv'
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(('AMENT', 'COLCON', 'ROS', '_ROS', 'PYTHON', 'LD_LIBRARY', 'CMAKE'))
    }
    source = tmp_path / 'source'
    subprocess.run(['git', 'clone', '-q', str(ROOT), str(source)], check=True)
    subprocess.run([sys.executable, '-m', 'venv', str(venv)], check=True, env=environment)
    pip = [str(venv / 'bin' / 'python'), '-m', 'pip', '-q', '--disable-pip-version-check']
    subprocess.run([*pip, 'install', str(source)], check=True, env=environment)

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(venv / 'bin' / command[0]), *command[1:]],
            capture_output=True,
            text=True,
            env=environment,
            cwd=tmp_path,
            check=False,
        )

    installed = {path.name for path in (venv / 'bin').iterdir()}
    assert installed >= SCRIPTS
    assert run('omnibind', '--help').returncode == 0
    checked = run('omnibind', 'check-config', str(source / 'config' / 'robot.yaml'))
    assert checked.returncode == 0, checked.stderr
    assert 'valid' in checked.stdout
    for name in SCRIPTS - {'omnibind'}:
        result = run(name)
        assert result.returncode == 1
        assert len(result.stderr.splitlines()) == 1
        assert 'ROS 2' in result.stderr
    found = run('python', '-c', 'import importlib.util as u; print(u.find_spec("torch"))')
    assert found.stdout.strip() == 'None'


def test_every_folder_of_modules_is_a_package() -> None:
    """pip installs only those with an `__init__.py`; colcon would not notice."""
    for top in ('omnibind_core', 'omnibind_ros'):
        for file in (ROOT / top).rglob('*.py'):
            assert (file.parent / '__init__.py').exists(), file.parent
