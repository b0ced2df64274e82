"""What a surface is made of: mechanical, thermal and tactile constants, never from the class.

The modeller's name of a material decides, as far as it names a substance
(:mod:`~omnibind_core.simulation.material_words`). Where it says nothing, the material is drawn from
:data:`PRIOR`, which is the same for every thing. The constants are literature values, quoted beside
the table; they make a stand-in, not a measured object.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from omnibind_core.simulation.material_words import named_material


@dataclass(frozen=True)
class PhysicalMaterial:
    """One substance, as a household thing has it.

    :param name: one of :data:`MATERIALS`.
    :param density: kg/m^3.
    :param young_modulus: Pa.
    :param poisson: Poisson's ratio.
    :param loss_factor: share of vibration energy lost in a cycle, over 2 pi; of a part as built
        and supported, which is more than the bare substance loses.
    :param thickness: usual thickness of a wall of it in a thing of half a metre, m.
    :param emissivity: normal, 8 to 14 um, 0..1.
    :param conductivity: of heat, W/(m K).
    :param friction: coefficient against rubber.
    :param relief: kind of microscopic relief, see
        :mod:`~omnibind_core.simulation.micro_relief`.
    :param roughness: its root mean square height, m.
    :param relief_period: its typical wavelength, m.
    """

    name: str
    density: float
    young_modulus: float
    poisson: float
    loss_factor: float
    thickness: float
    emissivity: float
    conductivity: float
    friction: float
    relief: str
    roughness: float
    relief_period: float

    @property
    def bending_speed(self) -> float:
        """``sqrt(E / (12 rho (1 - nu^2)))`` in m/s: a plate's bending stiffness against its mass.

        A plate of thickness h carries bending waves of wave number k at
        ``omega = bending_speed * h * k^2`` (Cremer, Heckl & Petersson 2005, section 3.7).
        """
        plane = self.young_modulus / (1.0 - self.poisson**2)
        return float((plane / (12.0 * self.density)) ** 0.5)


def _row(
    name: str,
    density: float,
    young_gpa: float,
    poisson: float,
    loss_factor: float,
    wall_mm: float,
    emissivity: float,
    conductivity: float,
    friction: float,
    relief: str,
    roughness_um: float,
    period_mm: float,
) -> PhysicalMaterial:
    return PhysicalMaterial(
        name=name,
        density=density,
        young_modulus=young_gpa * 1e9,
        poisson=poisson,
        loss_factor=loss_factor,
        thickness=wall_mm * 1e-3,
        emissivity=emissivity,
        conductivity=conductivity,
        friction=friction,
        relief=relief,
        roughness=roughness_um * 1e-6,
        relief_period=period_mm * 1e-3,
    )


# Density, modulus, Poisson: Ashby, "Materials Selection in Mechanical Design", 4th ed. 2011, app. A
# (wood: mean of along and across the grain). Loss factors: Cremer, Heckl & Petersson,
# "Structure-Borne Sound", 3rd ed. 2005, table 4.1 for the substances, times 3 to 10 for joints and
# supports. Conductivity and emissivity: Incropera et al., "Fundamentals of Heat and Mass Transfer",
# 7th ed. 2011, tables A.1 to A.3 and A.11; bare metal between polished and painted, as furniture
# is. Friction against rubber: Persson 2001, J. Chem. Phys. 115, the usual 0.4 to 1.2. Roughness and
# period: typical finishes (sanded wood Ra 5 to 15 um, brushed steel 1 to 3, spark-eroded mould
# VDI 27 to 33 for plastics 2 to 5, woven upholstery 50 to 150, leather 30 to 80; DIN EN ISO 21920).
# Wall thicknesses: usual trade sizes (18 mm board, 1 mm sheet, 5 mm pane).
_ROWS = (
    # density kg/m3, E GPa, nu, loss factor, wall mm, emissivity, W/(m K), friction, relief, um, mm
    _row('wood', 650, 6.0, 0.35, 0.02, 18, 0.90, 0.16, 0.6, 'grain', 14, 0.5),
    _row('steel', 7850, 200, 0.30, 0.004, 1.2, 0.50, 45, 0.5, 'brushed', 3, 0.3),
    _row('aluminium', 2700, 70, 0.33, 0.004, 2, 0.40, 180, 0.5, 'brushed', 4, 0.3),
    _row('glass', 2500, 70, 0.22, 0.004, 5, 0.92, 1.0, 0.9, 'smooth', 0.3, 3),
    _row('ceramic', 2300, 60, 0.22, 0.005, 6, 0.92, 1.3, 0.8, 'mottled', 3, 1.5),
    _row('stone', 2600, 50, 0.25, 0.008, 30, 0.93, 2.2, 0.7, 'rough', 35, 1.0),
    _row('plastic', 1050, 2.4, 0.38, 0.03, 3, 0.93, 0.2, 0.6, 'eroded', 6, 0.35),
    _row('rubber', 1150, 0.01, 0.48, 0.2, 4, 0.94, 0.16, 1.1, 'eroded', 15, 0.5),
    _row('leather', 950, 0.1, 0.40, 0.15, 2.5, 0.95, 0.16, 0.7, 'pebbled', 50, 1.1),
    _row('fabric', 400, 0.05, 0.30, 0.25, 4, 0.93, 0.05, 0.6, 'woven', 70, 0.8),
    _row('foam', 60, 0.001, 0.30, 0.3, 20, 0.90, 0.04, 0.8, 'porous', 120, 1.0),
    _row('paper', 750, 3.0, 0.30, 0.05, 2, 0.92, 0.1, 0.5, 'fibrous', 6, 0.6),
)
MATERIALS: Mapping[str, PhysicalMaterial] = MappingProxyType({row.name: row for row in _ROWS})
"""Nominal constants by name."""

PRIOR: Mapping[str, float] = MappingProxyType(
    {
        'plastic': 0.28,
        'steel': 0.22,
        'wood': 0.22,
        'fabric': 0.08,
        'glass': 0.05,
        'ceramic': 0.05,
        'aluminium': 0.05,
        'leather': 0.03,
        'rubber': 0.02,
    }
)
"""What an unnamed material is, for every thing alike: about the shares of the names that do say."""


def material_of(name: str, texture: str, random: np.random.Generator) -> PhysicalMaterial:
    """The physical material behind a modeller's material, with constants of its own.

    Constants scatter about the table's as they do between makes (loss factor and roughness by a
    factor of up to 2). The same state of the generator gives the same material.

    :param name: the material's name in the model's files; it is asked first.
    :param texture: file name of its texture, or ``''``; asked where the name says nothing.
    :param random: where draws come from.
    """
    found = named_material(name) or named_material(texture)
    # Drawn in any case, so that one material's name does not change the draws of the next.
    drawn = str(random.choice(list(PRIOR), p=list(PRIOR.values())))
    return _individual(MATERIALS[found or drawn], random)


def _individual(nominal: PhysicalMaterial, random: np.random.Generator) -> PhysicalMaterial:
    def scatter(factor: float) -> float:
        return float(factor ** random.uniform(-1.0, 1.0))

    emissivity = nominal.emissivity
    # Metal is the one substance whose finish (polished to painted) decides its emissivity.
    width = 0.3 if nominal.name in {'steel', 'aluminium'} else 0.03
    return replace(
        nominal,
        density=nominal.density * scatter(1.08),
        young_modulus=nominal.young_modulus * scatter(1.25),
        loss_factor=min(nominal.loss_factor * scatter(2.0), 0.5),
        thickness=nominal.thickness * scatter(1.4),
        emissivity=float(np.clip(emissivity + random.uniform(-width, width), 0.05, 0.98)),
        conductivity=nominal.conductivity * scatter(1.3),
        friction=nominal.friction * scatter(1.2),
        roughness=nominal.roughness * scatter(2.0),
        relief_period=nominal.relief_period * scatter(1.4),
    )
