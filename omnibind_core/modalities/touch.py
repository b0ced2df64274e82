"""Touch: the picture of a camera behind a gel (GelSight, DIGIT), minus the untouched gel.

What a contact does to the gel is the *difference* to its picture without contact; the picture
itself mostly shows the sensor's own lights. TVL (Fu et al., 2024) subtracts a stored background
likewise; its differences have a standard deviation of about 0.05 on the scale 0 to 1 (0.0454,
0.0440, 0.0533), whose reciprocal is our gain.

Notation: ``h, w`` height and width of the raw pictures, ``s`` side of the square a model takes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.configuration.option import option
from omnibind_core.errors import InputError
from omnibind_core.modalities.base import Modality
from omnibind_core.modalities.base import Prepared
from omnibind_core.modalities.picture import check_picture
from omnibind_core.modalities.picture import PictureSensor
from omnibind_core.modalities.picture import region
from omnibind_core.modalities.picture import square
from omnibind_core.modalities.picture import upright


@dataclass(frozen=True, eq=False)
class TouchFrame:
    """A gel's picture with the same gel's picture without contact.

    :param picture: uint8 ``[h, w, 3]`` RGB.
    :param background: uint8 of the same shape: without contact, see
        :class:`~omnibind_core.modalities.touch_background.BackgroundEstimator`.
    """

    picture: NDArray[np.uint8]
    background: NDArray[np.uint8]


@dataclass(frozen=True)
class TouchSpecification:
    """What a touch encoder takes: ``[3, size, size]``, RGB differences to the background."""

    size: int = option(96, 'Side of the square input.', unit='px', minimum=32, maximum=512)
    gain: float = option(
        20.0,
        'What differences (on the scale -1 to 1) are multiplied by.',
        minimum=0.1,
        maximum=1000.0,
    )
    limit: float = option(
        8.0, 'Largest value after the gain; beyond, it is clipped.', minimum=0.1, maximum=1000.0
    )

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the prepared array, without a batch axis."""
        return (3, self.size, self.size)


@dataclass(frozen=True)
class TouchSensor(PictureSensor):
    """What differs from fingertip to fingertip."""

    contact_difference: float = option(
        6.0,
        'Difference to the background, after smoothing, from which a pixel counts as touched.',
        unit='grey levels of 255',
        minimum=0.5,
        maximum=255.0,
        live=True,
    )
    contact_area: float = option(
        0.01,
        'Share of the gel that must be touched to count as a contact. 0: always in contact.',
        minimum=0.0,
        maximum=1.0,
        live=True,
    )
    background_frames: int = option(
        15,
        'Pictures in a row that must agree before they become the background.',
        unit='pictures',
        minimum=3,
        maximum=31,
    )
    background_drift: float = option(
        60.0,
        'Time constant with which the background follows the gel while nothing touches it.',
        unit='s',
        minimum=1.0,
        maximum=86_400.0,
    )


def preprocess(raw: TouchFrame, specification: TouchSpecification, sensor: TouchSensor) -> Prepared:
    """A gel's picture made ready for the touch encoder.

    :param raw: picture and background, both bounded as :func:`check_picture` says.
    :return: array ``[3, s, s]``: ``gain * (picture - background) / 255``, clipped to plus and minus
        the specification's limit; 0 where nothing touches. Evidence is :func:`contact_share`.
    :raises InputError: for any other type, shape or size, for pictures of different sizes, and for
        a ``roi`` outside the picture.
    """
    if not isinstance(raw, TouchFrame):
        raise InputError('frame', type(raw).__name__, 'a TouchFrame of picture and background')
    check_picture(raw.picture, field='picture', channels=3, dtypes=(np.uint8,))
    check_picture(raw.background, field='background', channels=3, dtypes=(np.uint8,))
    if raw.picture.shape != raw.background.shape:
        allowed = f"the picture's shape {list(raw.picture.shape)}; learn the background again"
        raise InputError('background.shape', list(raw.background.shape), allowed)
    picture = reduced(raw.picture, specification.size, sensor)
    difference = picture - reduced(raw.background, specification.size, sensor)  # [s, s, 3]
    share = contact_share(difference, sensor.contact_difference)
    turned = upright(difference, sensor.rotation).transpose(2, 0, 1) * (specification.gain / 255)
    array = np.clip(turned, -specification.limit, specification.limit)
    informative = share >= sensor.contact_area
    return Prepared(
        np.ascontiguousarray(array, dtype=np.float32), informative, share, 'share of the gel'
    )


def reduced(picture: NDArray[np.uint8], size: int, sensor: TouchSensor) -> NDArray[np.float32]:
    """The used part of a picture at the model's size, ``[s, s, 3]`` in grey levels, not turned.

    :raises InputError: for a ``roi`` outside the picture.
    """
    return square(region(picture, sensor.roi), size).astype(np.float32)


def contact_share(difference: NDArray[np.float32], threshold: float) -> float:
    """Which share of the gel is touched.

    The difference is averaged over 3 x 3 pixels, which takes away noise but not a contact. Its
    median per channel is taken out: a change that is the same everywhere is light, not touch. A
    pixel is touched if then any channel differs by more than the threshold (coloured lights from
    several sides make a dent brighter in one channel and darker in another).

    :param difference: picture minus background, ``[s, s, 3]`` with s >= 3, in grey levels.
    :param threshold: in grey levels.
    :return: from 0 to 1.
    """
    rows = difference[:-2] + difference[1:-1] + difference[2:]
    smooth = (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / np.float32(9)
    # every second pixel is enough for a median
    light = np.median(smooth[::2, ::2], axis=(0, 1))
    touched = (np.abs(smooth - light) > threshold).any(axis=2)
    return float(touched.mean())


MODALITY = Modality(
    name='touch',
    title='Touch',
    role='student',
    raw='TouchFrame: picture and background, both uint8 [h, w, 3], RGB',
    unit='grey levels, 0 to 255',
    span=0.0,
    specification=TouchSpecification,
    sensor=TouchSensor,
    preprocess=preprocess,
)
