"""Stops of a bag without a household: a thing of the tests, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from omnibind_core.simulation.bag.place import Place
from omnibind_core.simulation.bag.settings import Stop
from omnibind_core.simulation.bag.sway import Sway
from omnibind_core.simulation.bag.ticks import Tick
from omnibind_core.simulation.bag.timetable import Period
from omnibind_core.simulation.sensors.event import EventSimulation
from omnibind_core.simulation.sensors.image import ImageSimulation
from omnibind_core.simulation.thing import Thing


def place_of(
    thing: Thing | None, *, begin: float = 1.0, seconds: float = 3.0, **stop: Any
) -> Place:
    """A stop from ``begin`` on.

    :param stop: other fields of :class:`Stop`.
    """
    return Place.drawn(
        2,
        Period(begin, begin + seconds),
        Stop(seconds=seconds, thing='any', **stop),
        thing,
        sway=Sway(),
        image=ImageSimulation(),
        event=EventSimulation(),
        seed=5,
    )


def ticks_at(times: Sequence[float]) -> list[Tick]:
    """Messages at these times, on a perfect clock, received at once."""
    return [
        Tick(number, time, round(time * 1e9), round(time * 1e9))
        for number, time in enumerate(times)
    ]
