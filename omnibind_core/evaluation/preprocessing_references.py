"""Preprocessing as it is usually written first: what ours is compared with, in speed and result.

Each does the same as ``preprocess`` of the modality with our default settings, straightforwardly:
whole pictures are resized and then cropped, events are added with ``np.add.at``, farthest points
are sampled from the whole cloud, sound goes through SciPy and frame by frame through an FFT.
They check nothing and do not tell whether there was something to sense.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.modalities.audio import AudioSpecification
from omnibind_core.modalities.audio_clip import AudioClip
from omnibind_core.modalities.event import EventSpecification
from omnibind_core.modalities.event_slice import EventSlice
from omnibind_core.modalities.image import ImageSpecification
from omnibind_core.modalities.point_cloud import PointCloudSpecification
from omnibind_core.modalities.thermal import ThermalSpecification
from omnibind_core.modalities.touch import TouchFrame
from omnibind_core.modalities.touch import TouchSpecification


def image(raw: NDArray[np.uint8], specification: ImageSpecification) -> NDArray[Any]:
    """``[3, s, s]``: resize the short side, crop, scale, normalise."""
    unit = _resized(raw, specification.size) / 255.0
    normalised: NDArray[Any] = (unit - specification.mean) / specification.std
    return normalised.transpose(2, 0, 1)


def thermal(raw: NDArray[np.uint16], specification: ThermalSpecification) -> NDArray[Any]:
    """``[1, s, s]``: to degrees C, clip, scale, resize, crop, normalise."""
    celsius = raw * 0.01 - 273.15
    unit = (celsius - specification.low) / (specification.high - specification.low)
    small = _resized(np.clip(unit, 0, 1).astype(np.float32), specification.size)
    normalised: NDArray[Any] = (np.clip(small[None], 0, 1) - specification.mean) / specification.std
    return normalised


def touch(raw: TouchFrame, specification: TouchSpecification) -> NDArray[Any]:
    """``[3, s, s]``: resize both pictures, crop, subtract, scale, clip."""
    picture = _resized(raw.picture, specification.size).astype(np.float64)
    background = _resized(raw.background, specification.size).astype(np.float64)
    scaled = (picture - background) / 255 * specification.gain
    return np.clip(scaled, -specification.limit, specification.limit).transpose(2, 0, 1)


def event(raw: EventSlice, specification: EventSpecification) -> NDArray[Any]:
    """``[2 * bins, s, s]``: crop, remove hot pixels, add up, scale."""
    side = min(raw.width, raw.height)
    begin = raw.end_us - specification.window_ms * 1000
    events = raw.events[(raw.events['t'] > begin) & (raw.events['t'] <= raw.end_us)]
    x = events['x'].astype(int) - (raw.width - side) // 2
    y = events['y'].astype(int) - (raw.height - side) // 2
    inside = (x >= 0) & (x < side) & (y >= 0) & (y < side)
    events, x, y = events[inside], x[inside], y[inside]
    pixels = np.zeros((side, side))
    np.add.at(pixels, (y, x), 1)
    fired = pixels[pixels > 0]
    deviation = max(fired.std(), math.sqrt(fired.mean()))
    hot = pixels > fired.mean() + specification.hot_pixel_deviations * deviation
    sound = ~hot[y, x]
    events, x, y = events[sound], x[sound], y[sound]
    size = specification.size
    share = (events['t'] - begin - 1) / (specification.window_ms * 1000)
    channel = 2 * (share * specification.bins).astype(int) + events['p']
    histogram = np.zeros((2 * specification.bins, size, size))
    np.add.at(histogram, (channel, y * size // side, x * size // side), 1)
    top = np.percentile(histogram[histogram > 0], specification.percentile, method='inverted_cdf')
    scaled: NDArray[Any] = np.minimum(np.log1p(histogram) / np.log1p(top), 1.0)
    return scaled


def point_cloud(raw: NDArray[np.float32], specification: PointCloudSpecification) -> NDArray[Any]:
    """``[k, 3]``: farthest-point sampling of all points, centre, scale."""
    points = raw[np.isfinite(raw).all(axis=1)]
    distance = np.linalg.norm(points, axis=1)
    points = points[(distance >= 0.05) & (distance <= 30.0)]
    taken = [int(np.argmax(((points - points.mean(axis=0)) ** 2).sum(axis=1)))]
    nearest = np.full(len(points), np.inf)
    while len(taken) < specification.points:
        nearest = np.minimum(nearest, ((points - points[taken[-1]]) ** 2).sum(axis=1))
        taken.append(int(np.argmax(nearest)))
    centred = points[taken] - points[taken].mean(axis=0)
    radius = np.percentile(np.linalg.norm(centred, axis=1), specification.radius_percentile)
    return np.asarray(centred / radius)


def audio(raw: AudioClip, specification: AudioSpecification) -> NDArray[Any]:
    """``[1, m, f]``: resample with SciPy, then frame by frame and band by band."""
    from scipy.signal import resample_poly

    bank = specification.bank
    common = math.gcd(raw.sample_rate, specification.sample_rate)
    up, down = specification.sample_rate // common, raw.sample_rate // common
    sound = resample_poly(raw.samples.astype(np.float64), up, down)[-specification.samples :]
    sound = sound - sound.mean()

    def mel(hertz: Any) -> Any:
        return 1127.0 * np.log(1.0 + hertz / 700.0)

    frequencies = mel(np.arange(bank.padded // 2 + 1) * bank.sample_rate / bank.padded)
    edges = np.linspace(mel(bank.low_hz), mel(bank.high_hz), bank.bands + 2)
    triangles = [
        np.interp(frequencies, edges[band : band + 3], [0.0, 1.0, 0.0])
        for band in range(bank.bands)
    ]
    columns = []
    for index in range(bank.frames(len(sound))):
        frame = sound[index * bank.shift : index * bank.shift + bank.frame]
        frame = frame - frame.mean()
        frame = np.append(frame[:1], frame[:-1]) * -bank.preemphasis + frame
        power = np.abs(np.fft.rfft(frame * np.hanning(bank.frame), bank.padded)) ** 2
        energies = [(power * triangle).sum() for triangle in triangles]
        columns.append(np.log(np.maximum(energies, np.finfo(np.float32).eps)))
    return (np.array(columns).T[None] - specification.mean) / specification.std


def _resized(picture: NDArray[Any], size: int) -> NDArray[Any]:
    """The short side brought to ``size`` with Pillow, then the centre cut out."""
    from PIL import Image

    rows, columns = picture.shape[:2]
    scale = size / min(rows, columns)
    width, height = round(columns * scale), round(rows * scale)
    whole = Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC)
    left, top = (width - size) // 2, (height - size) // 2
    return np.asarray(whole.crop((left, top, left + size, top + size)))
