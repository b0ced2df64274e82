"""Thermal: a long-wave infrared picture, as temperatures or as counts.

A *radiometric* camera's counts are temperatures (FLIR TLinear: 0.01 K per count, Lepton and
Boson R data sheets) and are mapped on a fixed range, so that warm looks warm in every picture.
All other cameras give counts that mean nothing by themselves, or 8-bit pictures that are already
stretched; these are stretched between two percentiles.

Notation: ``h, w`` height and width of the raw picture, ``s`` side of the square a model takes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.configuration.option import option
from omnibind_core.errors import ConfigError
from omnibind_core.errors import InputError
from omnibind_core.errors import Problem
from omnibind_core.modalities.base import Modality
from omnibind_core.modalities.base import Prepared
from omnibind_core.modalities.picture import check_picture
from omnibind_core.modalities.picture import PictureSensor
from omnibind_core.modalities.picture import region
from omnibind_core.modalities.picture import square
from omnibind_core.modalities.picture import upright

ZERO_CELSIUS = 273.15  # K
# A picture whose median lies outside shows no room and no oven: its scale or offset is wrong.
_PLAUSIBLE = (-50.0, 500.0)  # degrees C
_LARGEST_VALUE = 1e9  # of floats: far below where float32 arithmetic overflows
_SPREAD_PERCENTILES = (1.0, 99.0)  # a few dead or burning pixels are no contrast
_SAMPLED = 4096  # pixels that are enough for the median
# Spread below which non-radiometric counts are noise, by pixel type.
_FLAT_COUNTS = {'uint8': 8.0, 'uint16': 30.0, 'float32': 0.3}


@dataclass(frozen=True)
class ThermalSpecification:
    """What a thermal encoder takes: ``[1, size, size]``, 0 to 1 from low to high, normalised."""

    size: int = option(96, 'Side of the square input.', unit='px', minimum=32, maximum=512)
    low: float = option(
        0.0,
        'Temperature that becomes 0 (radiometric); colder is clipped.',
        unit='degrees C',
        minimum=-100.0,
        maximum=1000.0,
    )
    high: float = option(
        60.0,
        'Temperature that becomes 1 (radiometric); warmer is clipped.',
        unit='degrees C',
        minimum=-100.0,
        maximum=1000.0,
    )
    mean: float = option(0.5, 'Subtracted after mapping to 0..1.', minimum=0.0, maximum=1.0)
    std: float = option(0.5, 'Divided by after that.', minimum=0.001, maximum=1.0)

    def __post_init__(self) -> None:
        """Check what concerns several fields.

        :raises ConfigError: if the range of temperatures is empty.
        """
        if self.high - self.low < 1.0:
            problem = Problem('high', f'{self.high:g}', f'at least low + 1 ({self.low + 1:g})')
            raise ConfigError(type(self).__name__, [problem])

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the prepared array, without a batch axis."""
        return (1, self.size, self.size)


@dataclass(frozen=True)
class ThermalSensor(PictureSensor):
    """What differs from thermal camera to thermal camera."""

    mode: str = option(
        'auto',
        'What the pixels are. radiometric: temperatures, see scale and offset. percentile: counts, '
        'stretched between two percentiles. auto: percentile for 8-bit pixels, else radiometric.',
        choices=('auto', 'radiometric', 'percentile'),
    )
    scale: float = option(
        0.01,
        'Kelvin per count: temperature = scale * pixel + offset. 0.01 is FLIR TLinear; 1 for '
        'floats in kelvin or degrees C.',
        unit='K',
        minimum=0.0001,
        maximum=100.0,
    )
    offset: float = option(
        0.0,
        'Temperature of pixel value 0, in kelvin; 273.15 for pixels in degrees C.',
        unit='K',
        minimum=-10_000.0,
        maximum=10_000.0,
    )
    low_percentile: float = option(
        2.0,
        'Percentile of the pixels that becomes 0 (mode percentile).',
        unit='%',
        minimum=0.0,
        maximum=100.0,
    )
    high_percentile: float = option(
        98.0,
        'Percentile of the pixels that becomes 1 (mode percentile).',
        unit='%',
        minimum=0.0,
        maximum=100.0,
    )
    skip_rows: int = option(
        0,
        'Rows at the lower edge that hold telemetry instead of pixels (Lepton: 2 or 3).',
        unit='rows',
        minimum=0,
        maximum=64,
    )
    maximum_invalid: float = option(
        0.05,
        'Share of pixels that may be NaN or infinite (float pixels); they take the median. With '
        'more, the picture is refused.',
        minimum=0.0,
        maximum=0.5,
    )
    flat_kelvin: float = option(
        0.3,
        'Spread of temperatures below which there is nothing to sense (radiometric). The noise of '
        'a sensor with a NETD of 50 mK spreads over 0.23 K. 0: every picture counts.',
        unit='K',
        minimum=0.0,
        maximum=100.0,
        live=True,
    )
    flat_counts: float = option(
        0.0,
        'Spread of the pixels below which there is nothing to sense (mode percentile); nothing '
        'weaker is stretched to full contrast. 0: by pixel type, 8 for 8 bits, 30 for 16 bits, '
        '0.3 for floats.',
        unit='counts',
        minimum=0.0,
        maximum=65_535.0,
        live=True,
    )

    def problems(self) -> list[Problem]:
        """What is wrong between the fields."""
        found = super().problems()
        if self.high_percentile - self.low_percentile < 1.0:
            least = f'at least low_percentile + 1 ({self.low_percentile + 1:g})'
            found.append(Problem('high_percentile', f'{self.high_percentile:g}', least))
        return found


