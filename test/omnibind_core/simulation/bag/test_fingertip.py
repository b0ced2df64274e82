"""The bag's fingertip: it speaks while it touches."""

from __future__ import annotations

from bag_places import place_of
from bag_places import ticks_at
import numpy as np
from numpy.typing import NDArray
import pytest
from sensor_things import cube

from omnibind_core.modalities.touch import TouchFrame
from omnibind_core.simulation.bag.fingertip import fingertip_readings
from omnibind_core.simulation.bag.fingertip import Press
from omnibind_core.simulation.bag.fingertip import presses
from omnibind_core.simulation.bag.place import Place
from omnibind_core.simulation.bag.sensor_settings import FingertipSettings
from omnibind_core.simulation.bag.ticks import Tick
from omnibind_core.simulation.bag.timetable import Period
from omnibind_core.simulation.sensors.touch import TouchSimulation

pytest.importorskip('embreex')
pytest.importorskip('taxim')

SETTINGS = FingertipSettings(width=64, height=48, warm_up=0.5, lead=0.2)
GRID = [1.0 + 0.1 * number for number in range(30)]


def readings(place: Place, plugged_in: list[Period] | None = None) -> list[tuple[Tick, TouchFrame]]:
    """Over the whole stop of three seconds."""
    periods = [Period(0.0, 9.0)] if plugged_in is None else plugged_in
    return list(fingertip_readings(place, ticks_at(GRID), periods, SETTINGS, TouchSimulation(), 5))


def change(frame: TouchFrame) -> NDArray[np.float64]:
    """Against the untouched gel."""
    return frame.picture.astype(np.float64) - frame.background


def test_only_around_touches() -> None:
    """0.2 s before and after; dented only in between; force grows, stays and falls."""
    found = readings(place_of(cube(), touches=((0.55, 1.0),)))
    times = np.array([tick.time for tick, _ in found])
    np.testing.assert_allclose(times, np.arange(1.4, 2.75, 0.1))
    strength = np.array([np.abs(change(frame)).mean() for _, frame in found])
    free = (times < 1.55) | (times >= 2.55)
    assert strength[free].max() < 2.5  # noise
    held = (times > 2.0) & (times < 2.2)
    assert strength[held].min() > 1.2 * strength[free].max()
    assert strength[~free][0] < strength[held].mean()


def test_one_touch_is_of_one_point() -> None:
    """The dent stays where it is; another touch makes another one."""
    place = place_of(cube(), touches=((0.0, 1.2), (1.5, 1.2)))
    found = {round(tick.time, 1): change(frame) for tick, frame in readings(place)}

    def alike(first: float, second: float) -> float:
        return float(np.corrcoef(found[first].ravel(), found[second].ravel())[0, 1])

    assert alike(1.5, 1.9) > 0.7
    assert abs(alike(1.5, 3.0)) < 0.4
    # and yet no two pictures are the same
    assert (found[1.5] != found[1.9]).any()


def test_without_contact_the_gel_is_one() -> None:
    """All backgrounds are equal: what is learnt at the start holds to the end."""
    found = readings(place_of(cube(), touches=((0.5, 0.5), (1.6, 0.6))))
    first = found[0][1].background
    assert all((frame.background == first).all() for _, frame in found)


def test_after_it_is_plugged_in() -> None:
    """It sends for half a second; so it does after an outage. Without touches it is silent then."""
    place = place_of(None)
    times = [tick.time for tick, _ in readings(place, [Period(0.8, 2.0), Period(2.5, 4.0)])]
    np.testing.assert_allclose(times, [1.0, 1.1, 1.2, 2.5, 2.6, 2.7, 2.8, 2.9])
    assert readings(place) == []


def test_force() -> None:
    """Even ramps; below 0.05 N there is no contact; forces are drawn for each touch."""
    press = Press(0, Period(1.0, 3.0), 4.0)
    assert press.force_at(1.2) == pytest.approx(2.0)
    assert press.force_at(2.0) == 4.0
    assert press.force_at(2.875) == pytest.approx(2.0)
    assert press.force_at(1.004) == press.force_at(0.9) == press.force_at(3.0) == 0.0
    place = place_of(cube(), touches=((0.0, 1.0), (1.5, 1.0)))
    first, second = presses(place, TouchSimulation(), 5)
    assert first.period == Period(1.0, 2.0)
    assert first.force != second.force
    assert all(1.0 <= item.force <= 8.0 for item in (first, second))
