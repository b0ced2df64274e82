"""Points spread evenly over a mesh's surface, the same for the same mesh every time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnibind_core.simulation.mesh import Mesh

# The two-dimensional additive recurrence of lowest discrepancy (Roberts 2018, "R2"): 1 / plastic
# number and its square.
_R2 = np.array([0.7548776662466927, 0.5698402909980532])


def sample_surface(
    mesh: Mesh, count: int, *, start: float = 0.5
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Points on the surface, by area.

    The triangles are walked along their cumulative area in equal steps, and the place within each
    comes from a low-discrepancy sequence: no random numbers, and each part of the surface gets its
    share to within one point.

    :param mesh: what to sample.
    :param count: number of points.
    :param start: phase of the steps in 0..1; another one gives other points.
    :returns: positions ``[count, 3]`` in metres and the triangle of each ``[count]``.
    """
    cumulative = np.cumsum(mesh.areas)
    steps = (np.arange(count) + start) / count * cumulative[-1]
    triangle = np.minimum(np.searchsorted(cumulative, steps, side='right'), len(cumulative) - 1)
    u, v = ((start + np.arange(count)[:, None] * _R2) % 1.0).T
    root = np.sqrt(u)
    weights = np.stack([1.0 - root, root * (1.0 - v), root * v], axis=1)
    corners = mesh.triangles[triangle].astype(np.float64)
    return np.einsum('nc,nck->nk', weights, corners), triangle
