"""Tiny household model libraries made on the spot: no copied models in the tests."""

from __future__ import annotations

from collections.abc import Mapping
import io
from pathlib import Path
import zipfile

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from omnibind_core.simulation.mesh import Material
from omnibind_core.simulation.mesh import Mesh
from omnibind_core.simulation.smooth_normals import corner_normals

CUBE_OBJ = """\
# a box of 2 x 1 x 4 (x, y up, z), standing at an odd place
mtllib box.mtl
o box
v 10 5 20
v 12 5 20
v 12 6 20
v 10 6 20
v 10 5 24
v 12 5 24
v 12 6 24
v 10 6 24
vt 0 0
vt 1 0
vt 1 1
vt 0 1
s off
usemtl front
f 5/1 6/2 7/3 8/4
usemtl back
f 2 1 4 3
usemtl side
f 1 5 8 4
f 6 2 3 7
f 8 7 3 4
f 1 2 6 5
"""

CUBE_MTL = """\
newmtl front
Kd 0.1 0.2 0.3
map_Kd Checker.png
newmtl back
Kd 1 0 0
Ks 0.5 0.5 0.5
Ns 96
newmtl side
Kd 0 1 0
d 0.25
"""


def png(pixels: NDArray[np.uint8]) -> bytes:
    """A PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, 'PNG')
    return buffer.getvalue()


CHECKER = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]], np.uint8)
"""2 x 2: red green / blue white, first row at the top."""


def properties(entries: list[Mapping[str, str]], licence: str = 'Public domain') -> str:
    """A ``PluginFurnitureCatalog.properties`` of these models."""
    lines = ['# made for a test', 'name=Tiny models', 'version=0.1', f'license={licence}', '']
    for index, entry in enumerate(entries, start=1):
        filled = {
            'id': f'Tiny#{entry.get("name", "box")}',
            'model': '/tiny/box/box.obj',
            'icon': '/tiny/box.png',
            'category': 'Living room',
            'width': '200',
            'depth': '400',
            'height': '100',
            'creator': 'A. Modeller',
            **entry,
        }
        lines += [f'{key}#{index}={value}' for key, value in filled.items()] + ['']
    return '\n'.join(lines)


def write_library(
    folder: Path,
    entries: list[Mapping[str, str]],
    members: Mapping[str, bytes | str] | None = None,
    *,
    name: str = 'Tiny',
    licence: str = 'Public domain',
) -> Path:
    """A ``.sh3f`` file with a catalogue and, unless others are given, one textured box."""
    path = folder / f'{name}.sh3f'
    if members is None:
        members = {
            'tiny/box/box.obj': CUBE_OBJ,
            'tiny/box/box.mtl': CUBE_MTL,
            'tiny/box/Checker.png': png(CHECKER),
        }
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as archive:
        archive.writestr('PluginFurnitureCatalog.properties', properties(entries, licence))
        for member, content in members.items():
            archive.writestr(member, content)
    return path


def mesh_of(
    vertices: NDArray[np.float64],
    faces: NDArray[np.int64],
    *,
    name: str = 'mesh',
    material: Material | None = None,
) -> Mesh:
    """A flat-shaded mesh of one material."""
    places = np.asarray(vertices, np.float32)
    normals = corner_normals(
        places.astype(np.float64), np.asarray(faces, np.int64), np.zeros(len(faces), np.int64)
    )
    return Mesh(
        name=name,
        vertices=places,
        faces=np.asarray(faces, np.int32),
        normals=normals.astype(np.float32),
        uv=np.zeros((len(faces), 3, 2), np.float32),
        material=np.zeros(len(faces), np.int32),
        materials=(material or Material('plain'),),
    )


def box_triangles(
    low: tuple[float, float, float], high: tuple[float, float, float]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Corners ``[8, 3]`` and triangles ``[12, 3]`` of a box."""
    corners = np.array(
        [[(low, high)[(i >> axis) & 1][axis] for axis in range(3)] for i in range(8)], float
    )
    quads = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
    faces = [tri for a, b, c, d in quads for tri in ((a, b, c), (a, c, d))]
    return corners, np.array(faces)


def joined(
    parts: list[tuple[NDArray[np.float64], NDArray[np.int64]]],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Several triangle soups as one."""
    vertices = np.concatenate([part[0] for part in parts])
    offsets = np.cumsum([0, *(len(part[0]) for part in parts[:-1])])
    faces = [part[1] + offset for part, offset in zip(parts, offsets, strict=True)]
    return vertices, np.concatenate(faces)


def chair(back: float = 0.5, seat: float = 0.45) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """A chair with one armrest, so that its mirror image is another shape."""
    legs = [
        box_triangles((x, y, 0.0), (x + 0.04, y + 0.04, seat))
        for x in (0.0, 0.36)
        for y in (0.0, 0.36)
    ]
    return joined(
        [
            *legs,
            box_triangles((0.0, 0.0, seat), (0.4, 0.4, seat + 0.04)),
            box_triangles((0.0, 0.36, seat), (0.4, 0.4, seat + back)),
            box_triangles((0.36, 0.05, seat + 0.2), (0.4, 0.3, seat + 0.25)),
        ]
    )
