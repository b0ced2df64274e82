"""Image: a camera's colour picture, resized and normalised as CLIP does.

Short side to size (bicubic), centre crop, per-channel mean and standard deviation: the published
transform of CLIP, ImageBind and UniBind, at a size that suits small models on robots.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.configuration.option import option
from omnibind_core.modalities.base import Modality
from omnibind_core.modalities.base import Prepared
from omnibind_core.modalities.picture import check_picture
from omnibind_core.modalities.picture import PictureSensor
from omnibind_core.modalities.picture import region
from omnibind_core.modalities.picture import square
from omnibind_core.modalities.picture import upright


@dataclass(frozen=True)
class ImageSpecification:
    """What an image encoder takes: ``[3, size, size]``, RGB, normalised per channel."""

    size: int = option(128, 'Side of the square input.', unit='px', minimum=32, maximum=512)
    mean: tuple[float, float, float] = option(
        (0.48145466, 0.4578275, 0.40821073),
        "Mean of each channel on the scale 0 to 1; the default is CLIP's.",
        minimum=0.0,
        maximum=1.0,
    )
    std: tuple[float, float, float] = option(
        (0.26862954, 0.26130258, 0.27577711),
        "Standard deviation of each channel on the scale 0 to 1; the default is CLIP's.",
        minimum=0.001,
        maximum=1.0,
    )

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the prepared array, without a batch axis."""
        return (3, self.size, self.size)


@dataclass(frozen=True)
class ImageSensor(PictureSensor):
    """What differs from camera to camera."""

    minimum_contrast: float = option(
        2.0,
        'Standard deviation of the brightness below which there is nothing to see: covered lens, '
        'darkness, glare. 0: every picture counts.',
        unit='grey levels of 255',
        minimum=0.0,
        maximum=255.0,
        live=True,
    )


def preprocess(
    raw: NDArray[np.uint8], specification: ImageSpecification, sensor: ImageSensor
) -> Prepared:
    """A colour picture made ready for the image encoder.

    :param raw: ``[h, w, 3]`` RGB, bounded as :func:`check_picture` says.
    :return: array ``[3, s, s]``; evidence is the contrast: standard deviation of the brightness
        (Rec. 601) of the part the model sees, in grey levels.
    :raises InputError: for any other type, shape or size, and for a ``roi`` outside the picture.
    """
    check_picture(raw, field='picture', channels=3, dtypes=(np.uint8,))
    small = upright(square(region(raw, sensor.roi), specification.size), sensor.rotation)
    channels = np.ascontiguousarray(small.transpose(2, 0, 1), dtype=np.float32)  # [3, s, s]
    contrast = float(np.std(np.tensordot(_BRIGHTNESS, channels, axes=1)))
    mean = np.asarray(specification.mean, dtype=np.float32)[:, None, None]
    std = np.asarray(specification.std, dtype=np.float32)[:, None, None]
    channels *= np.float32(1 / 255)
    channels -= mean
    channels /= std
    return Prepared(channels, contrast >= sensor.minimum_contrast, contrast, 'grey levels')


_BRIGHTNESS = np.array([0.299, 0.587, 0.114], dtype=np.float32)

MODALITY = Modality(
    name='image',
    title='Image',
    role='teacher',
    raw='uint8 [h, w, 3], RGB',
    unit='grey levels, 0 to 255',
    span=0.0,
    specification=ImageSpecification,
    sensor=ImageSensor,
    preprocess=preprocess,
)
