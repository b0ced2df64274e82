"""Things of several shapes and substances to put before simulated sensors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tiny_models import box_triangles
from tiny_models import chair
from tiny_models import joined
from tiny_models import mesh_of

from omnibind_core.simulation.mesh import Material
from omnibind_core.simulation.mesh import Mesh
from omnibind_core.simulation.physical_material import MATERIALS
from omnibind_core.simulation.thing import Thing
from omnibind_core.simulation.thing import View


def cube(side: float = 0.4, substance: str = 'wood') -> Thing:
    """A cube on the floor."""
    mesh = mesh_of(*box_triangles((-side / 2, -side / 2, 0), (side / 2, side / 2, side)))
    return Thing(mesh=mesh, materials=(MATERIALS[substance],))


def wooden_chair() -> Thing:
    """A chair whose seat, back and armrest are of fabric."""
    vertices, faces = chair()
    owner = np.repeat([0, 1], [4 * 12, 3 * 12]).astype(np.int32)
    mesh = replace(
        mesh_of(vertices, faces),
        material=owner,
        materials=(Material('legs', (0.5, 0.3, 0.15)), Material('cover', (0.8, 0.1, 0.1))),
    )
    return Thing(mesh=mesh, materials=(MATERIALS['wood'], MATERIALS['fabric']))


def table() -> Thing:
    """A board on four legs of steel."""
    legs = [
        box_triangles((x, y, 0.0), (x + 0.05, y + 0.05, 0.7))
        for x in (0.0, 1.1)
        for y in (0.0, 0.6)
    ]
    vertices, faces = joined([*legs, box_triangles((0, 0, 0.7), (1.15, 0.65, 0.73))])
    owner = np.repeat([0, 1], [4 * 12, 12]).astype(np.int32)
    mesh = replace(
        mesh_of(vertices, faces),
        material=owner,
        materials=(Material('frame', (0.3, 0.3, 0.3)), Material('top', (0.6, 0.4, 0.2))),
    )
    return Thing(mesh=mesh, materials=(MATERIALS['steel'], MATERIALS['wood']))


def cup() -> Thing:
    """A round ceramic cup of 8 cm, open above, smoothly shaded."""
    return Thing(mesh=_tube(0.04, 0.09, 24), materials=(MATERIALS['ceramic'],))


def assortment() -> list[Thing]:
    """One of each."""
    return [cube(), wooden_chair(), table(), cup()]


def view(random: np.random.Generator) -> View:
    """Somewhere around a thing, a little above it."""
    return View(
        azimuth=float(random.uniform(0.0, 2 * np.pi)), elevation=float(random.uniform(0.1, 0.7))
    )


def _tube(radius: float, height: float, segments: int) -> Mesh:
    angle = np.linspace(0.0, 2 * np.pi, segments + 1)[:-1]
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    vertices = [np.column_stack([ring * radius, np.full(segments, z)]) for z in (0.0, height)]
    i = np.arange(segments)
    j = (i + 1) % segments
    sides = np.concatenate(
        [np.stack([i, j, j + segments], 1), np.stack([i, j + segments, i + segments], 1)]
    )
    floor = np.stack([np.full(segments - 2, 0), i[2:], i[1:-1]], 1)
    faces = np.concatenate([sides, floor])
    mesh = mesh_of(np.concatenate(vertices), faces)
    normals = mesh.normals.copy()
    outward = np.column_stack([np.concatenate([ring, ring]), np.zeros(2 * segments)])
    normals[: len(sides)] = outward[sides]
    return replace(mesh, normals=normals)
