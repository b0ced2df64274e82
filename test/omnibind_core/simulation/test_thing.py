"""Things and views."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sensor_things import cup

from omnibind_core.errors import InputError
from omnibind_core.simulation.thing import Thing
from omnibind_core.simulation.thing import View


def test_every_material_of_the_mesh_has_its_physics() -> None:
    """One too many is refused."""
    thing = cup()
    with pytest.raises(InputError, match='materials'):
        Thing(mesh=thing.mesh, materials=thing.materials * 2)


def test_the_caster_is_built_once() -> None:
    """It costs up to a fifth of a second."""
    pytest.importorskip('embreex')
    thing = cup()
    assert thing.caster is thing.caster


def test_views_come_from_all_sides() -> None:
    """Within the ranges; the generator decides."""
    random = np.random.default_rng(0)
    views = [View.drawn(random) for _ in range(400)]
    quadrants = np.bincount([int(view.azimuth // (math.pi / 2)) for view in views], minlength=4)
    assert len(quadrants) == 4
    assert quadrants.min() > 60
    assert all(math.radians(5) <= view.elevation <= math.radians(40) for view in views)
    assert views[0] == View.drawn(np.random.default_rng(0))
