"""A lit thing before its surroundings."""

from __future__ import annotations

from dataclasses import replace
import math

import numpy as np
import pytest

from omnibind_core.simulation.camera import Camera
from omnibind_core.simulation.colour_temperature import black_body
from omnibind_core.simulation.framing import framed
from omnibind_core.simulation.mesh import Material
from omnibind_core.simulation.scene import Scene


def scene(seed: int = 0, **options: tuple[float, float]) -> Scene:
    return Scene.drawn(np.random.default_rng(seed), reach=0.35, azimuth=0.3, **options)


def test_colour_temperatures_and_shares_stay_in_range() -> None:
    for seed in range(60):
        drawn = scene(seed, kelvin=(2700.0, 7500.0), ambient=(0.3, 0.6))
        assert 2700.0 <= drawn.kelvin <= 7500.0
        (light,) = drawn.lighting.lights
        height = math.degrees(math.asin(light.direction[2]))
        assert 20.0 <= height <= 75.0
        assert np.linalg.norm(light.direction) == pytest.approx(1.0)
        lamp = np.array(black_body(drawn.kelvin))
        share = 1.0 - light.colour[1] / lamp[1]
        assert 0.3 - 1e-9 <= share <= 0.6 + 1e-9
        np.testing.assert_allclose(light.colour, (1 - share) * lamp)
        np.testing.assert_allclose(drawn.white, np.add(light.colour, drawn.lighting.sky), rtol=1e-5)


def test_lamps_stand_anywhere() -> None:
    directions = np.array([scene(seed).lighting.lights[0].direction for seed in range(200)])
    assert np.abs(directions[:, :2].mean(axis=0)).max() < 0.15


def test_surroundings_alone_need_no_ray_caster() -> None:
    camera = Camera(width=40, height=30, fov=50.0, position=(0.5, -2.0, 1.0))
    found = scene().seen(camera)
    assert found.light.shape == (30, 40, 3)
    assert found.light.dtype == np.float32
    assert not found.coverage.any()
    assert (found.light >= 0.0).all()


class TestThing:
    """What needs rays."""

    @pytest.fixture(autouse=True)
    def _embree(self) -> None:
        pytest.importorskip('embreex')

    @pytest.mark.parametrize('rays', [1, 2, 5])
    def test_coverage_is_the_outline(self, rays: int) -> None:
        """A cube from straight ahead is a square; its edges are covered in part."""
        from sensor_things import cube

        camera = Camera(
            width=50, height=50, fov=40.0, position=(0.0, -3.0, 0.5), target=(0.0, 0.0, 0.5)
        )
        found = scene().seen(camera, cube(1.0).caster, rays=rays)
        side = camera.focal_length * 1.0 / 2.5
        assert found.coverage.sum() == pytest.approx(side**2, abs=4 * side / rays + 1)
        partial = (found.coverage > 0.0) & (found.coverage < 1.0)
        assert partial.any() == (rays > 1)

    def test_a_face_is_lit_as_lambert_says(self) -> None:
        """Front of a cube: its colour times (half sky, half ground, and the sun's cosine)."""
        from sensor_things import cube

        thing = cube(1.0)
        grey = replace(thing.mesh, materials=(Material('grey', (0.5, 0.5, 0.5)),))
        camera = Camera(
            width=9, height=9, fov=10.0, position=(0.0, -3.0, 0.5), target=(0.0, 0.0, 0.5)
        )
        for seed in range(8):
            drawn = scene(seed)
            found = drawn.seen(camera, type(thing.caster)(grey)).light[4, 4]
            light = drawn.lighting.lights[0]
            amount = max(-light.direction[1], 0.0)
            irradiance = np.add(drawn.lighting.sky, drawn.lighting.ground) / 2
            irradiance = irradiance + amount * np.array(light.colour)
            linear = ((0.5 + 0.055) / 1.055) ** 2.4
            np.testing.assert_allclose(found, linear * irradiance, rtol=1e-4)

    def test_light_beside_the_thing_is_that_of_the_surroundings(self) -> None:
        from sensor_things import cup

        thing = cup()
        framing = framed(thing.mesh.vertices, azimuth=0.3, elevation=0.4, fov=0.7, margin=3.0)
        camera = framing.camera(64, 48)
        drawn = Scene.drawn(np.random.default_rng(1), reach=0.06, azimuth=0.3)
        drawn = replace(
            drawn, lighting=replace(drawn.lighting, lights=())
        )  # without a lamp there is no shadow
        whole, empty = drawn.seen(camera, thing.caster, rays=4), drawn.seen(camera)
        beside = whole.coverage == 0.0
        assert 0.5 < beside.mean() < 0.99
        np.testing.assert_allclose(whole.light[beside], empty.light[beside], atol=1e-6)

    def test_a_thing_around_the_camera_is_seen_too(self) -> None:
        """Its corners are not all before the camera."""
        from sensor_things import cube

        camera = Camera(
            width=20, height=20, fov=60.0, position=(0.0, -0.2, 0.5), target=(0.0, 1.0, 0.5)
        )
        assert scene().seen(camera, cube(1.0).caster).coverage.all()

    def test_glass_lets_the_surroundings_through(self) -> None:
        from sensor_things import cube

        thing = cube(1.0)
        pane = replace(thing.mesh, materials=(Material('pane', (0, 0, 0), opacity=0.25),))
        camera = Camera(
            width=9, height=9, fov=5.0, position=(0.0, -3.0, 0.5), target=(0.0, 0.0, 0.5)
        )
        found = scene().seen(camera, type(thing.caster)(pane))
        np.testing.assert_allclose(found.coverage, 1 - 0.75**2, rtol=1e-5)
        assert (found.light > 0.0).all()
