"""Touch: a GelSight fingertip pressed against a thing, through measured optics.

A point of the reachable surface is touched, drawn by area; the finger rolls, slants and presses
with a random force; geometry at real scale and the material's microscopic relief dent the gel
(:mod:`~omnibind_core.simulation.contact`), and Taxim's calibration makes the picture
(:mod:`~omnibind_core.simulation.gel_optics`). What is invented: the contact itself (an elastic
foundation against rigid things, no friction, no shadows), the relief, and the wear.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omnibind_core.configuration.option import option
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.modalities.touch import TouchFrame
from omnibind_core.simulation.contact import height_map
from omnibind_core.simulation.contact import press
from omnibind_core.simulation.contact import touch_point
from omnibind_core.simulation.gel_optics import gel_optics
from omnibind_core.simulation.gel_optics import GelOptics
from omnibind_core.simulation.micro_relief import micro_relief
from omnibind_core.simulation.thing import Reading

if TYPE_CHECKING:
    from omnibind_core.simulation.thing import Thing
    from omnibind_core.simulation.thing import View

_MM = 1e3


@dataclass(frozen=True)
class TouchSimulation:
    """The fingertip and how it is used."""

    width: int = option(160, 'Picture width.', unit='px', minimum=32, maximum=640)
    height: int = option(120, 'Picture height.', unit='px', minimum=24, maximum=480)
    least_force: float = option(
        1.0, 'Gentlest press; forces are drawn evenly on a log scale.', unit='N', minimum=0.05
    )
    most_force: float = option(
        8.0, 'Firmest press; a two-finger gripper holds with about this.', unit='N', minimum=0.05
    )
    gel_modulus: float = option(
        0.2,
        "The gel's Young's modulus (Yuan, Dong & Adelson 2017, Sensors 17:2762: soft silicone).",
        unit='MPa',
        minimum=0.01,
        maximum=10.0,
    )
    gel_thickness: float = option(4.0, "The gel's thickness.", unit='mm', minimum=0.5, maximum=20.0)
    deepest: float = option(
        1.5,
        'Deepest dent; calibrated presses go about as deep.',
        unit='mm',
        minimum=0.1,
        maximum=3.0,
    )
    slant: float = option(
        4.0, 'Standard deviation of the slant.', unit='degrees', minimum=0.0, maximum=30.0
    )
    read_noise: float = option(
        1.2,
        "Camera noise in the dark; with shot noise about 2 grey levels, a small CMOS camera's.",
        unit='grey levels of 255',
        minimum=0.0,
        maximum=50.0,
    )
    electrons: float = option(
        9000.0,
        'Electrons of a white pixel: shot noise is sqrt(electrons) of them (Janesick 2001).',
        unit='electrons',
        minimum=100.0,
        maximum=1e6,
    )
    wear: float = option(
        0.5,
        'How worn gels are at most: 1 has 20 scratches and half of the reflective paint gone.',
        minimum=0.0,
        maximum=1.0,
    )
    light_drift: float = option(
        0.01,
        "Standard deviation of each colour's brightness since the background was taken.",
        minimum=0.0,
        maximum=0.2,
    )

    def __post_init__(self) -> None:
        """Check what concerns two fields.

        :raises ConfigError: if the gentlest press is firmer than the firmest.
        """
        if self.least_force > self.most_force:
            allowed = f'at least least_force ({self.least_force:g})'
            problem = Problem('most_force', f'{self.most_force:g}', allowed)
            raise ConfigError(type(self).__name__, [problem])


def simulate(
    thing: Thing, view: View, options: TouchSimulation, random: np.random.Generator
) -> Reading:
    """One touch of a thing.

    :param view: not used: a finger feels no light and no viewpoint.
    :returns: raw is a :class:`~omnibind_core.modalities.touch.TouchFrame`; metadata: force (N),
        depth (mm), touched position (m), wear.
    :raises UnavailableError: ``taxim`` or ``embreex`` is not installed.
    """
    del view
    optics = gel_optics(options.width, options.height)
    point = touch_point(thing.caster, random)
    slant = random.normal(0.0, np.radians(options.slant), 2).clip(-0.5, 0.5)
    pitch = (optics.pitch[0] / _MM, optics.pitch[1] / _MM)
    depth = height_map(
        thing.caster,
        point,
        shape=optics.shape,
        pitch=pitch,
        roll=random.uniform(0.0, 2.0 * np.pi),
        tilt=(float(slant[0]), float(slant[1])),
    )
    material = thing.materials[int(thing.mesh.material[point.triangle])]
    depth = depth + micro_relief(material, optics.shape, pitch[0], random)
    logarithms = np.log([options.least_force, options.most_force])
    force = float(np.exp(random.uniform(*logarithms)))
    gap = depth - optics.gel / _MM
    stiffness = options.gel_modulus * 1e6 / (options.gel_thickness / _MM)
    dent = min(press(gap, force, stiffness, pitch[0] * pitch[1]), options.deepest / _MM)
    surface = ((depth - gap.min() - dent) * _MM).astype(np.float32)
    dented = optics.light(optics.deformed(surface))
    worn = Wear.drawn(options, random)
    frame = _frame(optics, dented, worn, options, random)
    x, y, z = (float(value) for value in point.position)
    facts: dict[str, float | int | str] = {
        'force': force,
        'depth': dent * _MM,
        'x': x,
        'y': y,
        'z': z,
        'material': material.name,
        'wear': worn.amount,
    }
    return Reading(frame, facts)


def nothing(options: TouchSimulation, random: np.random.Generator) -> Reading:
    """The gel without contact: the background again, with noise."""
    optics = gel_optics(options.width, options.height)
    worn = Wear.drawn(options, random)
    frame = _frame(optics, _untouched(optics), worn, options, random)
    return Reading(frame, {'force': 0.0, 'depth': 0.0, 'wear': worn.amount})


@dataclass(frozen=True, eq=False)
class Wear:
    """What use has done to a gel.

    :param amount: 0 new to 1 worn out.
    :param reflectance: float32 ``[h, w, 1]``: how much of the paint is left, 1 = all. Where it is
        gone, light and its change with the slope are weaker.
    """

    amount: float
    reflectance: NDArray[np.float32]

    @staticmethod
    def drawn(options: TouchSimulation, random: np.random.Generator) -> Wear:
        """A gel of random age."""
        amount = float(random.uniform(0.0, options.wear))
        y, x = np.mgrid[: options.height, : options.width].astype(np.float32)
        size = float(options.width)
        left = np.ones((options.height, options.width), np.float32)
        for _ in range(int(random.poisson(20.0 * amount))):
            middle = random.uniform(0.0, 1.0, 2) * (options.width, options.height)
            turn, length = random.uniform(0.0, np.pi), size * random.uniform(0.03, 0.3)
            width = size * random.uniform(0.002, 0.006)
            along = (x - middle[0]) * np.cos(turn) + (y - middle[1]) * np.sin(turn)
            across = (y - middle[1]) * np.cos(turn) - (x - middle[0]) * np.sin(turn)
            beyond = np.maximum(np.abs(along) - length / 2.0, 0.0)
            mark = np.exp(-(across**2 + beyond**2) / (2.0 * width**2))
            left *= 1.0 - np.float32(random.uniform(0.05, 0.3)) * mark.astype(np.float32)
        # Rubbed most in the middle, where things are held.
        rubbed = np.exp(-4.0 * ((x / size - 0.5) ** 2 + (y / options.height - 0.5) ** 2))
        left *= (1.0 - np.float32(0.5 * amount * random.uniform(0.2, 1.0)) * rubbed).astype(
            np.float32
        )
        return Wear(amount, left[..., None])


def _untouched(optics: GelOptics) -> NDArray[np.float32]:
    far = np.full(optics.shape, 5.0, np.float32)
    return optics.light(optics.deformed(far))


def _frame(
    optics: GelOptics,
    picture: NDArray[np.float32],
    worn: Wear,
    options: TouchSimulation,
    random: np.random.Generator,
) -> TouchFrame:
    """Picture and background of one gel; the background is a median of many, without noise."""
    background = np.clip(_untouched(optics) * worn.reflectance, 0.0, 1.0)
    drift = random.normal(1.0, options.light_drift, 3).astype(np.float32)
    light = np.clip(picture * worn.reflectance * drift, 0.0, 1.0)
    spread = np.sqrt(light / options.electrons + (options.read_noise / 255.0) ** 2)
    noise = random.standard_normal(light.shape, np.float32) * spread.astype(np.float32)
    return TouchFrame(_bytes(light + noise), _bytes(background))


def _bytes(light: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray(np.clip(np.rint(light * 255.0), 0, 255), np.uint8)
