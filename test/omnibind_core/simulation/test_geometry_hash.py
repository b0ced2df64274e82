from __future__ import annotations

import itertools

import numpy as np
import pytest
from tiny_models import box_triangles
from tiny_models import chair
from tiny_models import joined
from tiny_models import mesh_of

from omnibind_core.simulation.geometry_hash import compare
from omnibind_core.simulation.geometry_hash import describe
from omnibind_core.simulation.geometry_hash import DUPLICATE
from omnibind_core.simulation.geometry_hash import SIBLING
from omnibind_core.simulation.geometry_hash import similar_pairs
from omnibind_core.simulation.geometry_hash import STRETCH
from omnibind_core.simulation.mesh import Material
from omnibind_core.simulation.mesh import Mesh


def subdivided(vertices: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same surface of four times as many triangles, with new vertices in another order."""
    corners = vertices[faces]
    a, b, c = (corners[:, i] for i in range(3))
    ab, bc, ca = (a + b) / 2, (b + c) / 2, (c + a) / 2
    parts = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
    triangles = np.concatenate([np.stack(part, axis=1) for part in parts])[::-1]
    return triangles.reshape(-1, 3), np.arange(3 * len(triangles)).reshape(-1, 3)


def table() -> tuple[np.ndarray, np.ndarray]:
    legs = [
        box_triangles((x, y, 0.0), (x + 0.06, y + 0.06, 0.7))
        for x, y in itertools.product((0.0, 1.14), (0.0, 0.74))
    ]
    return joined([*legs, box_triangles((0.0, 0.0, 0.7), (1.2, 0.8, 0.74))])


def shelf() -> tuple[np.ndarray, np.ndarray]:
    boards = [box_triangles((0, 0, z), (0.8, 0.3, z + 0.03)) for z in np.linspace(0, 1.7, 6)]
    sides = [box_triangles((x, 0, 0), (x + 0.03, 0.3, 1.73)) for x in (0.0, 0.77)]
    return joined([*boards, *sides])


VERTICES, FACES = chair()
CHAIR = mesh_of(VERTICES, FACES, name='chair')

COPIES: dict[str, Mesh] = {
    'recoloured': mesh_of(VERTICES, FACES, material=Material('red', diffuse=(1, 0, 0))),
    'retriangulated': mesh_of(*subdivided(VERTICES, FACES)),
    'rescaled': mesh_of(VERTICES * 0.013, FACES),
    'moved': mesh_of(VERTICES + np.array([5.0, -3.0, 9.0]), FACES),
    'mirrored': mesh_of(VERTICES * [-1, 1, 1], FACES[:, ::-1]),
    'turned': mesh_of(VERTICES[:, [1, 0, 2]] * [-1, 1, 1], FACES),
    'lying': mesh_of(VERTICES[:, [0, 2, 1]] * [1, 1, -1], FACES),
    'a little wider': mesh_of(VERTICES * [1.2, 1, 1], FACES),
}

OTHERS: dict[str, Mesh] = {
    'table': mesh_of(*table()),
    'shelf': mesh_of(*shelf()),
    'box': mesh_of(*box_triangles((0, 0, 0), (0.4, 0.4, 0.95))),
    'chair with a low back': mesh_of(*chair(back=0.2)),
    'bar chair': mesh_of(*chair(seat=0.9, back=0.25)),
}


@pytest.mark.parametrize('name', COPIES)
def test_copies_are_found(name: str) -> None:
    pair = compare(describe(CHAIR), describe(COPIES[name]))
    assert pair.distance < DUPLICATE / 3
    assert pair.stretch == pytest.approx(1.2 if name == 'a little wider' else 1.0, abs=0.01)


@pytest.mark.parametrize('name', OTHERS)
def test_other_things_are_not(name: str) -> None:
    assert compare(describe(CHAIR), describe(OTHERS[name])).distance > SIBLING


def test_too_much_stretch_is_another_shape() -> None:
    flat = mesh_of(*box_triangles((0, 0, 0), (0.07, 0.15, 0.01)))
    block = mesh_of(*box_triangles((0, 0, 0), (1.2, 0.6, 0.4)))
    assert compare(describe(flat), describe(block)).distance == np.inf
    assert compare(describe(block), describe(block)).stretch == pytest.approx(1.0)
    assert STRETCH > 1.2


def test_comparing_is_symmetric() -> None:
    first, second = describe(CHAIR), describe(OTHERS['chair with a low back'])
    there, back = compare(first, second), compare(second, first)
    assert there.distance == pytest.approx(back.distance, rel=0.05)
    assert (there.first, there.second) == (back.second, back.first)


def test_all_pairs_at_once() -> None:
    named = {**COPIES, **OTHERS, 'chair': CHAIR}
    shapes = [
        describe(mesh_of(mesh.vertices.astype(float), mesh.faces, name=name))
        for name, mesh in named.items()
    ]
    found = {frozenset((pair.first, pair.second)) for pair in similar_pairs(shapes, DUPLICATE)}
    expected = {frozenset(pair) for pair in itertools.combinations([*COPIES, 'chair'], 2)}
    assert found == expected


def test_pairs_come_nearest_first_and_none_of_nothing() -> None:
    assert similar_pairs([]) == []
    shapes = [describe(CHAIR), describe(COPIES['mirrored']), describe(OTHERS['table'])]
    distances = [pair.distance for pair in similar_pairs(shapes, np.inf)]
    assert distances == sorted(distances)
    assert distances


def test_the_same_each_time() -> None:
    first, again = describe(CHAIR), describe(CHAIR)
    np.testing.assert_array_equal(first.sparse, again.sparse)
    np.testing.assert_array_equal(first.grid, again.grid)
    assert first.noise == again.noise > 0.0
