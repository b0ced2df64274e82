from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from omnibind_core.errors import InputError
from omnibind_core.simulation.camera import Camera
from omnibind_core.simulation.camera import frame
from omnibind_core.simulation.camera import orbit

COORDINATE = st.floats(-5, 5)


@given(
    st.tuples(COORDINATE, COORDINATE, COORDINATE),
    st.tuples(COORDINATE, COORDINATE, COORDINATE),
    st.floats(10, 150),
    st.integers(1, 40),
    st.integers(1, 40),
)
def test_points_along_a_pixels_ray_appear_at_its_centre(
    position: tuple[float, float, float],
    target: tuple[float, float, float],
    fov: float,
    width: int,
    height: int,
) -> None:
    across = np.cross(np.subtract(target, position), (0, 0, 1))
    if np.linalg.norm(across) < 1e-3:
        with_up = Camera(
            width=width, height=height, fov=fov, position=(0, 0, 5), target=(0, 0, 0), up=(0, 1, 0)
        )
    else:
        with_up = Camera(width=width, height=height, fov=fov, position=position, target=target)
    origins, directions = with_up.rays()
    assert origins.shape == directions.shape == (width * height, 3)
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1.0, atol=1e-6)
    image, depth = with_up.project(origins.astype(float) + 3.7 * directions.astype(float))
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    tolerance = 2e-5 * with_up.focal_length * max(width, height)
    np.testing.assert_allclose(image, np.column_stack([x.ravel(), y.ravel()]), atol=tolerance)
    assert (depth > 0).all()


def test_a_camera_worked_out_by_hand() -> None:
    camera = Camera(width=200, height=100, fov=90.0, position=(0, -4, 1), target=(0, 0, 1))
    assert camera.focal_length == pytest.approx(100.0)
    np.testing.assert_allclose(camera.rotation, [[1, 0, 0], [0, 0, -1], [0, 1, 0]], atol=1e-12)
    points = [[0, 0, 1], [1, 0, 1], [0, 0, 2], [-2, -2, 0.5], [0, -5, 1]]
    image, depth = camera.project(points)
    np.testing.assert_allclose(image[:4], [[100, 50], [125, 50], [100, 25], [0, 75]], atol=1e-9)
    np.testing.assert_allclose(depth, [4, 4, 4, 2, -1], atol=1e-12)


def test_the_field_of_view_is_the_pictures_width() -> None:
    camera = Camera(width=64, height=48, fov=60.0, position=(0, -1, 0))
    _, rays = camera.rays()
    middle = rays.reshape(48, 64, 3)[24]
    edge = math.degrees(math.acos(float(middle[0] @ middle[-1])))
    pixel = 60.0 / 64
    assert edge == pytest.approx(60.0 - pixel, abs=0.3)


def test_orbit_angles() -> None:
    target = (1.0, 2.0, 3.0)
    view = {'target': target, 'distance': 2.0}
    assert orbit(azimuth=0, elevation=0, **view) == pytest.approx((1, 0, 3))
    assert orbit(azimuth=90, elevation=0, **view) == pytest.approx((3, 2, 3))
    assert orbit(azimuth=180, elevation=30, **view) == pytest.approx((1, 2 + math.sqrt(3), 4))


@given(
    st.lists(st.tuples(COORDINATE, COORDINATE, COORDINATE), min_size=2, max_size=20),
    st.floats(0, 360),
    st.floats(-85, 85),
    st.sampled_from([(64, 64), (64, 32), (32, 64)]),
)
def test_framing_puts_all_points_in_the_picture_and_one_near_its_border(
    points: list[tuple[float, float, float]],
    azimuth: float,
    elevation: float,
    size: tuple[int, int],
) -> None:
    cloud = np.array(points)
    if np.ptp(cloud, axis=0).max() < 0.1:
        return
    camera = frame(
        cloud, width=size[0], height=size[1], fov=40, azimuth=azimuth, elevation=elevation,
        margin=1.0,
    )  # fmt: skip
    image, depth = camera.project(cloud)
    assert (depth > 0).all()
    off = np.abs(image - np.array(size) / 2) / (np.array(size) / 2)
    assert off.max() <= 1 + 1e-6
    limited_by_depth = depth.min() < 0.02 * np.linalg.norm(np.ptp(cloud, axis=0))
    assert off.max() > 0.999 or limited_by_depth


@pytest.mark.parametrize(
    'wrong',
    [
        {'width': 0},
        {'height': 99999},
        {'fov': 0.0},
        {'fov': 180.0},
        {'fov': float('nan')},
        {'target': (0.0, -1.0, 0.0)},
        {'up': (0.0, 1.0, 0.0)},
        {'up': (0.0, 0.0, 0.0)},
    ],
)
def test_cameras_that_cannot_be(wrong: dict[str, object]) -> None:
    values: dict[str, object] = {'width': 8, 'height': 8, 'fov': 60.0, 'position': (0, -1, 0)}
    with pytest.raises(InputError):
        Camera(**{**values, **wrong})


def test_points_of_the_wrong_shape() -> None:
    camera = Camera(width=8, height=8, fov=60.0, position=(0, -1, 0))
    with pytest.raises(InputError, match='points'):
        camera.project(np.zeros((3, 2)))
