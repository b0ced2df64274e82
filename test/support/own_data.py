"""A data set as people bring it: plain files and a table of five columns. Importable anywhere."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

CLASSES = ('box', 'cup', 'door', 'plant')
# Folds of each class's things, in order.
FOLDS = ('student', 'student', 'student', 'student', 'fusion', 'fusion', 'val', 'test')
_COLOURS = np.array([[200, 40, 40], [40, 200, 40], [40, 40, 200], [200, 200, 40]])


def write(folder: Path, *, scans: bool) -> Path:
    """Pictures, thermal pictures and, if wanted, laser scans of 32 things; what is where tells."""
    random = np.random.default_rng(0)
    rows = []
    for number, label in enumerate(CLASSES):
        for thing, fold in enumerate(FOLDS):
            instance = f'{label}_{thing}'
            names = {'image': f'{instance}.jpg', 'thermal': f'{instance}_heat.png'}
            if scans:
                names['laser_scan'] = f'{instance}_scan.npz'
            for modality, name in names.items():
                path = folder / modality / name
                path.parent.mkdir(parents=True, exist_ok=True)
                if modality == 'laser_scan':
                    np.savez(path, reading=scan(number, random))
                else:
                    pixels = _picture if modality == 'image' else _heat
                    Image.fromarray(pixels(number, random)).save(path)
                rows.append((f'{modality}/{name}', modality, label, fold, instance))
    with (folder / 'manifest.csv').open('w', newline='') as stream:
        writer = csv.writer(stream)
        writer.writerow(('path', 'modality', 'label', 'split', 'instance'))
        writer.writerows(rows)
    return folder


def scan(number: int, random: np.random.Generator) -> NDArray[np.float32]:
    """270 beams in a room 6 m wide, with something at a metre in the class's direction."""
    distances = random.normal(6.0, 0.05, 270)
    begin = 20 + 60 * number + int(random.integers(-8, 9))
    distances[begin : begin + 40] = random.normal(1.0, 0.02, 40)
    distances[random.random(270) < 0.03] = np.inf
    return distances.astype(np.float32)


def _picture(number: int, random: np.random.Generator) -> NDArray[np.uint8]:
    noise = random.integers(-30, 31, (48, 64, 3))
    return np.clip(_COLOURS[number] + noise, 0, 255).astype(np.uint8)


def _heat(number: int, random: np.random.Generator) -> NDArray[np.uint16]:
    """Counts of 0.01 K; a quarter is 8 K warmer."""
    counts = random.normal(29_500.0, 20.0, (48, 64))
    row, column = divmod(number, 2)
    counts[24 * row : 24 * row + 24, 32 * column : 32 * column + 32] += 800.0
    return counts.astype(np.uint16)
