from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.integrate import solve_ivp

from omnibind_core.simulation.impact import contact_time
from omnibind_core.simulation.impact import effective_modulus
from omnibind_core.simulation.impact import Impact
from omnibind_core.simulation.physical_material import MATERIALS


@pytest.mark.parametrize(('mass', 'speed', 'modulus'), [(0.02, 0.5, 5e9), (0.1, 2.0, 1e7)])
def test_contact_time_is_that_of_hertz_equation_of_motion(
    mass: float, speed: float, modulus: float
) -> None:
    radius = 0.01
    spring = 4.0 / 3.0 * modulus * np.sqrt(radius)

    def motion(_: float, state: np.ndarray) -> list[float]:
        return [state[1], -spring * max(state[0], 0.0) ** 1.5 / mass]

    def left(_: float, state: np.ndarray) -> float:
        return float(state[0] + 1e-12)

    left.terminal, left.direction = True, -1  # type: ignore[attr-defined]
    expected = contact_time(mass, speed, radius, modulus)
    solved = solve_ivp(motion, (0, 3 * expected), [0.0, speed], events=left, rtol=1e-9, atol=1e-14)
    # Hertz's constant 2.868 is rounded in the textbook.
    assert expected == pytest.approx(float(solved.t_events[0][0]), rel=0.005)


def test_spectrum_is_that_of_half_a_sine() -> None:
    impact = Impact('wood', 0.03, 1.3e-3)
    omega = np.array([0.0, 500.0, np.pi / 1.3e-3, 3000.0, 9000.0])
    peak = 0.03 * np.pi / (2 * 1.3e-3)
    for value, found in zip(omega, impact.spectrum(omega), strict=True):
        # About the middle of the pulse its spectrum is real.
        expected, _ = quad(
            lambda t, w=value: peak * np.cos(np.pi * t / 1.3e-3) * np.cos(w * t),
            -0.65e-3,
            0.65e-3,
        )
        assert found == pytest.approx(expected, abs=1e-6)


def test_the_softer_body_decides_the_contact() -> None:
    steel, foam = MATERIALS['steel'], MATERIALS['foam']
    rubber = 5e6 / (1 - 0.48**2)
    assert effective_modulus(steel, 5e6, 0.48) == pytest.approx(rubber, rel=1e-3)
    assert effective_modulus(foam, 2e11, 0.3) < 1.2 * foam.young_modulus


def test_draws_stay_in_range_and_light_things_take_less_momentum() -> None:
    wood = MATERIALS['wood']
    for seed in range(200):
        heavy, light = (
            Impact.drawn(
                wood,
                target,
                mass=(0.01, 0.1),
                speed=(0.2, 1.0),
                random=np.random.default_rng(seed),
            )
            for target in (1e6, 0.01)
        )
        assert 0.01 * 0.2 * 1.5 * 0.999 <= heavy.impulse <= 0.1 * 1.0 * 1.5
        assert light.impulse <= heavy.impulse / 1.99
        assert 1e-5 < heavy.duration < 0.05
        assert heavy.duration == light.duration
