"""How warm each point of a thing is, and what radiates at it from around.

A stand-in for heat conduction: steady temperatures in closed form instead of a simulation. A thing
is a thin wall that conducts along itself and gives heat off to the air, a *fin*, whose temperature
above the air's falls as ``K0(r / L)`` around a small source, with ``L = sqrt(k t / (2 h))``
(Incropera et al. 2011, section 3.6; Carslaw & Jaeger 1959, section 10.3): 12 mm for board, 5 for
plastic, 50 for steel sheet. Ambient temperature, kind, place and strength of the heat source are
drawn without regard to what the thing is. Notation: ``p`` points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.simulation.physical_material import PhysicalMaterial
from omnibind_core.simulation.ray_caster import RayCaster
from omnibind_core.simulation.surface_sampling import sample_surface

CONVECTION = 10.0
"""W/(m^2 K) from a surface to still room air, convection and radiation (Incropera 2011, ch. 9)."""

SOURCES = ('none', 'sunlight', 'inside', 'touched')
"""Nothing; a beam of sunlight through a window; something warm behind a point of the surface;
a place that was warmed by contact."""

_Points = NDArray[np.float32]


@dataclass(frozen=True)
class Surroundings:
    """What radiates at a thing: a room with a floor, a ceiling, and one warmer or colder place.

    :param ambient: of walls and air, K.
    :param ceiling: above ambient, K.
    :param floor: above ambient, K.
    :param place: direction of a window or a heater, unit.
    :param place_excess: above ambient, K.
    :param place_width: its angular radius, radians.
    """

    ambient: float
    ceiling: float
    floor: float
    place: tuple[float, float, float]
    place_excess: float
    place_width: float

    @staticmethod
    def drawn(ambient: float, random: np.random.Generator) -> Surroundings:
        """A room of this temperature."""
        turn, height = random.uniform(0.0, 2.0 * np.pi), random.uniform(-0.1, 0.4)
        level = np.sqrt(1.0 - height**2)
        return Surroundings(
            ambient=ambient,
            ceiling=float(random.uniform(0.0, 2.5)),
            floor=float(random.uniform(-2.5, 0.5)),
            place=(float(level * np.cos(turn)), float(level * np.sin(turn)), float(height)),
            place_excess=float(random.normal(0.0, 4.0)),
            place_width=float(random.uniform(0.15, 0.5)),
        )

    def seen(self, directions: _Points) -> NDArray[np.float64]:
        """Temperature in directions, K, ``[p]``.

        :param directions: unit, ``[p, 3]``.
        """
        up = directions[:, 2].astype(np.float64)
        # Walls between 15 degrees below and 30 above the horizon, softly.
        overhead = np.clip((up - 0.1) / 0.5, 0.0, 1.0)
        below = 1.0 / (1.0 + np.exp((up + 0.18) / 0.02))
        angle = np.arccos(np.clip(directions @ np.asarray(self.place, np.float32), -1.0, 1.0))
        edge = 1.0 / (1.0 + np.exp((angle - self.place_width) / 0.04))
        return np.asarray(
            self.ambient
            + self.ceiling * overhead
            + self.floor * below
            + self.place_excess * edge * (1.0 - below),
            np.float64,
        )


@dataclass(frozen=True, eq=False)
class HeatField:
    """The temperature of every point of a thing; see :meth:`drawn`.

    :param ambient: K.
    :param offsets: of each material against ambient, K, ``[materials]``.
    :param source: one of :data:`SOURCES`.
    :param strength: of a source: K above the rest at its hottest; of sunlight W/m^2 absorbed.
    :param position: of a source ``[3]``; of sunlight a point on the beam's axis.
    :param direction: of sunlight, unit, towards the sun.
    :param radius: of a warm place or of the beam, m.
    :param lengths: ``L`` of each material, m, ``[materials]``.
    """

    caster: RayCaster
    ambient: float
    offsets: NDArray[np.float64]
    source: str
    strength: float
    position: NDArray[np.float64]
    direction: NDArray[np.float64]
    radius: float
    lengths: NDArray[np.float64]

    @staticmethod
    def drawn(
        caster: RayCaster,
        materials: tuple[PhysicalMaterial, ...],
        *,
        ambient: float,
        source: str,
        random: np.random.Generator,
    ) -> HeatField:
        """A thing that has stood in a room, and its heat source.

        :param ambient: K.
        :param source: one of :data:`SOURCES`.
        """
        mesh = caster.mesh
        size = float(np.linalg.norm(mesh.size))
        position, _ = sample_surface(mesh, 1, start=float(random.random()))
        turn, height = random.uniform(0.0, 2.0 * np.pi), random.uniform(0.25, 0.9)
        level = np.sqrt(1.0 - height**2)
        kelvin = {'none': 0.0, 'inside': random.uniform(4.0, 30.0)}
        kelvin['touched'] = random.uniform(2.0, 9.0)
        kelvin['sunlight'] = random.uniform(150.0, 600.0) * random.uniform(0.3, 0.8)
        together, single = random.normal(0.0, 1.2), random.normal(0.0, 0.4, len(materials))
        radius = size * random.uniform(0.06, 0.2)
        return HeatField(
            caster=caster,
            ambient=ambient,
            offsets=together + single,
            source=source,
            strength=float(kelvin[source]),
            position=position[0],
            direction=np.array([level * np.cos(turn), level * np.sin(turn), height]),
            radius=float(radius * 1.5 if source == 'sunlight' else radius),
            lengths=np.array([fin_length(item) for item in materials]),
        )

    def temperature(
        self, points: _Points, normals: _Points, material: NDArray[np.int32]
    ) -> NDArray[np.float64]:
        """Kelvin, ``[p]``.

        :param points: ``[p, 3]`` on the surface, m.
        :param normals: ``[p, 3]``, unit, outwards.
        :param material: ``[p]``, which material each point is of.
        """
        base = self.ambient + self.offsets[material]
        if self.source == 'none' or len(points) == 0:
            return np.asarray(base, np.float64)
        length = self.lengths[material]
        if self.source == 'sunlight':
            return base + self._sunlit(points, normals, length)
        away = np.linalg.norm(points - self.position, axis=1)
        return base + self.strength * warm_place(away, self.radius, length)

    def _sunlit(
        self, points: _Points, normals: _Points, length: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Rise in a beam of parallel light, with the thing's own shadows."""
        sun = self.direction.astype(np.float32)
        cosine = np.maximum(normals @ sun, 0.0).astype(np.float64)
        offset = points - self.position
        across = offset - (offset @ self.direction)[:, None] * self.direction
        beam = warm_place(np.linalg.norm(across, axis=1), self.radius, length)
        lit = np.flatnonzero(cosine * beam > 1e-3)
        start = points[lit] + np.float32(1e-4 * float(self.caster.mesh.size.max())) * normals[lit]
        cosine[lit[self.caster.occluded(start, sun[None])]] = 0.0
        # Conduction carries part of the heat out of the beam.
        kept = self.radius / (self.radius + length)
        return np.asarray(self.strength / CONVECTION * cosine * beam * kept, np.float64)


