"""A copy of the project to which somebody has added a modality, as docs/new_modality.md says."""

from __future__ import annotations

from collections.abc import Mapping
import os
from pathlib import Path
import shutil
import subprocess

ROOT = Path(__file__).resolve().parents[2]
ADDED = ROOT / 'test' / 'support' / 'new_modality'
#: The files of the recipe, in its order.
FILES = (
    'omnibind_core/modalities/laser_scan.py',
    'omnibind_core/models/students/laser_scan.py',
    'omnibind_ros/conversions/laser_scan.py',
)
REGISTRATION = 'registration.diff'
ROBOT = 'robot.yaml'


def make(folder: Path) -> Path:
    """Both Python packages with the modality in them; nothing else is changed."""
    for package in ('omnibind_core', 'omnibind_ros'):
        shutil.copytree(ROOT / package, folder / package)
    for name in FILES:
        shutil.copyfile(ADDED / name, folder / name)
    lines = ADDED / REGISTRATION
    subprocess.run(['git', 'apply', str(lines)], cwd=folder, check=True, capture_output=True)
    return folder


def environment(tree: Path) -> Mapping[str, str]:
    """With which Python finds the copy first, in this process's children."""
    paths = [str(tree), *filter(None, [os.environ.get('PYTHONPATH')])]
    return {'PYTHONPATH': os.pathsep.join(paths)}
