"""What is at a stop: a thing or nothing, in a lit room, and a robot that sways before it."""

from __future__ import annotations

from dataclasses import dataclass
import math

import numpy as np
from numpy.typing import ArrayLike

from omnibind_core.data.seeding import generator
from omnibind_core.simulation.bag.settings import Stop
from omnibind_core.simulation.bag.sway import Sway
from omnibind_core.simulation.bag.sway import SwayPath
from omnibind_core.simulation.bag.timetable import Period
from omnibind_core.simulation.framing import framed
from omnibind_core.simulation.framing import Framing
from omnibind_core.simulation.ray_caster import RayCaster
from omnibind_core.simulation.scene import Scene
from omnibind_core.simulation.sensors.event import EventSimulation
from omnibind_core.simulation.sensors.image import ImageSimulation
from omnibind_core.simulation.thing import Thing
from omnibind_core.simulation.thing import View


@dataclass(frozen=True, eq=False)
class Place:
    """One stop.

    :param number: which.
    :param period: when.
    :param stop: what happens there.
    :param thing: what is there, if anything.
    :param middle: the robot's place about which it sways.
    :param path: how it sways.
    :param scene: light and surroundings, for both cameras.
    :param camera: the camera's framing when the robot is in the middle.
    :param event_camera: and the event camera's.
    """

    number: int
    period: Period
    stop: Stop
    thing: Thing | None
    middle: View
    path: SwayPath
    scene: Scene
    camera: Framing
    event_camera: Framing

    @staticmethod
    def drawn(
        number: int,
        period: Period,
        stop: Stop,
        thing: Thing | None,
        *,
        sway: Sway,
        image: ImageSimulation,
        event: EventSimulation,
        seed: int,
    ) -> Place:
        """A place with light, surroundings and framings drawn as for the data set.

        :param image: settings of the simulated camera.
        :param event: and of the event camera.
        """
        random = generator(seed, 'place', number)
        middle = View.drawn(random)
        path = SwayPath.drawn(sway, random, moving=stop.moving)
        # without a thing, a unit cube that is not there
        points = _cube() if thing is None else thing.mesh.vertices
        reach = float(np.linalg.norm(np.ptp(points, axis=0))) / 2.0
        camera = _framed(points, middle, image, random)
        scene = Scene.drawn(
            random,
            reach=reach,
            azimuth=middle.azimuth,
            kelvin=(image.least_kelvin, image.most_kelvin),
            ambient=(image.least_ambient, image.most_ambient),
        )
        event_camera = _framed(points, middle, event, random)
        return Place(number, period, stop, thing, middle, path, scene, camera, event_camera)

    @property
    def caster(self) -> RayCaster | None:
        """Rays against the thing."""
        return None if self.thing is None else self.thing.caster

    def view(self, time: float) -> View:
        """Where the robot stands, s after the begin of the bag."""
        return self.path.view(self.middle, time - self.period.begin)

    def framing(self, middle: Framing, time: float) -> Framing:
        """Where one of its cameras is and looks, s after the begin of the bag."""
        return self.path.framing(middle, time - self.period.begin)


def _cube() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (0.0, 1.0)])


def _framed(
    points: ArrayLike,
    view: View,
    options: ImageSimulation | EventSimulation,
    random: np.random.Generator,
) -> Framing:
    """How a camera looks at points: as wide, as tight and as far off the middle as in the data."""
    limit = options.off_centre if isinstance(options, ImageSimulation) else 0.7
    roll = options.roll if isinstance(options, ImageSimulation) else 0.0
    right, down = random.uniform(-limit, limit, 2).tolist()
    return framed(
        points,
        azimuth=view.azimuth,
        elevation=view.elevation,
        fov=math.radians(random.uniform(options.least_fov, options.most_fov)),
        margin=float(random.uniform(options.least_margin, options.most_margin)),
        roll=math.radians(random.normal(0.0, roll)),
        off_centre=(right, down),
    )
