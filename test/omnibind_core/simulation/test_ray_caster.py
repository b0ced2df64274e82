from __future__ import annotations

import sys

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
import numpy as np
import pytest
from tiny_models import box_triangles
from tiny_models import joined
from tiny_models import mesh_of

from omnibind_core.errors import InputError
from omnibind_core.errors import UnavailableError
from omnibind_core.simulation.mesh import Material
from omnibind_core.simulation.ray_caster import RayCaster

pytest.importorskip('embreex')


def moeller_trumbore(
    triangles: np.ndarray, origins: np.ndarray, directions: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every ray against every triangle in float64 (Moeller and Trumbore 1997).

    Returns distances ``[r, f]`` (infinite = missed) and weights u, v ``[r, f]``.
    """
    a, b, c = (triangles[:, i].astype(np.float64) for i in range(3))
    origin, direction = origins[:, None].astype(np.float64), directions[:, None].astype(np.float64)
    direction = direction / np.linalg.norm(direction, axis=2, keepdims=True)
    p = np.cross(direction, (c - a)[None])
    determinant = np.einsum('rfk,fk->rf', p, b - a)
    with np.errstate(divide='ignore', invalid='ignore'):
        s = origin - a[None]
        u = np.einsum('rfk,rfk->rf', s, p) / determinant
        q = np.cross(s, (b - a)[None])
        v = np.einsum('rfk,rfk->rf', np.broadcast_to(direction, q.shape), q) / determinant
        t = np.einsum('fk,rfk->rf', c - a, q) / determinant
        inside = (u >= 0) & (v >= 0) & (u + v <= 1) & (t >= 0)
    return np.where(inside, t, np.inf), u, v


def soup(rng: np.random.Generator, count: int) -> np.ndarray:
    centre = rng.normal(size=(count, 1, 3))
    return (centre + 0.4 * rng.normal(size=(count, 3, 3))).astype(np.float32)


def mesh_from(triangles: np.ndarray) -> object:
    return mesh_of(triangles.reshape(-1, 3), np.arange(3 * len(triangles)).reshape(-1, 3))


@given(st.integers(0, 2**32 - 1), st.integers(1, 60))
@settings(max_examples=50)
def test_against_brute_force_in_double_precision(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    triangles = soup(rng, count)
    origins = (4 * rng.normal(size=(60, 3))).astype(np.float32)
    directions = (rng.normal(size=(60, 3)) - origins / 3).astype(np.float32)
    hits = RayCaster(mesh_from(triangles)).cast(origins, directions)
    distance, u, v = moeller_trumbore(triangles, origins, directions)
    nearest = distance.min(axis=1)
    # Rays along an edge or past a corner may be decided either way in single precision.
    edge = np.minimum(np.minimum(u, v), 1 - u - v)
    clear = ~((np.abs(edge) < 1e-4) & (np.isfinite(edge))).any(axis=1)
    second = np.sort(distance, axis=1)[:, 1] if count > 1 else np.full(60, np.inf)
    with np.errstate(invalid='ignore'):
        clear &= ~(second - nearest < 1e-4)
    missed = ~np.isfinite(nearest)
    assert (hits.triangle[clear & missed] == -1).all()
    assert np.isinf(hits.distance[clear & missed]).all()
    assert (hits.barycentric[clear & missed] == 0).all()
    hit = np.flatnonzero(clear & ~missed)
    expected = distance.argmin(axis=1)[hit]
    np.testing.assert_array_equal(hits.triangle[hit], expected)
    np.testing.assert_allclose(hits.distance[hit], nearest[hit], rtol=2e-5, atol=2e-5)
    weights = np.stack([1 - u - v, u, v], axis=2)[hit, expected]
    np.testing.assert_allclose(hits.barycentric[hit], weights, atol=2e-3)


def test_weights_give_the_point_of_incidence() -> None:
    rng = np.random.default_rng(3)
    mesh = mesh_from(soup(rng, 200))
    origins = (4 * rng.normal(size=(500, 3))).astype(np.float32)
    directions = 7.0 * (rng.normal(size=(500, 3)) - origins / 2).astype(np.float32)
    hits = RayCaster(mesh).cast(origins, directions)
    own = hits.hit
    assert own.sum() > 100
    points = np.einsum('rc,rck->rk', hits.barycentric[own], mesh.triangles[hits.triangle[own]])
    unit = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    np.testing.assert_allclose(
        points, origins[own] + hits.distance[own, None] * unit[own], atol=1e-4
    )


def test_one_origin_for_all_rays_and_both_sides_of_a_triangle() -> None:
    caster = RayCaster(mesh_of(*box_triangles((-1, -1, -1), (1, 1, 1))))
    directions = np.array([[1, 0.1, 0.2], [0, -2, 0.1], [0.1, 0, 30]])
    inside = caster.cast([0, 0, 0], directions)
    assert inside.hit.all()
    length = np.linalg.norm(directions, axis=1)
    np.testing.assert_allclose(inside.distance, length / np.abs(directions).max(1), rtol=1e-5)
    assert len(inside) == 3


def test_no_rays() -> None:
    hits = RayCaster(mesh_of(*box_triangles((0, 0, 0), (1, 1, 1)))).cast(
        np.zeros((0, 3)), np.zeros((0, 3))
    )
    assert len(hits) == 0
    assert hits.barycentric.shape == (0, 3)


def test_shadow_rays_end_where_they_are_told() -> None:
    caster = RayCaster(mesh_of(*box_triangles((-1, -1, 2), (1, 1, 3))))
    origins = np.array([[0.1, 0.2, 0], [5, 0, 0]])
    up = [[0, 0, 2]]
    assert caster.occluded(origins, up).tolist() == [True, False]
    assert caster.occluded(origins, up, distance=1.9).tolist() == [False, False]
    assert caster.occluded(origins, up, distance=2.1).tolist() == [True, False]
    assert caster.occluded(np.zeros((0, 3)), up).shape == (0,)


def test_glass_throws_no_shadow_but_is_hit() -> None:
    pane = box_triangles((-1, -1, 1), (1, 1, 1.1))
    roof = box_triangles((3, -1, 1), (5, 1, 1.1))
    mesh = mesh_of(*joined([pane, roof]), material=Material('glass', opacity=0.2))
    object.__setattr__(mesh, 'materials', (*mesh.materials, Material('slate')))
    mesh.material[12:] = 1
    caster = RayCaster(mesh)
    origins = np.array([[0.1, 0.2, 0], [4.1, 0.2, 0]])
    assert caster.occluded(origins, [0, 0, 1]).tolist() == [False, True]
    assert caster.cast(origins, [0, 0, 1]).hit.tolist() == [True, True]
    glass = RayCaster(mesh_of(*pane, material=Material('glass', opacity=0.2)))
    assert not glass.occluded(origins, [0, 0, 1]).any()


@pytest.mark.parametrize(
    ('origins', 'directions', 'field'),
    [
        (np.zeros((2, 2)), np.ones((2, 3)), 'origins'),
        (np.zeros((2, 3)), np.ones(4), 'directions'),
        (np.zeros((2, 3)), np.ones((5, 3)), 'rays'),
        (np.zeros((2, 3)), np.zeros((2, 3)), 'directions'),
        (np.full((2, 3), np.nan), np.ones((2, 3)), 'origins'),
        (np.zeros((2, 3)), np.full((2, 3), np.inf), 'directions'),
        (np.zeros((1, 2, 3)), np.ones((2, 3)), 'origins'),
    ],
)
def test_rays_that_cannot_be_cast(origins: object, directions: object, field: str) -> None:
    caster = RayCaster(mesh_of(*box_triangles((0, 0, 0), (1, 1, 1))))
    for method in (caster.cast, caster.occluded):
        with pytest.raises(InputError) as caught:
            method(origins, directions)
        assert caught.value.field == field


def test_without_embreex_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'embreex.rtcore_scene', None)
    with pytest.raises(UnavailableError, match='embreex'):
        RayCaster(mesh_of(*box_triangles((0, 0, 0), (1, 1, 1))))
