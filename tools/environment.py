#!/usr/bin/env python3
"""Set up OmniBind's environment on a bare machine: `.venv/` by pip, `install/` by colcon.

    python3 tools/environment.py runtime        what the robot's nodes and the demo need, no torch
    python3 tools/environment.py development    the same and training, checks and tests

Only the standard library is used here, since it runs before anything is installed. Run again, it
does only what its inputs' hashes say has changed. With a sourced ROS installation (`ROS_DISTRO`
set) that one is used instead of the wheels.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
import hashlib
import json
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys
import sysconfig
import time

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / '.venv'
INSTALL = ROOT / 'install'
REQUIREMENTS = ROOT / 'requirements'
SUPPORTED = ((3, 11), (3, 13))
# Public message packages that the robot gets from apt; elsewhere test/interfaces/ replaces them.
INTERFACES = ('vision_msgs', 'event_camera_msgs', 'audio_common_msgs')


class SetupError(Exception):
    """Something is missing on this machine; the message says what to install."""


def main() -> int:
    """Set up the wanted level; 1 with one sentence when something is missing."""
    parser = argparse.ArgumentParser(description='Set up the environment in .venv and install.')
    parser.add_argument('level', choices=('runtime', 'development'))
    arguments = parser.parse_args()
    started = time.monotonic()
    try:
        check_machine()
        packages = install_packages(arguments.level)
        build = build_workspace()
    except SetupError as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    total = time.monotonic() - started
    print(f'environment ready: packages {packages:.0f} s, build {build:.0f} s, total {total:.0f} s')
    return 0


def distribution() -> str | None:
    """The sourced ROS distribution, if there is one; ours is not counted."""
    name = os.environ.get('ROS_DISTRO')
    return name if name and Path(f'/opt/ros/{name}').is_dir() else None


def check_machine() -> None:
    """Look for what pip cannot bring.

    :raises SetupError: with one sentence that names what to install.
    """
    version = sys.version_info[:2]
    if not SUPPORTED[0] <= version <= SUPPORTED[1]:
        raise SetupError(
            f'Python {version[0]}.{version[1]} is not supported: install Python 3.11, 3.12 or 3.13 '
            '(python3.11, python3.11-dev, python3.11-venv) and run make PYTHON=python3.11'
        )
    package = f'python{version[0]}.{version[1]}'
    header = Path(sysconfig.get_paths()['include']) / 'Python.h'
    if not header.is_file():
        raise SetupError(f'the Python headers are missing ({header}): apt install {package}-dev')
    if not any(shutil.which(name) for name in (os.environ.get('CXX', 'c++'), 'c++', 'g++')):
        raise SetupError('a C++ compiler is missing: apt install build-essential')
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError as error:
        raise SetupError(f'Python has no venv module: apt install {package}-venv') from error
    free = shutil.disk_usage(ROOT).free / 2**30
    if free < 3 and not VENV.exists():
        raise SetupError(f'only {free:.1f} GiB of disk are free: 3 GiB are needed')


def install_packages(level: str) -> float:
    """Bring `.venv` to the wanted level; returns the seconds it took."""
    started = time.monotonic()
    files = [REQUIREMENTS / 'runtime.txt']
    if distribution() is None:
        files.insert(0, REQUIREMENTS / 'ros-jazzy.txt')
    bare: list[Path] = []  # installed without what they ask for
    apart: list[Path] = []  # likewise, each into a folder of its own in .venv
    if level == 'development':
        files.append(REQUIREMENTS / 'development.txt')
        bare.append(REQUIREMENTS / 'teachers.txt')
        apart = [REQUIREMENTS / f'tensorrt-{major}.txt' for major in (10, 11)]
    stamp = VENV / '.omnibind.json'
    wanted = {file.name: _hash([file]) for file in [*files, *bare, *apart]}
    wanted['python'] = sys.version
    wanted['ros'] = distribution() or 'wheels'
    have = _read_stamp(stamp)
    if all(have.get(name) == value for name, value in wanted.items()):
        return time.monotonic() - started
    if have and (have.get('python') != wanted['python'] or have.get('ros') != wanted['ros']):
        print('the environment was made by another Python or ROS: making it anew')
        shutil.rmtree(VENV)
        have = {}
    names = ', '.join(file.name for file in [*files, *bare, *apart])
    print(f'installing packages into .venv ({names})')
    if not (VENV / 'bin' / 'python').exists():
        # With a real ROS installation its rclpy and messages must stay visible.
        option = [] if distribution() is None else ['--system-site-packages']
        _run([sys.executable, '-m', 'venv', *option, str(VENV)])
    stamp.unlink(missing_ok=True)
    python = str(VENV / 'bin' / 'python')
    pip = [python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check']
    if level == 'development':
        # torch first and alone: a later range would be met by whatever build pip finds newest.
        torch = next(
            line
            for line in (REQUIREMENTS / 'development.txt').read_text().splitlines()
            if line.startswith('torch==')
        )
        index = os.environ.get('OMNIBIND_TORCH_INDEX')
        _run([*pip, torch, *(['--index-url', index] if index else [])])
    _run([*pip, *(part for file in files for part in ('-r', str(file)))])
    for file in bare:
        _run([*pip, '--no-deps', '-r', str(file)])
    for file in apart:
        shutil.rmtree(VENV / file.stem, ignore_errors=True)
        _run([*pip, '--no-deps', '--target', str(VENV / file.stem), '-r', str(file)])
    if distribution() is None:
        mend_cmake_exports()
    stamp.write_text(json.dumps({**have, **wanted}, indent=2))
    return time.monotonic() - started


def mend_cmake_exports() -> None:
    """Point the wheels' CMake exports at this Python: they hold their builder's own paths."""
    numpy = subprocess.run(
        [str(VENV / 'bin' / 'python'), '-c', 'import numpy; print(numpy.get_include())'],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    include = sysconfig.get_paths()['include']
    builder = r'/opt/python/cp[0-9]+-cp[0-9]+'
    replacements = (
        (rf'{builder}/include/python[0-9.]+', include),
        (rf'{builder}/lib/python[0-9.]+/site-packages/numpy/_?core/include', numpy),
    )
    for file in (VENV / 'share').rglob('*.cmake'):
        text = file.read_text(encoding='utf-8', errors='surrogateescape')
        mended = text
        for pattern, replacement in replacements:
            mended = re.sub(pattern, replacement.replace('\\', r'\\'), mended)
        if mended != text:
            file.write_text(mended, encoding='utf-8', errors='surrogateescape')


def build_workspace() -> float:
    """Build the message packages and OmniBind with colcon; returns the seconds it took."""
    started = time.monotonic()
    interfaces = [name for name in INTERFACES if not _installed(name)]
    sources = [
        ROOT / 'CMakeLists.txt',
        ROOT / 'package.xml',
        ROOT / 'setup.cfg',
        *_files(ROOT / 'msg', ROOT / 'srv', ROOT / 'test' / 'interfaces'),
    ]
    # Installed by symbolic link: of these it counts which files there are, not what is in them.
    linked = [
        str(file.relative_to(ROOT))
        for file in _files(
            ROOT / 'omnibind_core', ROOT / 'omnibind_ros', ROOT / 'launch', ROOT / 'config'
        )
    ]
    wanted = {
        'sources': _hash(sources),
        'linked': hashlib.sha256('\n'.join(linked).encode()).hexdigest(),
        'interfaces': ','.join(interfaces),
        'root': str(ROOT),
        'python': sys.version,
        'packages': _read_stamp(VENV / '.omnibind.json').get('ros-jazzy.txt', ''),
        'ros': distribution() or 'wheels',
    }
    stamp = INSTALL / '.omnibind.json'
    if _read_stamp(stamp) == wanted:
        return time.monotonic() - started
    print(f'building the workspace: {", ".join([*interfaces, "omnibind"])}')
    base = {key: wanted[key] for key in ('root', 'python', 'packages', 'ros')}
    have = _read_stamp(stamp)
    if any(have.get(key) != value for key, value in base.items()):
        for folder in (INSTALL, ROOT / 'build', ROOT / 'log'):
            shutil.rmtree(folder, ignore_errors=True)
        INSTALL.mkdir()
    stamp.write_text(json.dumps(base, indent=2))
    paths = [str(ROOT), *(str(ROOT / 'test' / 'interfaces' / name) for name in interfaces)]
    colcon = shutil.which('colcon', path=str(VENV / 'bin')) or 'colcon'
    command = [colcon, '--log-level', 'error', 'build', '--symlink-install']
    command += ['--base-paths', *paths, '--event-handlers', 'console_cohesion-', 'status-']
    command += ['--cmake-args', '-DBUILD_TESTING=OFF', '-DCMAKE_BUILD_TYPE=Release', '-GNinja']
    command += [f'-DPython3_EXECUTABLE={VENV / "bin" / "python"}', '--no-warn-unused-cli']
    try:
        _run(command, _build_environment())
    except SetupError:
        for log in sorted((ROOT / 'log' / 'latest_build').glob('*/stdout_stderr.log')):
            print(
                f'--- end of {log}', *log.read_text().splitlines()[-30:], sep='\n', file=sys.stderr
            )
        raise
    stamp.write_text(json.dumps(wanted, indent=2))
    return time.monotonic() - started


def _build_environment() -> dict[str, str]:
    environment = dict(os.environ)
    environment['PATH'] = f'{VENV / "bin"}{os.pathsep}{environment["PATH"]}'
    # The wheels' start-up hook marks its process; a child of another Python must not inherit that.
    environment.pop('_ROS_WHEELS_BOOTSTRAP_COMPLETE', None)
    if distribution() is None:
        for name in ('AMENT_PREFIX_PATH', 'CMAKE_PREFIX_PATH'):
            environment[name] = str(VENV)
        environment.pop('COLCON_PREFIX_PATH', None)
    return environment


def _installed(package: str) -> bool:
    """Whether a real message package is there, other than the one we build."""
    prefixes = [Path(part) for part in os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep)]
    marker = Path('share', 'ament_index', 'resource_index', 'packages', package)
    return any(
        (prefix / marker).exists() and INSTALL not in prefix.parents
        for prefix in [*prefixes, VENV]
        if str(prefix) != '.'
    )


def _files(*folders: Path) -> list[Path]:
    return sorted(
        file
        for folder in folders
        for file in folder.rglob('*')
        if file.is_file() and '__pycache__' not in file.parts
    )


def _hash(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(str(file.relative_to(ROOT)).encode() + b'\0' + file.read_bytes() + b'\0')
    return digest.hexdigest()


def _read_stamp(file: Path) -> dict[str, str]:
    try:
        content = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _run(command: list[str], environment: dict[str, str] | None = None) -> None:
    result = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    if result.returncode != 0:
        shown = ' '.join(Path(command[0]).name if i == 0 else c for i, c in enumerate(command[:4]))
        raise SetupError(f'`{shown} ...` failed (exit code {result.returncode}); see above')


if __name__ == '__main__':
    sys.exit(main())
