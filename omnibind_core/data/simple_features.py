"""A few hand-made numbers from a prepared array: enough to ask whether it says anything at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_BLOCKS = 12
_SEGMENTS = 48
_HISTOGRAM = 24
_LATER = (0, 5, 12, 25, 45)  # frames of 10 ms after the loudest one
_FRAMES = 4
_RINGS = 16
_SHARES = (0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99)
_DEPTHS = (0.05, 0.1, 0.2, 0.4)


def simple_features(modality: str, array: NDArray[np.float32]) -> NDArray[np.float32]:
    """Features of one prepared array, ``[f]``, all of one length for one modality.

    Pictures and events: mean and standard deviation of 12 x 12 blocks of each channel, and the
    energy of their gradients. Point clouds: occupancy of 6 x 6 x 6 cells and histograms of the
    distances from the centre and between points, free of the points' order. Audio: the spectrum of
    the loudest moment and how each band decays after it, wherever in the recording that is. Touch:
    histograms, power by spatial frequency and size of the dent, wherever on the gel it is. Any
    other array: mean and standard deviation of 48 blocks along its last axis.

    :param modality: a sensor's name.
    :param array: as its ``preprocess`` gives it.
    """
    if modality == 'point_cloud':
        return _of_points(array[:, :3].astype(np.float64))
    if modality == 'audio':
        return _of_sound(array[0].astype(np.float64))
    if modality == 'touch':
        return _of_dent(array.astype(np.float64))
    if array.ndim != 3:
        return _of_rows(array.astype(np.float64))
    return _of_picture(array.astype(np.float64))


def _of_picture(channels: NDArray[np.float64]) -> NDArray[np.float32]:
    rows, columns = (
        np.linspace(0, side, _BLOCKS + 1).astype(int)[:-1] for side in channels.shape[1:]
    )

    def sums(values: NDArray[np.float64]) -> NDArray[np.float64]:
        by_row = np.add.reduceat(values, rows, axis=1)
        return np.asarray(np.add.reduceat(by_row, columns, axis=2), np.float64)

    count = sums(np.ones_like(channels[:1]))
    mean = sums(channels) / count
    deviation = np.sqrt(np.maximum(sums(channels * channels) / count - mean * mean, 0.0))
    steps = [np.abs(np.diff(channels, axis=axis)).mean(axis=(1, 2)) for axis in (1, 2)]
    parts = [mean.ravel(), deviation.ravel(), *steps]
    return np.concatenate(parts).astype(np.float32)


def _of_rows(array: NDArray[np.float64]) -> NDArray[np.float32]:
    rows = array.reshape(-1, array.shape[-1])
    blocks = np.array_split(rows, min(_SEGMENTS, rows.shape[1]), axis=1)
    parts = [part for block in blocks for part in (block.mean(axis=1), block.std(axis=1))]
    return np.concatenate(parts).astype(np.float32)


def _of_points(points: NDArray[np.float64]) -> NDArray[np.float32]:
    cells = np.clip(((points + 1.5) / 3.0 * 6).astype(np.int64), 0, 5)
    occupancy = np.bincount(cells @ np.array([36, 6, 1]), minlength=216) / len(points)
    radius = np.linalg.norm(points, axis=1)
    half = len(points) // 2
    # a fixed shuffle: neighbours in the array are no random pairs
    order = np.random.default_rng(0).permutation(len(points))
    between = np.linalg.norm(points[order[:half]] - points[order[half : 2 * half]], axis=1)
    histograms = [
        np.histogram(np.clip(values, 0.0, 3.0), _HISTOGRAM, (0.0, 3.0))[0] / len(values)
        for values in (radius, between)
    ]
    axes = np.sort(np.linalg.eigvalsh(np.cov(points.T)))
    return np.concatenate([np.sqrt(occupancy), *histograms, axes]).astype(np.float32)


def _of_sound(bands: NDArray[np.float64]) -> NDArray[np.float32]:
    """Of a spectrogram ``[bands, frames]``."""
    level = bands.mean(axis=0)
    last = max(bands.shape[1] - _FRAMES, 0)
    loudest = int(level.argmax())
    spectra = []
    for later in _LATER:
        start = min(loudest + later, last)
        spectra.append(bands[:, start : start + _FRAMES].mean(axis=1))
    decays = [spectrum - spectra[0] for spectrum in spectra[1:]]
    whole = [bands.mean(axis=1), bands.std(axis=1), [level[loudest] - level.mean()]]
    return np.concatenate([spectra[0], *decays, *whole]).astype(np.float32)


def _of_dent(channels: NDArray[np.float64]) -> NDArray[np.float32]:
    """Of how a gel's picture changed, ``[3, h, w]``, -1 to 1."""
    height, width = channels.shape[1:]
    down, across = np.meshgrid(np.fft.fftfreq(height), np.fft.fftfreq(width), indexing='ij')
    ring = np.minimum(np.hypot(down, across) * 2 * _RINGS, _RINGS - 1).astype(int).ravel()
    parts: list[NDArray[np.float64]] = []
    for channel in channels:
        parts.append(np.histogram(np.clip(channel, -1, 1), 16, (-1.0, 1.0))[0] / channel.size)
        power = np.abs(np.fft.fft2(channel - channel.mean())) ** 2
        parts.append(np.log(np.bincount(ring, power.ravel(), _RINGS) + 1e-6))
    slope = np.hypot(*np.gradient(channels.mean(axis=0)))
    strength = np.abs(channels).max(axis=0)
    parts += [np.log(np.quantile(slope, _SHARES) + 1e-5), np.quantile(strength, _SHARES)]
    parts.append(np.array([(strength > depth).mean() for depth in _DEPTHS]))
    return np.concatenate(parts).astype(np.float32)
