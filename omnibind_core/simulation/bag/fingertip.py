"""The robot's fingertip: it speaks only while it presses, and a little before and after.

The gel is new and its lights are warm: it looks the same for the whole bag where nothing touches.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.seeding import generator
from omnibind_core.modalities.touch import TouchFrame
from omnibind_core.simulation.bag.place import Place
from omnibind_core.simulation.bag.sensor_settings import FingertipSettings
from omnibind_core.simulation.bag.ticks import Tick
from omnibind_core.simulation.bag.timetable import Period
from omnibind_core.simulation.sensors import touch
from omnibind_core.simulation.sensors.touch import TouchSimulation

_PRESSING = 0.4  # s from first contact to full force
_RELEASING = 0.25  # s
_LEAST_FORCE = 0.05  # N; below, nothing touches


@dataclass(frozen=True)
class Press:
    """One touch.

    :param number: within its stop.
    :param period: from first to last contact.
    :param force: at most, N.
    """

    number: int
    period: Period
    force: float

    def force_at(self, time: float) -> float:
        """It grows and falls evenly, N; 0 without contact."""
        if time not in self.period:
            return 0.0
        share = min(
            (time - self.period.begin) / _PRESSING, (self.period.end - time) / _RELEASING, 1.0
        )
        force = share * self.force
        return force if force >= _LEAST_FORCE else 0.0


def presses(place: Place, options: TouchSimulation, seed: int) -> tuple[Press, ...]:
    """The touches at a stop, their forces drawn evenly on a log scale."""
    found = []
    for number, (begin, length) in enumerate(place.stop.touches):
        random = generator(seed, 'touch', place.number, number, 'force')
        force = np.exp(random.uniform(*np.log([options.least_force, options.most_force])))
        first = place.period.begin + begin
        found.append(Press(number, Period(first, first + length), float(force)))
    return tuple(found)


def fingertip_readings(
    place: Place,
    ticks: Sequence[Tick],
    plugged_in: Sequence[Period],
    settings: FingertipSettings,
    options: TouchSimulation,
    seed: int,
) -> Iterator[tuple[Tick, TouchFrame]]:
    """Pictures at a stop with the gel's background, which only corruptions look at.

    :param plugged_in: when the fingertip is there; it sends for a while after each begin.
    :param options: of the simulated fingertip; its size is the bag's.
    """
    quiet = replace(
        options,
        width=settings.width,
        height=settings.height,
        wear=0.0,
        light_drift=0.0,
        read_noise=0.0,
        electrons=1e12,
    )
    own = presses(place, options, seed)
    for tick in ticks:
        time = tick.time
        near = [
            press
            for press in own
            if press.period.begin - settings.lead <= time < press.period.end + settings.lead
        ]
        fresh = any(period.begin <= time < period.begin + settings.warm_up for period in plugged_in)
        if not near and not fresh:
            continue
        held = next((press for press in near if press.force_at(time) > 0.0), None)
        frame = _frame(place, held, held.force_at(time) if held else 0.0, quiet, seed)
        random = generator(seed, 'touch', 'noise', tick.number)
        yield tick, replace(frame, picture=_noisy(frame.picture, options, random))


def _frame(
    place: Place, press: Press | None, force: float, options: TouchSimulation, seed: int
) -> TouchFrame:
    """The gel without noise: the same random numbers touch the same point with another force."""
    if press is None or place.thing is None:
        reading = touch.nothing(options, generator(seed, 'touch', 'nothing'))
    else:
        random = generator(seed, 'touch', place.number, press.number)
        firm = replace(options, least_force=force, most_force=force)
        reading = touch.simulate(place.thing, place.middle, firm, random)
    frame = reading.raw
    assert isinstance(frame, TouchFrame)
    return frame


def _noisy(
    picture: NDArray[np.uint8], options: TouchSimulation, random: np.random.Generator
) -> NDArray[np.uint8]:
    """With the camera's shot and read noise, grey levels."""
    spread = np.sqrt(picture * (255.0 / options.electrons) + options.read_noise**2)
    noise = random.standard_normal(picture.shape) * spread
    return np.asarray(np.clip(np.rint(picture + noise), 0, 255), np.uint8)