def fin_length(material: PhysicalMaterial) -> float:
    """``sqrt(k t / (2 h))``, m: how far warmth spreads along a wall of a material."""
    return float((material.conductivity * material.thickness / (2.0 * CONVECTION)) ** 0.5)


def warm_place(
    distance: NDArray[np.float64], radius: float, length: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """Temperature in and around a round warm place of a wall, as a share of the excess in it.

    :param distance: from its centre, m, any shape.
    :param radius: m, above 0.
    :param length: ``L``, m, above 0.
    :returns: 1 within the radius, outside ``K0(distance / L) / K0(radius / L)``.
    """
    outside = np.maximum(np.asarray(distance, np.float64), radius)
    scaled = _scaled_k0(outside / length) / _scaled_k0(radius / np.asarray(length, np.float64))
    return np.asarray(scaled * np.exp((radius - outside) / length), np.float64)


def _scaled_k0(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """``exp(x) K0(x)``, right to 2e-7 (Abramowitz & Stegun 1964, 9.8.1, 9.8.5 and 9.8.6)."""
    small = np.clip(x, 1e-9, 2.0)
    i0 = np.polyval(_I0, (small / 3.75) ** 2)
    near = (np.polyval(_K0_NEAR, small**2 / 4.0) - np.log(small / 2.0) * i0) * np.exp(small)
    large = np.maximum(x, 2.0)
    far = np.polyval(_K0_FAR, 2.0 / large) / np.sqrt(large)
    return np.where(x <= 2.0, near, far)


_I0 = (0.0045813, 0.0360768, 0.2659732, 1.2067492, 3.0899424, 3.5156229, 1.0)
_K0_NEAR = (0.0000074, 0.0001075, 0.00262698, 0.0348859, 0.23069756, 0.4227842, -0.57721566)
_K0_FAR = (
    0.00053208, -0.0025154, 0.00587872, -0.01062446, 0.02189568, -0.07832358, 1.25331414
)  # fmt: skip
