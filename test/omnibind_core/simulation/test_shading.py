from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny_models import box_triangles
from tiny_models import CHECKER
from tiny_models import joined
from tiny_models import mesh_of

from omnibind_core.simulation.mesh import Material
from omnibind_core.simulation.mesh import Mesh
from omnibind_core.simulation.ray_caster import RayCaster
from omnibind_core.simulation.shading import cast_solid
from omnibind_core.simulation.shading import Light
from omnibind_core.simulation.shading import Lighting
from omnibind_core.simulation.shading import shade
from omnibind_core.simulation.surface import surface_at
from omnibind_core.simulation.surface import to_linear
from omnibind_core.simulation.surface import to_srgb

pytest.importorskip('embreex')

SQUARE = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], float)
HALVES = np.array([[0, 1, 2], [0, 2, 3]])
DOWN = np.array([[0.0, 0.0, -1.0]], np.float32)
DARK = Lighting(lights=(), sky=(0, 0, 0), ground=(0, 0, 0))


def sheet(material: Material, height: float = 0.0) -> Mesh:
    """A unit square facing up, textured as it lies: u = x, v = y."""
    mesh = mesh_of(SQUARE + np.array([0, 0, height]), HALVES, material=material)
    return replace(mesh, uv=SQUARE[HALVES][..., :2].astype(np.float32))


def stack(*sheets: Mesh) -> Mesh:
    vertices, faces = joined([(s.vertices.astype(float), s.faces) for s in sheets])
    mesh = mesh_of(vertices, faces)
    return replace(
        mesh,
        uv=np.concatenate([s.uv for s in sheets]),
        material=np.repeat(np.arange(len(sheets)), 2).astype(np.int32),
        materials=tuple(s.materials[0] for s in sheets),
    )


def look(mesh: Mesh, places: list[tuple[float, float]], lighting: Lighting) -> np.ndarray:
    """Colours seen from straight above."""
    origins = np.array([(x, y, 5.0) for x, y in places], np.float32)
    directions = np.repeat(DOWN, len(places), 0)
    return shade(RayCaster(mesh), origins, directions, lighting).colour


def test_srgb_both_ways() -> None:
    encoded = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(to_srgb(to_linear(encoded / 255.0)), encoded)
    # Values of the standard: 0.5 encoded is 0.2140 in light.
    assert float(to_linear(0.5)) == pytest.approx(0.21404, abs=1e-5)
    assert to_srgb([-1.0, 2.0]).tolist() == [0, 255]


def test_lambert_by_hand() -> None:
    grey = Material('grey', diffuse=(0.5, 0.5, 0.5))
    reflectance = 0.21404
    for degrees in (0.0, 60.0, 89.0):
        angle = np.radians(degrees)
        light = Light((np.sin(angle) * 3, 0.0, np.cos(angle) * 3), colour=(1.0, 0.5, 0.0))
        seen = look(sheet(grey), [(0.3, 0.4)], replace(DARK, lights=(light,)))
        expected = reflectance * np.cos(angle) * np.array([1.0, 0.5, 0.0])
        np.testing.assert_allclose(seen[0], expected, atol=1e-4)


def test_ambient_light_depends_on_which_way_a_surface_looks() -> None:
    white = Material('white', diffuse=(1.0, 1.0, 1.0))
    lighting = Lighting(lights=(), sky=(0.8, 0.8, 0.8), ground=(0.2, 0.2, 0.2))
    np.testing.assert_allclose(look(sheet(white), [(0.5, 0.4)], lighting), 0.8, atol=1e-5)
    below = shade(RayCaster(sheet(white)), np.array([[0.5, 0.4, -3]], np.float32), -DOWN, lighting)
    np.testing.assert_allclose(below.colour, 0.2, atol=1e-5)


def test_a_texture_lies_the_right_way_up() -> None:
    mesh = sheet(Material('picture', texture=CHECKER))
    lighting = replace(DARK, sky=(1.0, 1.0, 1.0))
    # First row at the top (large v): red green; below: blue white. Texel centres are exact.
    seen = look(mesh, [(0.25, 0.75), (0.75, 0.75), (0.25, 0.25), (0.75, 0.25)], lighting)
    np.testing.assert_allclose(seen, [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]], atol=1e-5)
    middle = look(mesh, [(0.5, 0.75)], lighting)
    np.testing.assert_allclose(middle, [[0.5, 0.5, 0.0]], atol=1e-4)


def test_textures_repeat() -> None:
    mesh = sheet(Material('picture', texture=CHECKER))
    shifted = replace(mesh, uv=mesh.uv * 1.0 + np.float32([3.0, -7.0]))
    places = [(0.1, 0.2), (0.6, 0.9)]
    lighting = replace(DARK, sky=(1.0, 1.0, 1.0))
    np.testing.assert_allclose(
        look(shifted, places, lighting), look(mesh, places, lighting), atol=1e-4
    )


