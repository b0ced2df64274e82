"""Corruptions of colour pictures ``uint8 [h, w, 3]``: a camera's, and a tactile sensor's."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray

from omnibind_core.evaluation.corruption.base import Corruption
from omnibind_core.evaluation.corruption.patches import blocks
from omnibind_core.evaluation.corruption.patches import shuffled_patches

Picture = NDArray[np.uint8]


def noise(raw: Picture, level: float, random: np.random.Generator) -> Picture:
    """Gaussian noise of a standard deviation of ``level`` of full scale."""
    noisy = raw + random.normal(0.0, level * 255.0, raw.shape)
    return _to_uint8(noisy)


def blur(raw: Picture, level: float, random: np.random.Generator) -> Picture:
    """Defocus: Gaussian of a standard deviation of ``level`` of the shorter side."""
    from PIL import Image
    from PIL import ImageFilter

    radius = level * min(raw.shape[:2])
    blurred = Image.fromarray(raw).filter(ImageFilter.GaussianBlur(radius))
    return np.asarray(blurred)


def exposure(raw: Picture, level: float, random: np.random.Generator) -> Picture:
    """Wrong by ``level`` stops, up or down; in linear light, clipped."""
    stops = level if random.random() < 0.5 else -level
    linear = (raw / 255.0) ** 2.2 * 2.0**stops
    return _to_uint8(255.0 * np.clip(linear, 0.0, 1.0) ** (1 / 2.2))


def desaturation(raw: Picture, level: float, random: np.random.Generator) -> Picture:
    """Colours mixed with their grey (Rec. 601) by the share ``level``."""
    grey = raw @ np.array([0.299, 0.587, 0.114])
    return _to_uint8((1.0 - level) * raw + level * grey[..., None])


def occlusion(raw: Picture, level: float, random: np.random.Generator) -> Picture:
    """Dirt on the lens: dark blocks over about the share ``level`` of the picture."""
    hidden = blocks(raw.shape[0], raw.shape[1], level, random)
    covered = raw.copy()
    covered[hidden] = 12
    return covered


def compression(raw: Picture, level: float, random: np.random.Generator) -> Picture:
    """JPEG of quality ``level``."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(raw).save(buffer, 'jpeg', quality=int(level))
    return np.asarray(Image.open(buffer).convert('RGB'))


def garbled(raw: Picture, level: float, random: np.random.Generator) -> Picture:
    """Torn transmission: the share ``level`` of the 8 x 8 patches changes places."""
    return shuffled_patches(raw, level, random)


def wear(raw: Picture, level: float, random: np.random.Generator) -> Picture:
    """A worn gel: it grows dim by the share ``level``, and scratches shine through."""
    height, width = raw.shape[:2]
    worn = raw * (1.0 - 0.6 * level)
    for _ in range(round(60 * level)):
        x0, x1 = random.uniform(0, width, 2)
        y0, y1 = random.uniform(0, height, 2)
        steps = int(max(abs(x1 - x0), abs(y1 - y0))) + 1
        columns = np.linspace(x0, x1, steps).astype(int).clip(0, width - 1)
        rows = np.linspace(y0, y1, steps).astype(int).clip(0, height - 1)
        worn[rows, columns] += random.uniform(20.0, 90.0)
    return _to_uint8(worn)


def _to_uint8(values: NDArray[np.floating]) -> Picture:
    rounded: NDArray[np.float64] = np.clip(np.rint(values), 0, 255)
    return rounded.astype(np.uint8)


COMMON = (
    ('noise', 'Gaussian noise.', 'of full scale', (0.04, 0.08, 0.14, 0.22, 0.35), noise),
    ('blur', 'Defocus.', 'of the shorter side', (0.005, 0.01, 0.02, 0.035, 0.06), blur),
    ('exposure', 'Over- or underexposed.', 'stops', (0.7, 1.3, 2.0, 3.0, 4.5), exposure),
    (
        'garbled',
        'Torn transmission: patches change places.',
        'share',
        (0.1, 0.25, 0.5, 0.75, 1.0),
        garbled,
    ),
)
CAMERA = (
    ('desaturation', 'Colours fade to grey.', 'share', (0.3, 0.5, 0.7, 0.85, 1.0), desaturation),
    ('occlusion', 'Dirt on the lens.', 'share', (0.08, 0.16, 0.3, 0.45, 0.65), occlusion),
    ('compression', 'JPEG artefacts.', 'quality', (30.0, 18.0, 10.0, 6.0, 2.0), compression),
)
IMAGE_CORRUPTIONS = tuple(
    Corruption(name, 'image', text, unit, levels, change)
    for name, text, unit, levels, change in (*COMMON, *CAMERA)
)
