"""A stop: a thing or nothing before a robot."""

from __future__ import annotations

from bag_places import place_of
import numpy as np
import pytest
from sensor_things import cube

pytest.importorskip('embreex')


def test_the_cameras_see_the_thing() -> None:
    """Wherever the robot sways, its middle is in both pictures' middle square."""
    thing = cube()
    place = place_of(thing)
    middle = thing.mesh.bounds.mean(axis=0)[None]
    for time in np.linspace(1.0, 3.9, 30).tolist():
        for framing in (place.camera, place.event_camera):
            camera = place.framing(framing, time).camera(320, 240)
            (where,), (depth,) = camera.project(middle)
            assert depth > 0.0
            assert 40.0 <= where[0] <= 280.0
            assert 0.0 <= where[1] <= 240.0


def test_one_robot() -> None:
    """Its cameras stand where it stands; it begins at the begin of the stop."""
    place = place_of(cube())
    view = place.view(2.2)
    for framing in (place.camera, place.event_camera):
        at = place.framing(framing, 2.2)
        assert at.azimuth % (2.0 * np.pi) == pytest.approx(view.azimuth)
        assert at.elevation == pytest.approx(view.elevation)
    later = place_of(cube(), begin=11.0)
    assert later.view(12.2).azimuth == pytest.approx(view.azimuth)


def test_nothing() -> None:
    """Surroundings alone, framed as a thing of a metre would be."""
    place = place_of(None)
    assert place.caster is None
    assert 1.0 < place.camera.distance < 10.0