def test_hard_shadows_of_opaque_things_only() -> None:
    floor = sheet(Material('floor', diffuse=(1, 1, 1)))
    for opacity, lit in ((1.0, 0.0), (0.3, 1.0)):
        roof = sheet(Material('roof', opacity=opacity), height=0.5)
        shifted = replace(roof, vertices=roof.vertices + np.float32([0.5, 0, 0]))
        mesh = stack(floor, shifted)
        light = Light((0.0, 0.0, 1.0), colour=(1, 1, 1))
        caster = RayCaster(mesh)
        # Seen from below the roof: a place under it and one beside it.
        origins = np.array([(0.7, 0.5, 0.4), (0.2, 0.5, 0.4)], np.float32)
        seen = shade(caster, origins, np.repeat(DOWN, 2, 0), replace(DARK, lights=(light,)))
        np.testing.assert_allclose(seen.colour[:, 0], [lit, 1.0], atol=1e-5)
        open_air = replace(DARK, lights=(replace(light, shadows=False),))
        free = shade(caster, origins, np.repeat(DOWN, 2, 0), open_air)
        np.testing.assert_allclose(free.colour[:, 0], [1.0, 1.0], atol=1e-5)


def test_glass_mixes_with_what_is_behind_it() -> None:
    lighting = replace(DARK, sky=(1.0, 1.0, 1.0))
    red = Material('red', diffuse=(1, 0, 0), opacity=0.25)
    blue = Material('blue', diffuse=(0, 0, 1), opacity=0.5)
    green = Material('green', diffuse=(0, 1, 0))
    origins = np.array([(0.5, 0.3, 5.0)], np.float32)
    through = shade(
        RayCaster(stack(sheet(red, 0.6), sheet(blue, 0.3), sheet(green))), origins, DOWN, lighting
    )
    np.testing.assert_allclose(through.colour[0], [0.25, 0.375, 0.375], atol=1e-5)
    assert through.coverage[0] == pytest.approx(1.0)
    assert through.hits.distance[0] == pytest.approx(4.4, abs=1e-5)
    alone = shade(RayCaster(stack(sheet(red, 0.6), sheet(blue, 0.3))), origins, DOWN, lighting)
    assert alone.coverage[0] == pytest.approx(0.625)
    np.testing.assert_allclose(alone.over((1.0, 1.0, 1.0))[0], [0.625, 0.375, 0.75], atol=1e-5)


def test_a_miss_shows_the_background() -> None:
    origins = np.array([(9, 9, 5), (0.5, 0.4, 5)], np.float32)
    shaded = shade(RayCaster(sheet(Material('m'))), origins, np.repeat(DOWN, 2, 0), DARK)
    background = np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], np.float32)
    np.testing.assert_allclose(shaded.over(background), [[0.1, 0.2, 0.3], [0, 0, 0]], atol=1e-6)
    assert shaded.coverage.tolist() == [0.0, 1.0]


def test_a_beam_passes_glass_and_cut_outs_and_stops_at_solid_things() -> None:
    leaf = Material('leaf', texture=CHECKER, alpha=np.array([[255, 255], [0, 255]], np.uint8))
    mesh = stack(
        sheet(Material('glass', opacity=0.2), 0.9), sheet(leaf, 0.5), sheet(Material('floor'))
    )
    origins = np.array([(0.25, 0.25, 2), (0.75, 0.75, 2), (4, 4, 2)], np.float32)
    hits = cast_solid(RayCaster(mesh), origins, np.repeat(DOWN, 3, 0))
    np.testing.assert_allclose(hits.distance[:2], [2.0, 1.5], atol=1e-4)
    assert mesh.material[hits.triangle[:2]].tolist() == [2, 1]
    assert hits.triangle[2] == -1
    assert np.isinf(hits.distance[2])


def test_a_beam_through_glass_alone_meets_nothing() -> None:
    mesh = stack(sheet(Material('glass', opacity=0.2), 0.9), sheet(Material('g', opacity=0.1)))
    hits = cast_solid(RayCaster(mesh), np.array([(0.5, 0.3, 2)], np.float32), DOWN)
    assert hits.triangle.tolist() == [-1]
    assert np.isinf(hits.distance).all()
    assert (hits.barycentric == 0).all()


def test_normals_face_the_ray_whatever_the_winding() -> None:
    box = mesh_of(*box_triangles((-1, -1, -1), (1, 1, 1)))
    turned = mesh_of(box.vertices.astype(float), box.faces[:, ::-1])
    rng = np.random.default_rng(0)
    origins = (rng.normal(size=(200, 3)) * 3 + 4).astype(np.float32)
    directions = (-origins + 0.3 * rng.normal(size=(200, 3))).astype(np.float32)
    for mesh in (box, turned):
        hits = RayCaster(mesh).cast(origins, directions)
        surface = surface_at(mesh, hits, directions)
        own = hits.hit
        assert own.sum() > 100
        assert (np.einsum('rk,rk->r', surface.normal[own], directions[own]) < 0).all()
        np.testing.assert_allclose(np.linalg.norm(surface.normal[own], axis=1), 1.0, atol=1e-5)
        assert (surface.opacity[~own] == 0).all()
