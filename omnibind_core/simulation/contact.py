"""A fingertip against a thing: where it can touch, what lies under it, how deep it presses.

Real scale: one metre of a model is one metre, so of furniture a fingertip of 2 cm mostly meets
flats and edges. Notation: ``h, w`` rows and columns of the patch, ``r`` rays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_core.simulation.mesh import Mesh
from omnibind_core.simulation.ray_caster import Hits
from omnibind_core.simulation.ray_caster import RayCaster

_CANDIDATES = 64
_FLOOR = 0.05  # m of free space under the surface that a finger needs
_START = 0.03  # m before the surface, from where rays look for what the finger meets
_STEP = 1e-5  # m off a surface, beyond float32's rounding at a few metres
_DEEPEST = 0.02  # m below the touched point that still matters
# Phong tessellation (Boubekeur & Alexa 2008): their share of the curved surface, and how far it may
# leave the flat triangle. Sharper corners than 40 degrees were meant as edges.
_CURVED = 0.75
_MOST_CURVED = 0.003
_SOFT_CORNER = 0.77

_Vector = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TouchPoint:
    """Where a fingertip meets a thing.

    :param position: ``[3]``, m.
    :param outward: ``[3]``, unit, from the surface towards the finger.
    :param triangle: which one is touched.
    """

    position: _Vector
    outward: _Vector
    triangle: int


def touch_point(caster: RayCaster, random: np.random.Generator) -> TouchPoint:
    """A point of the surface that a finger can reach, drawn evenly by area.

    Reachable: straight above it there is nothing, and no floor within 5 cm below it. Of things
    without such a point any point of the surface is taken, from the side that has more room.
    """
    mesh = caster.mesh
    cumulative = np.cumsum(mesh.areas)
    triangle = np.searchsorted(cumulative, random.random(_CANDIDATES) * cumulative[-1], 'right')
    triangle = np.minimum(triangle, len(cumulative) - 1)
    u, v = random.random((2, _CANDIDATES))
    root = np.sqrt(u)
    weights = np.stack([1.0 - root, root * (1.0 - v), root * v], axis=1)
    points = np.einsum('nc,nck->nk', weights, mesh.triangles[triangle].astype(np.float64))
    # Both sides: files disagree on which is the outer.
    normals = mesh.face_normals[triangle].astype(np.float64)
    position = np.repeat(points, 2, axis=0)
    outward = np.stack([normals, -normals], axis=1).reshape(-1, 3)
    room = caster.cast(position + _STEP * outward, outward).distance.astype(np.float64)
    with np.errstate(divide='ignore', invalid='ignore'):
        floor = np.where(outward[:, 2] < 0.0, position[:, 2] / -outward[:, 2], np.inf)
    room = np.where(floor < _FLOOR, 0.0, room)
    free = np.flatnonzero(np.isinf(room))
    chosen = int(free[0]) if len(free) else int(room.argmax())
    return TouchPoint(position[chosen], outward[chosen], int(triangle[chosen // 2]))


def height_map(
    caster: RayCaster,
    point: TouchPoint,
    *,
    shape: tuple[int, int],
    pitch: tuple[float, float],
    roll: float,
    tilt: tuple[float, float],
) -> NDArray[np.float64]:
    """How far the surface lies under a fingertip's pad.

    Facets are rounded by Phong tessellation where the modeller's normals say that the surface is
    curved: a gel would feel each facet that eyes do not see.

    :param shape: rows and columns of the patch.
    :param pitch: from column to column and row to row, m.
    :param roll: the finger's turn about its axis, radians.
    :param tilt: its slant against the surface, radians, in columns' and rows' direction.
    :returns: float64 ``[h, w]`` m, growing away from the finger, 0 at the touched point; no less
        than -0.03 and no more than 0.02.
    """
    axis = _tilted(point.outward, roll, tilt)
    x = (np.arange(shape[1]) + 0.5 - shape[1] / 2.0) * pitch[0]
    y = (np.arange(shape[0]) + 0.5 - shape[0] / 2.0) * pitch[1]
    grid = (y[:, None, None] * axis[1] + x[None, :, None] * axis[0]).reshape(-1, 3)
    origins = point.position + _START * axis[2] + grid
    directions = np.broadcast_to(-axis[2], origins.shape)
    hits = caster.cast(origins, directions)
    depth = np.full(len(origins), _DEEPEST)
    met = np.flatnonzero(hits.hit)
    depth[met] = _exact(caster.mesh, hits, met, origins[met], axis[2]) - _START
    return np.asarray(np.clip(depth, -_START, _DEEPEST).reshape(shape), np.float64)


def press(gap: NDArray[np.float64], force: float, stiffness: float, area: float) -> float:
    """How deep a rigid surface goes into an elastic gel under a force.

    An elastic foundation (Johnson, "Contact Mechanics" 1985, section 4.3): every point is a spring
    of its own. Solved exactly: the force is piecewise linear in the depth.

    :param gap: distance of the surface from the gel, m, any shape; its least value touches first.
    :param force: N, above 0.
    :param stiffness: of the gel, its Young's modulus by its thickness, Pa/m.
    :param area: of one point, m^2.
    :returns: m.
    """
    if not (force > 0.0 and stiffness > 0.0 and area > 0.0):
        given = f'force {force}, stiffness {stiffness}, area {area}'
        raise InputError('press', given, 'values above 0')
    above = np.sort(gap, axis=None) - gap.min()
    total = force / (stiffness * area)  # sum of the depths of all springs
    count = np.arange(1, above.size + 1)
    before = np.cumsum(above)
    # Sum of depths when the surface just reaches the next point.
    reached = count[:-1] * above[1:] - before[:-1]
    touching = int(np.searchsorted(reached, total))
    return float((total + before[touching]) / count[touching])


def _tilted(outward: _Vector, roll: float, tilt: tuple[float, float]) -> _Vector:
    """The finger's axes ``[3, 3]``: its columns, its rows, and towards it."""
    helper = np.eye(3)[int(np.abs(outward).argmin())]
    first = np.cross(helper, outward)
    first /= np.linalg.norm(first)
    second = np.cross(outward, first)
    x = np.cos(roll) * first + np.sin(roll) * second
    y = -np.sin(roll) * first + np.cos(roll) * second
    z = outward + np.tan(tilt[0]) * x + np.tan(tilt[1]) * y
    z /= np.linalg.norm(z)
    x = x - (x @ z) * z
    x /= np.linalg.norm(x)
    return np.stack([x, np.cross(z, x), z])


