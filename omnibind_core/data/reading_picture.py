"""A picture of any raw reading, for people: clouds drawn, sound as spectrogram, heat in colour."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.modalities.audio_clip import AudioClip
from omnibind_core.modalities.event_slice import EventSlice
from omnibind_core.modalities.registry import modality
from omnibind_core.modalities.touch import TouchFrame

Picture = NDArray[np.uint8]

_PAPER = 245
# From dark to bright through purple and orange, as thermal cameras show it ("ironbow").
_HEAT = np.array(
    [[0, 0, 10], [60, 0, 130], [170, 20, 140], [235, 95, 40], [250, 190, 30], [255, 255, 225]],
    np.float64,
)
_BRIGHTER, _DARKER = (200, 40, 40), (40, 70, 200)


def draw(name: str, raw: Any, size: int) -> Picture:
    """A reading as a square picture, uint8 ``[size, size, 3]``.

    :param name: its modality.
    :param raw: as decoded; of a touch, the gel and (below) its change times six are shown. Of a
        modality without a picture of its own: a curve for each column of numbers.
    :param size: pixels a side.
    :raises InputError: for a reading that its modality cannot use.
    """
    if name == 'image':
        return _fit(raw, size)
    if name == 'thermal':
        return _fit(in_colour(_stretched(raw.astype(np.float64))), size)
    if name == 'touch':
        return _touch(raw, size)
    if name == 'event':
        return _fit(_events(raw), size)
    if name == 'point_cloud':
        return _cloud(raw, size)
    if name == 'audio':
        return _spectrogram(raw, size)
    if name == 'text':
        return _text(str(raw), size)
    return _curves(np.asarray(raw, np.float64), size)


def in_colour(values: NDArray[np.float64]) -> Picture:
    """Values 0..1 ``[h, w]`` in heat colours, ``[h, w, 3]``."""
    steps = np.linspace(0.0, 1.0, len(_HEAT))
    channels = [np.interp(values, steps, _HEAT[:, channel]) for channel in range(3)]
    return np.rint(np.stack(channels, axis=-1)).astype(np.uint8)


def _stretched(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Between the 1st and 99th percentile, at least 2 K of FLIR's counts wide."""
    low, high = np.percentile(values, [1.0, 99.0])
    width = max(high - low, 200.0)
    shares = (values - (low + high - width) / 2.0) / width
    return np.asarray(np.clip(shares, 0.0, 1.0), np.float64)


