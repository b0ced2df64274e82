"""A textured triangle mesh in metres: what every simulated sensor looks at, touches or strikes.

Axes: x right, y away from the viewer, z up (the model's front faces -y); it stands on z = 0 and is
centred in x and y. Notation: ``v`` vertices, ``f`` triangles, ``h, w`` texture height and width.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Material:
    """How a surface looks, and the name its modeller gave it.

    Colours are display-encoded (sRGB) in 0..1, as modelling tools write them.

    :param name: the modeller's name (``wood_oak``); simulators read the physical material off it.
    :param diffuse: colour where there is no texture.
    :param specular: colour of highlights; tells metal and varnish from cloth.
    :param shininess: Phong exponent, 0 to 1000.
    :param opacity: 0 transparent to 1 opaque.
    :param texture: uint8 ``[h, w, 3]`` sRGB, first row at the top, replacing ``diffuse``.
    :param alpha: uint8 ``[h, w]``, the texture's own opacity; only beside ``texture``.
    """

    name: str
    diffuse: tuple[float, float, float] = (0.8, 0.8, 0.8)
    specular: tuple[float, float, float] = (0.0, 0.0, 0.0)
    shininess: float = 0.0
    opacity: float = 1.0
    texture: NDArray[np.uint8] | None = None
    alpha: NDArray[np.uint8] | None = None


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles of one object.

    :param name: id of the model.
    :param vertices: float32 ``[v, 3]``, metres.
    :param faces: int32 ``[f, 3]``, indices into ``vertices``.
    :param normals: float32 ``[f, 3, 3]``, unit normal at each corner.
    :param uv: float32 ``[f, 3, 2]``, texture coordinates, v upwards; zeros where there are none.
    :param material: int32 ``[f]``, indices into ``materials``.
    :param materials: at least one.
    :param warnings: what was missing or mended when it was read, for the data card.
    """

    name: str
    vertices: NDArray[np.float32]
    faces: NDArray[np.int32]
    normals: NDArray[np.float32]
    uv: NDArray[np.float32]
    material: NDArray[np.int32]
    materials: tuple[Material, ...]
    warnings: tuple[str, ...] = ()

    @cached_property
    def triangles(self) -> NDArray[np.float32]:
        """Corner positions, float32 ``[f, 3, 3]``."""
        return self.vertices[self.faces]

    @cached_property
    def cross(self) -> NDArray[np.float64]:
        """Normal of each triangle with the length of twice its area, float64 ``[f, 3]``."""
        corners = self.triangles.astype(np.float64)
        crossed = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        return crossed.astype(np.float64)

    @cached_property
    def areas(self) -> NDArray[np.float64]:
        """Area of each triangle in square metres, float64 ``[f]``."""
        return np.asarray(np.linalg.norm(self.cross, axis=1) / 2.0, np.float64)

    @cached_property
    def face_normals(self) -> NDArray[np.float32]:
        """Unit normal of each triangle's plane, float32 ``[f, 3]``; counter-clockwise is front."""
        length = np.linalg.norm(self.cross, axis=1, keepdims=True)
        return np.asarray(self.cross / np.maximum(length, 1e-300), np.float32)

    @cached_property
    def bounds(self) -> NDArray[np.float32]:
        """Lower and upper corner, float32 ``[2, 3]``."""
        return np.stack([self.vertices.min(axis=0), self.vertices.max(axis=0)])

    @property
    def size(self) -> NDArray[np.float32]:
        """Width (x), depth (y), height (z) in metres, float32 ``[3]``."""
        return np.asarray(self.bounds[1] - self.bounds[0], np.float32)

    @cached_property
    def opaque_faces(self) -> NDArray[np.bool_]:
        """Which triangles stop light (opacity >= 0.5; cut-out textures count as whole), ``[f]``."""
        opaque = np.array([item.opacity >= 0.5 for item in self.materials])
        return np.asarray(opaque[self.material], np.bool_)
