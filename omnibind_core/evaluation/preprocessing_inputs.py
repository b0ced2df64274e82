"""Made-up sensor readings of realistic size and statistics, to measure preprocessing with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnibind_core.modalities.audio_clip import AudioClip
from omnibind_core.modalities.event_slice import EVENT_DTYPE
from omnibind_core.modalities.event_slice import EventSlice
from omnibind_core.modalities.touch import TouchFrame


def image(width: int = 640, height: int = 480) -> NDArray[np.uint8]:
    """A colour picture ``[h, w, 3]``: soft shapes and the noise of a camera."""
    y, x = np.mgrid[0:height, 0:width] / height
    shapes = np.stack([np.sin(9 * x + 2 * y), np.cos(7 * x * y), np.sin(5 * y - 3 * x)], axis=2)
    noise = np.random.default_rng(1).normal(0, 4, shapes.shape)
    return np.clip(128 + 90 * shapes + noise, 0, 255).astype(np.uint8)


def thermal(width: int = 160, height: int = 120) -> NDArray[np.uint16]:
    """Temperatures ``[h, w]`` in 0.01 K: a warm thing in a room."""
    y, x = np.mgrid[0:height, 0:width] / height
    kelvin = 294 + 12 * np.exp(-((x - 0.6) ** 2 + (y - 0.5) ** 2) * 12)
    noise = np.random.default_rng(2).normal(0, 0.05, kelvin.shape)
    counts: NDArray[np.uint16] = ((kelvin + noise) * 100).astype(np.uint16)
    return counts


def touch(width: int = 320, height: int = 240) -> TouchFrame:
    """A gel ``[h, w, 3]`` with a round thing pressed into it."""
    y, x = np.mgrid[0:height, 0:width] / height
    gel = np.stack([100 + 40 * x, 110 + 30 * y, 150 - 30 * x], axis=2)
    bump = np.exp(-((x - 0.7) ** 2 + (y - 0.5) ** 2) * 60)
    pressed = gel + 300 * np.stack([bump * (x - 0.7), bump * (y - 0.5), -bump * (x - 0.7)], axis=2)
    noise = np.random.default_rng(3).normal(0, 1.5, (2, *gel.shape))
    return TouchFrame(
        np.clip(pressed + noise[0], 0, 255).astype(np.uint8),
        np.clip(gel + noise[1], 0, 255).astype(np.uint8),
    )


def events(number: int = 100_000, width: int = 640, height: int = 480) -> EventSlice:
    """The events of 50 ms: a moving ring, background noise and two stuck pixels."""
    rng = np.random.default_rng(4)
    moving = rng.random(number) < 0.85
    angle = rng.uniform(0, 2 * np.pi, number)
    radius = rng.normal(height * 0.3, height * 0.05, number)
    x = np.where(moving, width / 2 + radius * np.cos(angle), rng.uniform(0, width, number))
    y = np.where(moving, height / 2 + radius * np.sin(angle), rng.uniform(0, height, number))
    made = np.zeros(number, EVENT_DTYPE)
    made['x'] = np.clip(x, 0, width - 1)
    made['y'] = np.clip(y, 0, height - 1)
    made['p'] = rng.integers(0, 2, number)
    made['t'] = np.sort(rng.integers(950_001, 1_000_001, number))
    for stuck in ((width // 3, height // 2), (width // 2, height // 5)):
        at = rng.choice(number, 600, replace=False)
        made['x'][at], made['y'][at] = stuck
    return EventSlice(made, width, height, 1_000_000)


def point_cloud(number: int = 30_000) -> NDArray[np.float32]:
    """Points ``[n, 3]``: the near side of an ellipsoid on a floor, with the noise of a camera."""
    rng = np.random.default_rng(5)
    ball = rng.normal(size=(number, 3))
    ball *= np.array([0.3, 0.5, 0.4]) / np.linalg.norm(ball, axis=1, keepdims=True)
    ball[:, 0] = 1.5 - np.abs(ball[:, 0])
    floor = rng.uniform([0.8, -0.8, -0.4], [2.5, 0.8, -0.4], (number, 3))
    points = np.where(rng.random((number, 1)) < 0.6, ball, floor)
    return (points + rng.normal(0, 0.004, points.shape)).astype(np.float32)


def audio(seconds: float = 1.0, rate: int = 48_000) -> AudioClip:
    """A knock that rings, over the noise of a room."""
    rng = np.random.default_rng(6)
    time = np.arange(round(seconds * rate)) / rate
    late = np.maximum(time - 0.3 * seconds, 0)
    ring = sum(np.sin(2 * np.pi * hertz * late) * np.exp(-12 * late) for hertz in (440, 1130, 2710))
    return AudioClip((0.1 * ring + 0.002 * rng.normal(size=len(time))).astype(np.float32), rate)
