"""How the robot moves while it looks at a thing: slowly, to and fro, never at rest for long."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace
import math

import numpy as np

from omnibind_core.configuration.option import option
from omnibind_core.simulation.framing import Framing
from omnibind_core.simulation.thing import View

_LOWEST, _HIGHEST = math.radians(2.0), math.radians(80.0)


@dataclass(frozen=True, kw_only=True)
class Sway:
    """How far and how fast; each motion is a sine of time with a phase drawn for each stop."""

    pan: float = option(
        0.06,
        'How far everything in a picture moves to each side, as a share of its middle square; up '
        'and down 0.7 times that, with 1.3 times the period.',
        minimum=0.0,
        maximum=1.0,
    )
    pan_period: float = option(2.4, 'Of that motion.', unit='s', minimum=0.05, maximum=100.0)
    orbit: float = option(
        10.0,
        'How far around the thing to each side; a fifth of that upwards and downwards.',
        unit='degrees',
        minimum=0.0,
        maximum=90.0,
    )
    orbit_period: float = option(13.0, 'Of that motion.', unit='s', minimum=0.05, maximum=1000.0)
    approach: float = option(
        0.05,
        'How much nearer and farther, as a share of the distance.',
        minimum=0.0,
        maximum=0.5,
    )
    approach_period: float = option(7.0, 'Of that motion.', unit='s', minimum=0.05, maximum=1000.0)


@dataclass(frozen=True)
class SwayPath:
    """The motion at one stop.

    :param sway: how far and how fast.
    :param phases: of pan right, pan down, orbit, rise and approach, radians.
    :param moving: false: at rest where it would begin.
    """

    sway: Sway
    phases: tuple[float, ...]
    moving: bool = True

    @staticmethod
    def drawn(sway: Sway, random: np.random.Generator, *, moving: bool = True) -> SwayPath:
        """With phases drawn."""
        return SwayPath(sway, tuple(random.uniform(0.0, 2.0 * math.pi, 5).tolist()), moving)

    def view(self, middle: View, seconds: float) -> View:
        """Where the robot stands.

        :param middle: about which it sways.
        :param seconds: after the begin of the stop.
        """
        around = self._sine(2, seconds, self.sway.orbit_period) * math.radians(self.sway.orbit)
        rise = self._sine(3, seconds, 0.7 * self.sway.orbit_period) * math.radians(self.sway.orbit)
        return View(
            azimuth=(middle.azimuth + around) % (2.0 * math.pi),
            elevation=min(max(middle.elevation + 0.2 * rise, _LOWEST), _HIGHEST),
        )

    def framing(self, middle: Framing, seconds: float) -> Framing:
        """Where a camera on the robot is and looks."""
        view = self.view(View(azimuth=middle.azimuth, elevation=middle.elevation), seconds)
        right = self._sine(0, seconds, self.sway.pan_period) * self.sway.pan
        down = self._sine(1, seconds, 1.3 * self.sway.pan_period) * 0.7 * self.sway.pan
        nearer = self._sine(4, seconds, self.sway.approach_period) * self.sway.approach
        return replace(
            middle,
            azimuth=view.azimuth,
            elevation=view.elevation,
            distance=middle.distance * (1.0 + nearer),
            # 2: from edge to edge
            shift=(middle.shift[0] + 2.0 * right, middle.shift[1] + 2.0 * down),
        )

    def _sine(self, number: int, seconds: float, period: float) -> float:
        time = seconds if self.moving else 0.0
        return math.sin(2.0 * math.pi * time / period + self.phases[number])