def _exact(
    mesh: Mesh, hits: Hits, met: NDArray[np.int64], origins: _Vector, axis: _Vector
) -> NDArray[np.float64]:
    """Distance to the rounded surface along ``-axis``; the ray caster's float32 has steps of um."""
    triangle = hits.triangle[met]
    corners = mesh.triangles[triangle].astype(np.float64)
    normal = mesh.cross[triangle]
    slant = normal @ axis
    ahead = np.einsum('rk,rk->r', normal, origins - corners[:, 0])
    steep = np.abs(slant) < 0.05 * np.linalg.norm(normal, axis=1)
    rough = hits.distance[met].astype(np.float64)
    distance = np.where(steep, rough, ahead / np.where(steep, 1.0, slant))
    weights = hits.barycentric[met].astype(np.float64)
    flat = origins - distance[:, None] * axis
    smooth = mesh.normals[triangle].astype(np.float64)
    facing = normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-300)
    soft = np.abs(np.einsum('rck,rk->rc', smooth, facing)) > _SOFT_CORNER
    offset = np.einsum('rck,rck->rc', flat[:, None] - corners, smooth)
    raised = -np.einsum('rc,rc,rc->r', weights * soft, offset, smooth @ axis) * _CURVED
    return np.asarray(distance - _MOST_CURVED * np.tanh(raised / _MOST_CURVED), np.float64)
