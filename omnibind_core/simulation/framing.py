"""Where a camera stands and looks so that a thing fills the part of its picture that models see.

Models look at the middle square of a picture. Everything here is relative to that square: a wide
picture shows more at its sides, not a smaller thing.
"""

from __future__ import annotations

from dataclasses import dataclass
import math

import numpy as np
from numpy.typing import ArrayLike

from omnibind_core.simulation.camera import Camera
from omnibind_core.simulation.camera import frame
from omnibind_core.simulation.camera import orbit
from omnibind_core.simulation.camera import Vector


@dataclass(frozen=True, kw_only=True)
class Framing:
    """A camera around a point, in the terms of someone who holds it.

    :param target: what it looks at, metres.
    :param distance: to it, metres.
    :param azimuth: as :func:`~omnibind_core.simulation.camera.orbit`, radians.
    :param elevation: above the horizon, radians.
    :param fov: angle of view of the middle square, radians.
    :param roll: how far the camera is turned clockwise about its axis, radians.
    :param shift: how far right and down of the middle the target appears; 1 = the square's edge.
    """

    target: Vector
    distance: float
    azimuth: float
    elevation: float
    fov: float
    roll: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)

    def camera(self, width: int, height: int) -> Camera:
        """The camera with a picture of so many pixels."""
        position = orbit(
            target=self.target,
            distance=self.distance,
            azimuth=math.degrees(self.azimuth),
            elevation=math.degrees(self.elevation),
        )
        straight = Camera(width=1, height=1, fov=90.0, position=position, target=self.target)
        right, down, _ = straight.rotation
        half = math.tan(self.fov / 2.0)
        # turned clockwise, the camera's right points down a little and its up to the right
        turned_right = math.cos(self.roll) * right + math.sin(self.roll) * down
        turned_down = math.cos(self.roll) * down - math.sin(self.roll) * right
        aside = half * self.distance * (self.shift[0] * turned_right + self.shift[1] * turned_down)
        x, y, z = (np.asarray(self.target) - aside).tolist()
        up_x, up_y, up_z = (-turned_down).tolist()
        return Camera(
            width=width,
            height=height,
            fov=2.0 * math.degrees(math.atan(half * width / min(width, height))),
            position=position,
            target=(x, y, z),
            up=(up_x, up_y, up_z),
        )


def framed(
    points: ArrayLike,
    *,
    azimuth: float,
    elevation: float,
    fov: float,
    margin: float,
    roll: float = 0.0,
    off_centre: tuple[float, float] = (0.0, 0.0),
) -> Framing:
    """The nearest place of a direction from which all points fit the square.

    :param points: ``[n, 3]``, metres.
    :param azimuth: radians.
    :param elevation: radians.
    :param fov: of the square, radians.
    :param margin: 1 = the points touch the square's edge; 2 = they fill half of its side.
    :param roll: radians.
    :param off_centre: how much of the room that ``margin`` leaves the points move right and down;
        at 1 they touch the edge again.
    """
    near = frame(
        points,
        width=1,
        height=1,
        fov=math.degrees(fov),
        azimuth=math.degrees(azimuth),
        elevation=math.degrees(elevation),
        margin=margin,
    )
    room = 1.0 - 1.0 / margin
    return Framing(
        target=near.target,
        distance=math.dist(near.position, near.target),
        azimuth=azimuth,
        elevation=elevation,
        fov=fov,
        roll=roll,
        shift=(room * off_centre[0], room * off_centre[1]),
    )
