"""The encoder node that people write today: Pillow and numpy, then the model in eager PyTorch.

What `omnibind bench models` compares with. It is written as somebody writes it who cares for speed
(float32 throughout, no loops over frames or events, inference mode, channels last), and checks
nothing. The network is the student's, with random weights: values do not change how long it takes.

Notation: ``d`` dimension of the space.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from functools import lru_cache
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
import torch

from omnibind_core.errors import UnavailableError
from omnibind_core.modalities.mel import MelBank
from omnibind_core.models.students.registry import student

Preprocess = Callable[[Any, Any], NDArray[np.float32]]


class EagerNode:
    """Encodes one modality.

    :param modality: a sensor's name.
    :param specification: of the model's input.
    :param dimension: d.
    :raises UnavailableError: nobody wrote such a node for this modality.
    """

    def __init__(self, modality: str, *, specification: Any, dimension: int) -> None:
        if modality not in PREPROCESS:
            known = ', '.join(PREPROCESS)
            raise UnavailableError(f'no eager node was written for {modality}; there are: {known}')
        network = student(modality, dimension=dimension, specification=specification).eval()
        self._pictures = len(specification.shape) == 3
        if self._pictures:
            network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._network = network
        self._specification = specification
        self._preprocess = PREPROCESS[modality]

    def encode(self, array: NDArray[np.float32]) -> NDArray[np.float32]:
        """A prepared array into its embedding ``[d]``."""
        with torch.inference_mode():
            batch = torch.from_numpy(array[None])
            if self._pictures:
                batch = batch.contiguous(memory_format=torch.channels_last)
            vector: NDArray[np.float32] = self._network(batch)[0].numpy()
        return vector

    def encode_raw(self, raw: Any) -> NDArray[np.float32]:
        """A raw reading into its embedding ``[d]``."""
        return self.encode(self._preprocess(raw, self._specification))


def image(raw: NDArray[np.uint8], specification: Any) -> NDArray[np.float32]:
    """``[3, s, s]``."""
    unit = _resized(raw, specification.size).astype(np.float32) * np.float32(1.0 / 255.0)
    mean, std = np.float32(specification.mean), np.float32(specification.std)
    return np.ascontiguousarray(((unit - mean) / std).transpose(2, 0, 1))


def thermal(raw: NDArray[np.uint16], specification: Any) -> NDArray[np.float32]:
    """``[1, s, s]``."""
    low, high = specification.low, specification.high
    scale, offset = 0.01 / (high - low), (-273.15 - low) / (high - low)
    unit = np.clip(raw.astype(np.float32) * np.float32(scale) + np.float32(offset), 0.0, 1.0)
    small = np.clip(_resized(unit, specification.size)[None], 0.0, 1.0)
    found: NDArray[np.float32] = (small - np.float32(specification.mean)) / np.float32(
        specification.std
    )
    return found


def touch(raw: Any, specification: Any) -> NDArray[np.float32]:
    """``[3, s, s]``; the untouched gel is resized once by whoever keeps it, here each time."""
    picture = _resized(raw.picture, specification.size).astype(np.float32)
    background = _resized(raw.background, specification.size).astype(np.float32)
    limit = specification.limit
    scaled = np.clip((picture - background) * np.float32(specification.gain / 255), -limit, limit)
    return np.ascontiguousarray(scaled.transpose(2, 0, 1))


def event(raw: Any, specification: Any) -> NDArray[np.float32]:
    """``[2 * bins, s, s]``."""
    side, size, bins = min(raw.width, raw.height), specification.size, specification.bins
    begin = raw.end_us - specification.window_ms * 1000
    events = raw.events[(raw.events['t'] > begin) & (raw.events['t'] <= raw.end_us)]
    x = events['x'].astype(np.int32) - (raw.width - side) // 2
    y = events['y'].astype(np.int32) - (raw.height - side) // 2
    inside = (x >= 0) & (x < side) & (y >= 0) & (y < side)
    events, x, y = events[inside], x[inside], y[inside]
    place = y * side + x
    pixels = np.bincount(place, minlength=side * side)
    fired = pixels[pixels > 0]
    deviation = max(float(fired.std()), math.sqrt(float(fired.mean())))
    sound = pixels[place] <= fired.mean() + specification.hot_pixel_deviations * deviation
    events, x, y = events[sound], x[sound], y[sound]
    share = (events['t'] - begin - 1) / (specification.window_ms * 1000)
    channel = 2 * (share * bins).astype(np.int32) + events['p']
    cell = (channel * size + y * size // side) * size + x * size // side
    histogram = np.bincount(cell, minlength=2 * bins * size * size).astype(np.float32)
    top = np.percentile(histogram[histogram > 0], specification.percentile, method='inverted_cdf')
    scaled = np.minimum(np.log1p(histogram) / np.log1p(top), 1.0).astype(np.float32)
    return np.asarray(scaled.reshape(2 * bins, size, size))


def point_cloud(raw: NDArray[np.float32], specification: Any) -> NDArray[np.float32]:
    """``[k, 3 or 4]``: a random part, as is usual where farthest points take too long."""
    distance = np.linalg.norm(raw, axis=1)
    points = raw[np.isfinite(distance) & (distance >= 0.05) & (distance <= 30.0)]
    random = np.random.default_rng(0)
    taken = random.choice(
        len(points), specification.points, replace=len(points) < specification.points
    )
    centred = points[taken] - points[taken].mean(axis=0)
    radius = np.percentile(np.linalg.norm(centred, axis=1), specification.radius_percentile)
    found = np.empty(specification.shape, np.float32)
    found[:, :3] = centred / radius
    if specification.scale_channel:
        found[:, 3] = math.log(radius)
    return found


def audio(raw: Any, specification: Any) -> NDArray[np.float32]:
    """``[1, m, f]``."""
    from scipy.signal import resample_poly

    bank = specification.bank
    common = math.gcd(raw.sample_rate, specification.sample_rate)
    up, down = specification.sample_rate // common, raw.sample_rate // common
    sound = resample_poly(raw.samples, up, down)[-specification.samples :].astype(np.float32)
    sound = sound - sound.mean()
    frames = np.lib.stride_tricks.sliding_window_view(sound, bank.frame)[:: bank.shift]
    frames = frames[: bank.frames(len(sound))]
    frames = frames - frames.mean(axis=1, keepdims=True)
    before = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    window = np.hanning(bank.frame).astype(np.float32)
    shaped = (frames - np.float32(bank.preemphasis) * before) * window
    power = np.abs(np.fft.rfft(shaped, bank.padded)) ** 2
    energies = np.maximum(power @ _triangles(bank), np.finfo(np.float32).eps)
    scaled = (np.log(energies).T[None] - specification.mean) / specification.std
    return np.asarray(scaled, np.float32)


PREPROCESS: Mapping[str, Preprocess] = {
    'image': image,
    'thermal': thermal,
    'event': event,
    'point_cloud': point_cloud,
    'audio': audio,
    'touch': touch,
}
"""By modality: from a raw reading and the model's specification to its input."""


@lru_cache(maxsize=8)
def _triangles(bank: MelBank) -> NDArray[np.float32]:
    """Mel bands ``[bins, m]``, made once."""

    def mel(hertz: Any) -> Any:
        return 1127.0 * np.log(1.0 + hertz / 700.0)

    bins = mel(np.arange(bank.padded // 2 + 1) * bank.sample_rate / bank.padded)
    edges = np.linspace(mel(bank.low_hz), mel(bank.high_hz), bank.bands + 2)
    bands = [np.interp(bins, edges[band : band + 3], [0, 1, 0]) for band in range(bank.bands)]
    return np.stack(bands, axis=1).astype(np.float32)


def _resized(picture: NDArray[Any], size: int) -> NDArray[Any]:
    """The short side brought to ``size`` with Pillow, then the centre cut out."""
    from PIL import Image

    rows, columns = picture.shape[:2]
    side = min(rows, columns)
    left, top = (columns - side) / 2, (rows - side) / 2
    box = (left, top, left + side, top + side)
    whole = Image.fromarray(picture)
    return np.asarray(whole.resize((size, size), Image.Resampling.BICUBIC, box=box))
