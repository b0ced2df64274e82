"""Casting rays at a mesh on the CPU: what a camera, a range sensor or a fingertip meets first.

Built on Embree (Wald et al. 2014) through ``embreex``; no graphics driver, no OpenGL.
Notation: ``r`` rays.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_core.errors import UnavailableError
from omnibind_core.simulation.mesh import Mesh


@dataclass(frozen=True, eq=False)
class Hits:
    """What each ray met.

    :param triangle: int32 ``[r]``, index of the triangle, -1 = nothing.
    :param distance: float32 ``[r]``, metres from the origin, infinite where nothing.
    :param barycentric: float32 ``[r, 3]``, weights of the triangle's corners, 0 where nothing.
    """

    triangle: NDArray[np.int32]
    distance: NDArray[np.float32]
    barycentric: NDArray[np.float32]

    @property
    def hit(self) -> NDArray[np.bool_]:
        """Which rays met something, ``[r]``."""
        return np.asarray(self.triangle >= 0, np.bool_)

    def __len__(self) -> int:
        return len(self.triangle)


class RayCaster:
    """Finds the first triangle along rays; build it once per mesh, then cast often.

    :param mesh: the mesh; both sides of a triangle are met.
    :raises UnavailableError: ``embreex`` is not installed.
    """

    def __init__(self, mesh: Mesh) -> None:
        self.mesh = mesh
        self._scene = _build(mesh.triangles)
        self._opaque: Any = None

    def cast(self, origins: ArrayLike, directions: ArrayLike) -> Hits:
        """The first triangle along each ray.

        :param origins: ``[r, 3]`` or ``[3]`` for all rays, metres.
        :param directions: ``[r, 3]``, of any length but zero; distances are in metres regardless.
        :raises InputError: wrong shape, a value that is not finite, a direction of length zero.
        """
        starts, unit = _rays(origins, directions)
        if len(unit) == 0:
            empty = np.zeros(0, np.float32)
            return Hits(np.zeros(0, np.int32), empty, np.zeros((0, 3), np.float32))
        found = self._scene.run(starts, unit, output=1)
        triangle = found['primID']
        missed = triangle < 0
        u, v = found['u'], found['v']
        barycentric = np.stack([1.0 - u - v, u, v], axis=1)
        barycentric[missed] = 0.0
        distance = np.where(missed, np.float32(np.inf), found['tfar'])
        return Hits(triangle, distance, barycentric)

    def occluded(
        self, origins: ArrayLike, directions: ArrayLike, distance: float = np.inf
    ) -> NDArray[np.bool_]:
        """Whether something opaque lies along each ray: for shadows, and cheaper than a cast.

        :param origins: ``[r, 3]`` or ``[3]``.
        :param directions: ``[r, 3]``, or ``[1, 3]`` for all rays.
        :param distance: how far to look, metres.
        :returns: bool ``[r]``.
        :raises InputError: as :meth:`cast`.
        """
        starts, unit = _rays(origins, directions)
        if len(unit) == 0 or not self.mesh.opaque_faces.any():
            return np.zeros(len(unit), np.bool_)
        if self._opaque is None:
            opaque = self.mesh.opaque_faces
            everything = bool(opaque.all())
            self._opaque = self._scene if everything else _build(self.mesh.triangles[opaque])
        reach = np.full(len(unit), min(distance, 1e37), np.float32)
        found = self._opaque.run(starts, unit, reach, query='OCCLUDED')
        return np.asarray(found == 0, np.bool_)


def _build(triangles: NDArray[np.float32]) -> Any:
    try:
        scenes = import_module('embreex.rtcore_scene')
        meshes = import_module('embreex.mesh_construction')
    except ImportError:
        raise UnavailableError(
            'simulating sensors needs the package embreex; install "omnibind[train]"'
        ) from None
    scene = scenes.EmbreeScene(robust=True)
    meshes.TriangleMesh(scene, triangles)
    return scene


def _rays(
    origins: ArrayLike, directions: ArrayLike
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Both as contiguous float32 ``[r, 3]``, directions of length one."""
    with np.errstate(over='ignore'):
        starts = np.asarray(origins, np.float32)
        towards = np.asarray(directions, np.float32)
    for name, given in (('origins', starts), ('directions', towards)):
        if given.ndim not in {1, 2} or given.shape[-1:] != (3,):
            raise InputError(name, given.shape, '[rays, 3] or [3]')
        if not np.isfinite(given).all():
            raise InputError(name, 'values that are not finite', 'finite numbers')
    try:
        shape = np.broadcast_shapes(np.atleast_2d(starts).shape, np.atleast_2d(towards).shape)
    except ValueError:
        raise InputError(
            'rays', f'{starts.shape} origins, {towards.shape} directions', 'equally many, or one'
        ) from None
    starts = np.ascontiguousarray(np.broadcast_to(starts, shape))
    towards = np.broadcast_to(towards, shape)
    length = np.sqrt(np.einsum('rk,rk->r', towards, towards, dtype=np.float64))
    if not (length > 0.0).all():
        raise InputError('directions', 'a direction of length zero', 'any other length')
    return starts, np.ascontiguousarray(towards / length[:, None], np.float32)
