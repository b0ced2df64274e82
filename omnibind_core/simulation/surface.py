"""What a ray finds on a mesh: normal, colour and opacity at the points of incidence.

Colours are linear (proportional to light), from textures and colours that are sRGB-encoded
(IEC 61966-2-1). Notation: ``r`` rays.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike
from numpy.typing import NDArray

from omnibind_core.simulation.mesh import Material
from omnibind_core.simulation.mesh import Mesh
from omnibind_core.simulation.ray_caster import Hits


@dataclass(frozen=True, eq=False)
class Surface:
    """Properties at the points that rays hit; zeros where they hit nothing.

    :param normal: float32 ``[r, 3]``, unit, interpolated, on the side the ray came from.
    :param colour: float32 ``[r, 3]``, linear reflectance in 0..1.
    :param opacity: float32 ``[r]``.
    """

    normal: NDArray[np.float32]
    colour: NDArray[np.float32]
    opacity: NDArray[np.float32]


def surface_at(mesh: Mesh, hits: Hits, directions: NDArray[np.float32]) -> Surface:
    """Properties of a mesh where rays hit it.

    :param mesh: the mesh that was cast at.
    :param hits: what was hit.
    :param directions: the rays' directions, ``[r, 3]``.
    """
    count = len(hits)
    normal = np.zeros((count, 3), np.float32)
    colour = np.zeros((count, 3), np.float32)
    opacity = np.zeros(count, np.float32)
    index = np.flatnonzero(hits.hit)
    triangle = hits.triangle[index]
    weights = hits.barycentric[index]
    normal[index] = _facing(mesh, triangle, weights, directions[index])
    used = mesh.material[triangle]
    for number in np.unique(used):
        own = np.flatnonzero(used == number)
        material = mesh.materials[number]
        seen, cover = _appearance(mesh, material, triangle[own], weights[own])
        colour[index[own]] = seen
        opacity[index[own]] = cover
    return Surface(normal, colour, opacity)


def to_linear(encoded: ArrayLike) -> NDArray[np.float32]:
    """sRGB-encoded values in 0..1 as linear ones."""
    value = np.asarray(encoded, np.float64)
    curve = np.power((value + 0.055) / 1.055, 2.4)
    return np.where(value <= 0.04045, value / 12.92, curve).astype(np.float32)


def to_srgb(linear: ArrayLike) -> NDArray[np.uint8]:
    """Linear values as sRGB-encoded bytes; what lies outside 0..1 is clipped."""
    value = np.clip(np.asarray(linear, np.float32), 0.0, 1.0)
    curve = 1.055 * np.power(value, np.float32(1.0 / 2.4)) - 0.055
    encoded = np.where(value <= 0.0031308, value * 12.92, curve)
    return np.asarray(encoded * 255.0 + 0.5, np.uint8)


@cache
def _linear_of_byte() -> NDArray[np.float32]:
    return to_linear(np.arange(256) / 255.0)


def _facing(
    mesh: Mesh,
    triangle: NDArray[np.int32],
    weights: NDArray[np.float32],
    directions: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Interpolated normals, turned towards where the rays came from."""
    smooth = np.einsum('rc,rck->rk', weights, mesh.normals[triangle])
    flat = mesh.face_normals[triangle]
    # Decided on the triangle's plane, which the ray certainly sees; files disagree on winding.
    behind = np.einsum('rk,rk->r', flat, directions) > 0
    flat = np.where(behind[:, None], -flat, flat)
    away = np.einsum('rk,rk->r', smooth, flat) < 0
    smooth = np.where(away[:, None], -smooth, smooth)
    length = np.linalg.norm(smooth, axis=1, keepdims=True)
    return np.where(length > 1e-6, smooth / np.maximum(length, 1e-6), flat).astype(np.float32)


def _appearance(
    mesh: Mesh, material: Material, triangle: NDArray[np.int32], weights: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Linear colour ``[r, 3]`` and opacity ``[r]``."""
    cover = np.full(len(triangle), material.opacity, np.float32)
    if material.texture is None:
        return np.broadcast_to(to_linear(material.diffuse), (len(triangle), 3)), cover
    uv = np.einsum('rc,rck->rk', weights, mesh.uv[triangle])
    height, width = material.texture.shape[:2]
    corner, share = _bilinear(uv, height, width)
    colour = np.zeros((len(triangle), 3), np.float32)
    alpha = np.zeros(len(triangle), np.float32)
    table = _linear_of_byte()
    for (row, column), part in zip(corner, share, strict=True):
        colour += part[:, None] * table[material.texture[row, column]]
        if material.alpha is not None:
            alpha += part * material.alpha[row, column]
    if material.alpha is not None:
        cover *= alpha / np.float32(255.0)
    return colour, cover


def _bilinear(
    uv: NDArray[np.float32], height: int, width: int
) -> tuple[list[tuple[NDArray[np.int64], NDArray[np.int64]]], list[NDArray[np.float32]]]:
    """The four texels around each coordinate (textures repeat) and their shares."""
    wrapped = uv.astype(np.float64) % 1.0
    x = wrapped[:, 0] * width - 0.5
    y = (1.0 - wrapped[:, 1]) * height - 0.5
    left, top = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    dx, dy = (x - left).astype(np.float32), (y - top).astype(np.float32)
    columns = left % width, (left + 1) % width
    rows = top % height, (top + 1) % height
    texels = [(row, column) for row in rows for column in columns]
    share = [dy_part * dx_part for dy_part in (1 - dy, dy) for dx_part in (1 - dx, dx)]
    return texels, share