def _fit(pixels: Picture, size: int) -> Picture:
    """Enlarged or reduced into the middle of a square."""
    from PIL import Image

    picture = Image.fromarray(np.ascontiguousarray(pixels))
    scale = size / max(picture.size)
    wanted = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    how = Image.Resampling.NEAREST if scale >= 2 else Image.Resampling.LANCZOS
    sheet = Image.new('RGB', (size, size), (_PAPER,) * 3)
    sheet.paste(picture.resize(wanted, how), ((size - wanted[0]) // 2, (size - wanted[1]) // 2))
    return np.asarray(sheet, np.uint8)


def _touch(raw: TouchFrame, size: int) -> Picture:
    change = raw.picture.astype(np.float64) - raw.background
    amplified = np.clip(128.0 + 6.0 * change, 0.0, 255.0).astype(np.uint8)
    return _fit(np.concatenate([raw.picture, amplified]), size)


def _events(raw: EventSlice) -> Picture:
    """Red where brighter and blue where darker events prevail, stronger with their number."""
    balance = np.zeros((raw.height, raw.width))
    inside = (raw.events['x'] < raw.width) & (raw.events['y'] < raw.height)
    events = raw.events[inside]
    sign = np.where(events['p'] > 0, 1.0, -1.0)
    np.add.at(balance, (events['y'], events['x']), sign)
    strength = np.clip(np.abs(balance) / 3.0, 0.0, 1.0)[..., None]
    colour = np.where(balance[..., None] > 0, np.array(_BRIGHTER), np.array(_DARKER))
    return np.rint(_PAPER * (1.0 - strength) + colour * strength).astype(np.uint8)


def _cloud(raw: NDArray[np.floating[Any]], size: int) -> Picture:
    """Seen from where the sensor stood, a little from above; near points are bright and on top."""
    picture = in_colour(np.zeros((size, size)))
    points = np.asarray(raw, np.float64)
    points = points[np.isfinite(points).all(axis=1)]
    if len(points) < 2:
        return picture
    middle = np.median(points, axis=0)
    forward = middle / max(float(np.linalg.norm(middle)), 1e-9)
    up = np.array([0.0, 0.0, 1.0])
    if abs(forward @ up) > 0.95:
        up = np.array([0.0, -1.0, 0.0])
    right = np.cross(forward, up)
    right /= np.linalg.norm(right)
    seen = (points - middle) @ np.stack([right, np.cross(right, forward), forward]).T
    reach = max(float(np.percentile(np.abs(seen[:, :2]), 98.0)) * 1.15, 1e-6)
    place = np.rint((seen[:, :2] / reach + 1.0) / 2.0 * (size - 1)).astype(np.int64)
    depth = np.clip(seen[:, 2] / reach, -1.0, 1.0)
    order = np.argsort(-depth)  # far ones first
    shade = in_colour((0.65 - 0.35 * depth)[None])[0]
    for dx in (0, 1):
        for dy in (0, 1):
            x, y = place[order, 0] + dx, size - 1 - place[order, 1] + dy
            inside = (x >= 0) & (x < size) & (y >= 0) & (y < size)
            picture[y[inside], x[inside]] = shade[order][inside]
    return picture


def _spectrogram(raw: AudioClip, size: int) -> Picture:
    """The product's own log-mel energies, low bands below, over 80 dB."""
    from PIL import Image

    found = modality('audio')
    mels = found.prepare(raw, found.specification(), found.sensor()).array[0]
    specification = found.specification()
    logarithm = mels.astype(np.float64) * specification.std + specification.mean
    top = max(float(logarithm.max()), 2.0)  # silence stays dark
    span = 80.0 / 10.0 * np.log(10.0)
    colours = in_colour(np.clip(1.0 + (logarithm - top) / span, 0.0, 1.0))[::-1]
    picture = Image.fromarray(np.ascontiguousarray(colours)).resize((size, size))
    return np.asarray(picture, np.uint8)


def _curves(raw: NDArray[np.float64], size: int) -> Picture:
    """Each column ``[n]`` or ``[n, c]`` from left to right, from its least to its greatest value.

    What is not finite leaves a gap.
    """
    from PIL import Image
    from PIL import ImageDraw

    sheet = Image.new('RGB', (size, size), (_PAPER,) * 3)
    pen = ImageDraw.Draw(sheet)
    finite = raw[np.isfinite(raw)]
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
    columns = raw.reshape(len(raw), -1).T
    for column, colour in zip(columns, itertools.cycle((_DARKER, _BRIGHTER)), strict=False):
        x = (np.arange(len(column)) + 0.5) / max(len(column), 1) * size
        y = size * (0.95 - 0.9 * (column - low) / max(high - low, 1e-9))
        for here, there in itertools.pairwise(zip(x, y, strict=True)):
            if np.isfinite([here, there]).all():
                pen.line((*here, *there), fill=colour, width=max(1, size // 80))
    return np.asarray(sheet, np.uint8)


def _text(text: str, size: int) -> Picture:
    import textwrap

    from PIL import Image
    from PIL import ImageDraw
    from PIL import ImageFont

    sheet = Image.new('RGB', (size, size), (255, 255, 255))
    letters = max(8, size // 7)
    lines = textwrap.wrap(text, letters)[:8]
    font = ImageFont.load_default(size=11)
    ImageDraw.Draw(sheet).multiline_text((6, 6), '\n'.join(lines), fill=(20, 20, 20), font=font)
    return np.asarray(sheet, np.uint8)
