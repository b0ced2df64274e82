"""Laser scan: distances in a plane around the robot, as a profile of how near things are.

Nearness is 1 at the scanner and 0 at the farthest distance and beyond; a beam that does not come
back counts as free. Beams are brought to a fixed number; the nearest one of each part wins.

Notation: ``n`` beams of the scan, ``b`` directions that a model takes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.configuration.option import option
from omnibind_core.errors import InputError
from omnibind_core.modalities.base import Modality
from omnibind_core.modalities.base import Prepared

_MOST_BEAMS = 100_000


@dataclass(frozen=True)
class LaserScanSpecification:
    """What a laser scan encoder takes: ``[1, beams]``, nearness from 0 to 1."""

    beams: int = option(
        128, 'Directions, evenly spread over the field of view.', minimum=16, maximum=4096
    )
    farthest: float = option(
        8.0, 'Distance from which on nearness is 0.', unit='m', minimum=0.1, maximum=1000.0
    )

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the prepared array, without a batch axis."""
        return (1, self.beams)


@dataclass(frozen=True)
class LaserScanSensor:
    """What differs from scanner to scanner."""

    range_min: float = option(
        0.05,
        'Nearer returns are left out: the robot itself.',
        unit='m',
        minimum=0.0,
        maximum=1000.0,
        live=True,
    )
    least_near: float = option(
        0.02,
        'Share of the directions that must see something; below, there is nothing to sense. '
        '0: every scan counts.',
        minimum=0.0,
        maximum=1.0,
        live=True,
    )


def preprocess(
    raw: NDArray[np.float32], specification: LaserScanSpecification, sensor: LaserScanSensor
) -> Prepared:
    """A scan made ready for the laser scan encoder.

    :param raw: float32 ``[n]``, distances in metres, counter-clockwise; not finite: no return.
    :return: array ``[1, b]``; evidence is the share of directions that see something.
    :raises InputError: for any other type or shape, or more than 100,000 beams.
    """
    if not isinstance(raw, np.ndarray):
        raise InputError('scan', type(raw).__name__, 'an array')
    if raw.dtype != np.float32 or raw.ndim != 1:
        raise InputError('scan', f'{raw.dtype} {list(raw.shape)}', 'float32 [n]')
    if not 1 <= len(raw) <= _MOST_BEAMS:
        raise InputError('scan', f'{len(raw)} beams', f'1 to {_MOST_BEAMS}')
    seen = np.isfinite(raw) & (raw >= sensor.range_min)
    distance = np.where(seen, raw, np.inf)
    nearness = 1.0 - np.minimum(distance, specification.farthest) / specification.farthest
    first = np.arange(specification.beams) * len(raw) // specification.beams
    array = np.maximum.reduceat(nearness, first)[None].astype(np.float32)
    share = float((array > 0.0).mean())
    return Prepared(array, share >= sensor.least_near, share, 'share of the directions')


MODALITY = Modality(
    name='laser_scan',
    title='Laser scan',
    role='student',
    raw='float32 [n], distances counter-clockwise; not finite: no return',
    unit='m',
    span=0.0,
    specification=LaserScanSpecification,
    sensor=LaserScanSensor,
    preprocess=preprocess,
)
