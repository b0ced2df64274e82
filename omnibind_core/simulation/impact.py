"""A small body strikes a thing: how long they touch, and which frequencies that excites.

Hertz's theory of impact (Johnson, "Contact Mechanics" 1985, section 11.4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.simulation.physical_material import PhysicalMaterial

# What a robot may knock with: modulus in Pa and Poisson's ratio (Ashby 2011; fingertip rubber).
_TIPS = {
    'rubber': (5e6, 0.48),
    'plastic': (2.4e9, 0.38),
    'wood': (8e9, 0.35),
    'steel': (2e11, 0.30),
}
_RESTITUTION = 0.5  # speed after by speed before; 0.3 to 0.7 for most pairs


@dataclass(frozen=True)
class Impact:
    """One blow.

    :param tip: what strikes.
    :param impulse: N s.
    :param duration: of the contact, s.
    """

    tip: str
    impulse: float
    duration: float

    @staticmethod
    def drawn(
        material: PhysicalMaterial,
        target: float,
        *,
        mass: tuple[float, float],
        speed: tuple[float, float],
        random: np.random.Generator,
    ) -> Impact:
        """A blow on a material, its strength and hardness drawn evenly on log scales.

        :param target: mass of the thing, kg; a light one takes less momentum.
        :param mass: of the striker, least and most, kg.
        :param speed: least and most, m/s.
        """
        tip = str(random.choice(list(_TIPS)))
        weight = float(np.exp(random.uniform(*np.log(mass))))
        velocity = float(np.exp(random.uniform(*np.log(speed))))
        radius = float(np.exp(random.uniform(np.log(0.004), np.log(0.02))))
        modulus, poisson = _TIPS[tip]
        duration = contact_time(
            weight, velocity, radius, effective_modulus(material, modulus, poisson)
        )
        reduced = weight * target / (weight + target)
        return Impact(tip, reduced * velocity * (1.0 + _RESTITUTION), duration)

    def spectrum(self, omega: NDArray[np.float64]) -> NDArray[np.float64]:
        """The force's spectrum at angular frequencies, N s: that of half a sine, and its sign."""
        x = np.asarray(omega, np.float64) * self.duration / np.pi
        apart = np.abs(x - 1.0) > 1e-6
        safe = np.where(apart, x, 0.0)
        value = np.cos(np.pi * safe / 2.0) / (1.0 - safe**2)
        return np.asarray(self.impulse * np.where(apart, value, np.pi / 4.0), np.float64)


def effective_modulus(material: PhysicalMaterial, modulus: float, poisson: float) -> float:
    """Two bodies' moduli in contact, Pa: ``1/E* = (1 - nu1^2) / E1 + (1 - nu2^2) / E2``."""
    own = (1.0 - material.poisson**2) / material.young_modulus
    return 1.0 / (own + (1.0 - poisson**2) / modulus)


def contact_time(mass: float, speed: float, radius: float, modulus: float) -> float:
    """How long a ball touches a half-space, s: ``2.87 (m^2 / (R E*^2 v))^(1/5)``."""
    return float(2.87 * (mass**2 / (radius * modulus**2 * speed)) ** 0.2)
