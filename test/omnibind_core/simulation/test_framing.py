"""Framing: what fits, where it appears, and what roll and aspect do."""

from __future__ import annotations

from dataclasses import replace
import math

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from omnibind_core.simulation.framing import framed
from omnibind_core.simulation.framing import Framing

ANGLES = {
    'azimuth': st.floats(0.0, 2 * math.pi),
    'elevation': st.floats(math.radians(1), math.radians(80)),
    'fov': st.floats(math.radians(15), math.radians(90)),
}


def cloud(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    return random.uniform(-1, 1, (30, 3)) * random.uniform(0.01, 3, 3) + [0, 0, 1.0]


@given(seed=st.integers(0, 1000), margin=st.floats(1.0, 3.0), **ANGLES)
def test_everything_fits_the_square(
    seed: int, margin: float, azimuth: float, elevation: float, fov: float
) -> None:
    points = cloud(seed)
    framing = framed(points, azimuth=azimuth, elevation=elevation, fov=fov, margin=margin)
    places, depth = framing.camera(200, 100).project(points)
    assert (depth > 0).all()
    offset = np.abs(places - [100, 50])
    assert offset.max() <= 50 / margin + 1e-6


@given(
    right=st.floats(-1.0, 1.0),
    down=st.floats(-1.0, 1.0),
    roll=st.floats(-0.5, 0.5),
    width=st.integers(20, 400),
    height=st.integers(20, 400),
    **ANGLES,
)
def test_the_target_appears_where_it_was_shifted(
    right: float,
    down: float,
    roll: float,
    width: int,
    height: int,
    azimuth: float,
    elevation: float,
    fov: float,
) -> None:
    """To first order of the angle: the camera turns, and the picture is flat."""
    target = (0.3, -0.2, 0.9)
    framing = Framing(
        target=target,
        distance=2.0,
        azimuth=azimuth,
        elevation=elevation,
        fov=fov,
        roll=roll,
        shift=(0.3 * right, 0.3 * down),
    )
    (place,), _ = framing.camera(width, height).project([target])
    half = min(width, height) / 2
    across = (place - [width / 2, height / 2]) / half
    # looking past the target by s keeps it in the direction of s; its distance grows a little
    wanted = np.array([0.3 * right, 0.3 * down])
    assert np.abs(across - wanted).max() <= 0.2 * np.linalg.norm(wanted) + 1e-6


def test_roll_turns_clockwise() -> None:
    """Turned clockwise by 90 degrees, a camera has on its left what was above."""
    straight = Framing(target=(0.0, 0.0, 1.0), distance=3.0, azimuth=0.4, elevation=0.3, fov=1.0)
    (place,), _ = straight.camera(100, 100).project([(0.0, 0.0, 1.5)])
    assert place[0] == pytest.approx(50.0)
    assert place[1] < 40
    (turned,), _ = replace(straight, roll=math.pi / 2).camera(100, 100).project([(0.0, 0.0, 1.5)])
    assert turned[1] == pytest.approx(50.0)
    assert turned[0] == pytest.approx(place[1])


def test_a_wide_picture_shows_more_at_its_sides() -> None:
    framing = framed(cloud(1), azimuth=1.0, elevation=0.3, fov=0.8, margin=1.2, roll=0.1)
    square, _ = framing.camera(120, 120).project(cloud(1))
    wide, _ = framing.camera(200, 120).project(cloud(1))
    tall, _ = framing.camera(120, 300).project(cloud(1))
    np.testing.assert_allclose(wide - [40, 0], square, atol=1e-6)
    np.testing.assert_allclose(tall - [0, 90], square, atol=1e-6)


def test_off_centre_uses_the_room_that_the_margin_leaves() -> None:
    tight = framed(cloud(2), azimuth=1.0, elevation=0.3, fov=0.8, margin=1.0, off_centre=(1.0, 1.0))
    loose = framed(
        cloud(2), azimuth=1.0, elevation=0.3, fov=0.8, margin=2.0, off_centre=(1.0, -0.5)
    )
    assert tight.shift == (0.0, 0.0)
    assert loose.shift == (0.5, -0.25)
