"""`tools/environment.py`: what is missing is one sentence; what is unchanged is not done again."""

from __future__ import annotations

import importlib.util
from pathlib import Path
import shutil
import sys
import sysconfig
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tool() -> ModuleType:
    """The script as a module, fresh for each test."""
    path = ROOT / 'tools' / 'environment.py'
    specification = importlib.util.spec_from_file_location('environment', path)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_this_machine_will_do(tool: ModuleType) -> None:
    """It built what this test runs in."""
    tool.check_machine()


@pytest.mark.parametrize('version', [(3, 10, 12), (3, 14, 0), (2, 7, 18)])
def test_a_python_that_is_not_supported(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int]
) -> None:
    """The sentence names the versions that are."""
    monkeypatch.setattr(sys, 'version_info', version)
    with pytest.raises(tool.SetupError, match=r'install Python 3\.11, 3\.12 or 3\.13'):
        tool.check_machine()


def test_missing_headers(tool: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The sentence names the package of this very Python."""
    monkeypatch.setattr(sysconfig, 'get_paths', lambda: {'include': str(tmp_path)})
    major, minor = sys.version_info[:2]
    with pytest.raises(tool.SetupError, match=f'apt install python{major}.{minor}-dev'):
        tool.check_machine()


def test_missing_compiler(tool: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names the package."""
    monkeypatch.setattr(shutil, 'which', lambda *_, **__: None)
    with pytest.raises(tool.SetupError, match='apt install build-essential'):
        tool.check_machine()


def test_the_wheels_cmake_files_are_mended(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Both kinds of path of the wheels' builder, and nothing else."""
    file = tmp_path / 'share' / 'x' / 'export.cmake'
    file.parent.mkdir(parents=True)
    builder = '/opt/python/cp311-cp311'
    file.write_text(
        f'"{builder}/include/python3.11;'
        f'{builder}/lib/python3.11/site-packages/numpy/_core/include;/opt/other"'
    )
    (tmp_path / 'bin').mkdir()
    (tmp_path / 'bin' / 'python').symlink_to(sys.executable)
    monkeypatch.setattr(tool, 'VENV', tmp_path)
    tool.mend_cmake_exports()
    include, numpy, other = file.read_text().strip('"').split(';')
    assert Path(include, 'Python.h').is_file()
    assert Path(numpy, 'numpy', 'arrayobject.h').is_file()
    assert other == '/opt/other'


def test_real_message_packages_are_not_built_again(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What a sourced ROS installation has is used; what we built ourselves does not count."""
    index = Path('share', 'ament_index', 'resource_index', 'packages')
    real, ours = tmp_path / 'ros', tmp_path / 'install' / 'audio_common_msgs'
    for root, package in ((real, 'vision_msgs'), (ours, 'audio_common_msgs')):
        (root / index).mkdir(parents=True)
        (root / index / package).touch()
    monkeypatch.setattr(tool, 'INSTALL', tmp_path / 'install')
    monkeypatch.setattr(tool, 'VENV', tmp_path / '.venv')
    monkeypatch.setenv('AMENT_PREFIX_PATH', f'{real}:{ours}')
    assert tool._installed('vision_msgs')
    assert not tool._installed('audio_common_msgs')
    assert not tool._installed('event_camera_msgs')


def test_unchanged_means_nothing_is_run(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The second call starts no program; a changed requirement does."""
    (tmp_path / 'requirements').mkdir()
    for name in ('ros-jazzy.txt', 'runtime.txt'):
        (tmp_path / 'requirements' / name).write_text('numpy\n')
    venv = tmp_path / '.venv'
    calls: list[list[str]] = []

    def run(command: list[str], environment: object = None) -> None:
        calls.append(command)
        (venv / 'bin').mkdir(parents=True, exist_ok=True)

    for name, value in (
        ('ROOT', tmp_path),
        ('VENV', venv),
        ('REQUIREMENTS', tmp_path / 'requirements'),
        ('_run', run),
        ('mend_cmake_exports', lambda: None),
    ):
        monkeypatch.setattr(tool, name, value)
    monkeypatch.delenv('ROS_DISTRO', raising=False)
    tool.install_packages('runtime')
    assert calls
    calls.clear()
    tool.install_packages('runtime')
    assert not calls
    (tmp_path / 'requirements' / 'runtime.txt').write_text('numpy\npillow\n')
    tool.install_packages('runtime')
    assert calls