def preprocess(
    raw: NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32],
    specification: ThermalSpecification,
    sensor: ThermalSensor,
) -> Prepared:
    """A thermal picture made ready for the thermal encoder.

    *Nothing to sense* means no thermal contrast: the spread between the 1st and the 99th
    percentile of what the model sees, after resizing, is below the sensor's threshold. A flat
    picture is valid all the same: without contrast nothing is stretched, so noise stays small.

    :param raw: ``[h, w]`` uint8, uint16 or float32, bounded as :func:`check_picture` says.
    :return: array ``[1, s, s]``; evidence is that spread, in K (radiometric, of temperatures
        clipped to the specification's range) or counts (percentile).
    :raises InputError: for any other type, shape or size, a ``roi`` outside the picture, too many
        invalid pixels, or temperatures that no place has (wrong scale or offset).
    """
    check_picture(raw, field='picture', channels=None, dtypes=(np.uint8, np.uint16, np.float32))
    pixels = _pixels(raw, sensor)  # [h, w]
    mode = sensor.mode
    if mode == 'auto':
        mode = 'percentile' if raw.dtype == np.uint8 else 'radiometric'
    if mode == 'radiometric':
        unit, spread = _radiometric(pixels, specification, sensor)
        informative, of = spread >= sensor.flat_kelvin, 'K'
    else:
        flat = sensor.flat_counts or _FLAT_COUNTS[raw.dtype.name]
        unit, spread = _stretched(pixels, specification.size, sensor, flat)
        informative, of = spread >= flat, 'counts'
    turned = upright(unit, sensor.rotation)
    array = (turned - np.float32(specification.mean)) / np.float32(specification.std)
    return Prepared(np.ascontiguousarray(array[None]), informative, spread, of)


def _pixels(
    raw: NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32], sensor: ThermalSensor
) -> NDArray[np.float32]:
    """The used part of the picture as finite floats ``[h, w]``."""
    rows = raw.shape[0]
    if rows <= sensor.skip_rows:
        raise InputError('picture.shape', list(raw.shape), f'more than {sensor.skip_rows} rows')
    used = region(raw[: rows - sensor.skip_rows], sensor.roi)
    pixels = used.astype(np.float32)
    if raw.dtype != np.float32:
        return pixels
    # one comparison finds what is not a number, infinite or absurd; NaN compares as false
    with np.errstate(invalid='ignore'):
        valid = np.abs(pixels) <= _LARGEST_VALUE
    if valid.all():
        return pixels
    share = 1.0 - float(valid.mean())
    if share > sensor.maximum_invalid:
        allowed = f'at most {sensor.maximum_invalid:.1%} NaN, infinite or beyond 1e9'
        raise InputError('picture.pixels', f'{share:.1%} of them invalid', allowed)
    pixels[~valid] = np.median(pixels[valid])
    return pixels


def _radiometric(
    pixels: NDArray[np.float32], specification: ThermalSpecification, sensor: ThermalSensor
) -> tuple[NDArray[np.float32], float]:
    """0 to 1 from the specification's low to high ``[s, s]``, and the spread in K."""
    step = max(1, int((pixels.size / _SAMPLED) ** 0.5))
    median = float(np.median(pixels[::step, ::step])) * sensor.scale + sensor.offset - ZERO_CELSIUS
    if not _PLAUSIBLE[0] <= median <= _PLAUSIBLE[1]:
        allowed = (
            f'a median from {_PLAUSIBLE[0]:g} to {_PLAUSIBLE[1]:g} degrees C; set scale and '
            'offset, or mode: percentile for a camera that does not measure temperatures'
        )
        raise InputError('picture.temperature', f'{median:.1f} degrees C', allowed)
    low = (specification.low + ZERO_CELSIUS - sensor.offset) / sensor.scale
    high = (specification.high + ZERO_CELSIUS - sensor.offset) / sensor.scale
    # clipped before resizing as well: else one burning pixel would ring into its neighbours
    clipped = np.clip(pixels, np.float32(low), np.float32(high))
    unit = (clipped - np.float32(low)) * np.float32(1 / (high - low))
    small = np.clip(square(unit, specification.size), np.float32(0), np.float32(1))
    return small, _spread(small) * (specification.high - specification.low)


def _stretched(
    pixels: NDArray[np.float32], size: int, sensor: ThermalSensor, flat: float
) -> tuple[NDArray[np.float32], float]:
    """0 to 1 between two percentiles ``[s, s]``, and the spread in counts."""
    small = square(pixels, size)
    low, high = np.percentile(small, [sensor.low_percentile, sensor.high_percentile])
    middle = np.float32((low + high) / 2)
    width = np.float32(max(high - low, flat))
    unit = np.clip((small - middle) / width + np.float32(0.5), np.float32(0), np.float32(1))
    return unit, _spread(small)


def _spread(small: NDArray[np.float32]) -> float:
    low, high = np.percentile(small, _SPREAD_PERCENTILES)
    return float(high - low)


MODALITY = Modality(
    name='thermal',
    title='Thermal',
    role='student',
    raw='uint8, uint16 or float32 [h, w]',
    unit='counts, or degrees by scale and offset',
    span=0.0,
    specification=ThermalSpecification,
    sensor=ThermalSensor,
    preprocess=preprocess,
)
