"""How a thing rings: frequencies, decay and shapes of its bending modes, from shape and material.

A stand-in, not calibrated acoustics. A thing is taken for a thin wall that follows its surface.
The surface's Laplace operator comes from diffusion maps over some hundred points (Coifman & Lafon
2006, density exponent 1: neither uneven sampling nor walls that are modelled from both sides change
it): a heat kernel whose eigenvalues are ``exp(-k^2 t)`` with the wave numbers k. Bending follows as
in a simply supported plate, ``omega = sqrt(D / (rho h)) k^2``, materials mixed by their strain and
kinetic energies. Edges are the diffusion's (no slope); curvature's stiffening is left out. Above
the resolved modes come statistical ones at the asymptotic modal density of plates,
``S / (4 pi sqrt(D / (rho h)))`` per rad/s (Cremer, Heckl & Petersson 2005, section 5.4).

Everything is computed from the thing alone, without random numbers. Notation: ``n`` nodes, ``m``
modes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.modalities.farthest_point_sampling import farthest_points
from omnibind_core.simulation.mesh import Mesh
from omnibind_core.simulation.physical_material import PhysicalMaterial
from omnibind_core.simulation.surface_sampling import sample_surface

NODES = 300
LOWEST = 20.0
"""Hz; slower modes are neither heard nor radiated."""
HIGHEST = 7800.0
"""Hz, below half of 16 kHz."""

_SAMPLES = 2400  # of which the nodes are the farthest apart; each counts to its nearest node
_STATISTICAL = 240  # modes that stand for all above the resolved ones
_SUPPORTED = 6.0  # 1/s: decay by what a thing stands on, the same for all modes (Rayleigh's alpha)
_RESOLVED = 0.08  # smallest eigenvalue of the heat kernel that still is a wave of the surface
_USUAL_SIZE = 0.5  # m, whose wall thickness the materials' table states
# Irrational steps that fill an interval, a square, a cube evenly (Roberts 2018).
_EVEN = np.array([0.8191725133961645, 0.6710436067037893, 0.5497004779019703])

_Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ModalModel:
    """A thing's modes. Shapes are normalised to a modal mass of 1 kg.

    :param frequency: ``[m]``, rad/s, damping left aside.
    :param decay: ``[m]``, 1/s: amplitudes fall as ``exp(-decay t)``.
    :param radiation: ``[m]``, Pa at 1 m for a modal velocity of 1: what reaches the air.
    :param nodes: ``[n, 3]``, m.
    :param shape: ``[n, m]``, kg^-1/2, zero for statistical modes.
    :param node_material: ``[n]``, number of the material at each node.
    :param local: ``[m]``, for statistical modes the material they live in, else -1.
    :param strength: ``[m]``, kg^-1/2: root mean square of a statistical mode's shape.
    :param wave: ``[m, 3]``, rad/m, and :param phase: ``[m]``: the statistical modes' waves.
    :param mass: kg.
    """

    frequency: _Array
    decay: _Array
    radiation: _Array
    nodes: _Array
    shape: _Array
    node_material: NDArray[np.int32]
    local: NDArray[np.int32]
    strength: _Array
    wave: _Array
    phase: _Array
    mass: float

    def at(self, position: _Array) -> _Array:
        """Every mode's shape at the node nearest to a place, ``[m]``, kg^-1/2.

        :param position: ``[3]``, m.
        """
        node = int(((self.nodes - position) ** 2).sum(axis=1).argmin())
        waves = np.sqrt(2.0) * np.cos(self.wave @ position + self.phase)
        here = self.local == self.node_material[node]
        value = self.shape[node] + np.where(here, self.strength * waves, 0.0)
        return np.asarray(value, np.float64)


def modal_model(
    mesh: Mesh, materials: tuple[PhysicalMaterial, ...], nodes: int = NODES
) -> ModalModel:
    """The modes of a thing between :data:`LOWEST` and :data:`HIGHEST`.

    :param materials: one for each of the mesh's.
    :param nodes: points that carry it; time grows with the third power.
    """
    positions, area, triangle = _nodes(mesh, nodes)
    owner = mesh.material[triangle].astype(np.int32)
    size = float(np.linalg.norm(mesh.size))
    wall = np.array([wall_thickness(item, size) for item in materials])
    surface_mass = np.array([item.density for item in materials]) * wall
    speed = np.array([item.bending_speed for item in materials]) * wall  # sqrt(D / (rho h))
    loss = np.array([item.loss_factor for item in materials])
    values, vectors, measure, time = _diffusion(positions, area)
    resolved = values > _RESOLVED
    squares = -np.log(np.clip(values[resolved], _RESOLVED, 1.0)) / time  # k^2
    basis = vectors[:, resolved]
    # Strain energy D (laplace f)^2 against kinetic energy rho h f^2, in the basis of eigenwaves.
    mass = surface_mass[owner]
    root = (basis.T * np.sqrt(mass * speed[owner] ** 2)).T * squares
    inertia = (basis.T * mass) @ basis
    factor = np.linalg.inv(np.linalg.cholesky(inertia))
    stiff = factor @ (root.T @ root) @ factor.T
    omega2, turned = np.linalg.eigh(stiff)
    omega = np.sqrt(np.maximum(omega2, 0.0))
    shape = (basis @ (factor.T @ turned)) / np.sqrt(measure)[:, None]
    weights = shape**2 * (measure * mass)[:, None]
    damping = weights.T @ loss[owner]
    heard = (omega > 2.0 * np.pi * LOWEST) & (omega < 2.0 * np.pi * HIGHEST)
    total = float((area * mass).sum())
    own = _Modes(
        omega[heard], damping[heard], speed[owner] @ weights[:, heard], np.full(heard.sum(), -1)
    )
    highest = float(squares.max(initial=0.0))
    extra, strength, wave, phase = _statistical(area, owner, speed, surface_mass, loss, highest)
    modes = own.joined(extra)
    count = len(own.omega)
    size_mass = _radiation(modes.omega, modes.speed, float(area.sum()), total, size)
    return ModalModel(
        frequency=modes.omega,
        decay=0.5 * modes.loss * modes.omega + _SUPPORTED,
        radiation=size_mass,
        nodes=positions,
        shape=np.pad(shape[:, heard], ((0, 0), (0, len(extra.omega)))),
        node_material=owner,
        local=modes.local.astype(np.int32),
        strength=np.pad(strength, (count, 0)),
        wave=np.pad(wave, ((count, 0), (0, 0))),
        phase=np.pad(phase, (count, 0)),
        mass=total,
    )


def wall_thickness(material: PhysicalMaterial, size: float) -> float:
    """Thickness of a thing's walls, m: the usual one, less for small things and more for large.

    :param size: the thing's diagonal, m.
    """
    return material.thickness * float(np.clip((size / _USUAL_SIZE) ** 0.5, 0.25, 1.4))


@dataclass(frozen=True, eq=False)
class _Modes:
    omega: _Array
    loss: _Array
    speed: _Array
    local: NDArray[np.int_]

    def joined(self, other: _Modes) -> _Modes:
        return _Modes(
            np.concatenate([self.omega, other.omega]),
            np.concatenate([self.loss, other.loss]),
            np.concatenate([self.speed, other.speed]),
            np.concatenate([self.local, other.local]),
        )


def _nodes(mesh: Mesh, count: int) -> tuple[_Array, _Array, NDArray[np.int64]]:
    """Evenly spread points ``[n, 3]``, the area of each ``[n]``, and their triangles."""
    points, triangle = sample_surface(mesh, _SAMPLES)
    taken = farthest_points(np.ascontiguousarray(points.T, np.float32), count, 0)
    nodes = points[taken]
    squared = (points**2).sum(axis=1)[:, None] - 2.0 * points @ nodes.T + (nodes**2).sum(axis=1)
    area = np.bincount(squared.argmin(axis=1), minlength=count) * (mesh.areas.sum() / _SAMPLES)
    # Of points that lie on one another only one is the nearest; the others keep a little.
    area = np.maximum(area, area.sum() * 1e-4)
    return nodes, np.asarray(area, np.float64), triangle[taken]


def _diffusion(nodes: _Array, area: _Array) -> tuple[_Array, _Array, _Array, float]:
    """Heat kernel on the surface: eigenvalues, orthonormal vectors, measure, and its time (m^2)."""
    squared = ((nodes[:, None] - nodes[None]) ** 2).sum(axis=-1)
    apart = squared + np.diag(np.full(len(nodes), np.inf))
    spacing2 = float(np.median(apart.min(axis=1)))
    time = 0.5 * max(spacing2, 1e-10)
    kernel = np.exp(-squared / (4.0 * time))
    density = kernel @ area
    kernel /= density[:, None] * density[None]
    degree = kernel @ area
    scale = np.sqrt(area / degree)
    values, vectors = np.linalg.eigh(kernel * scale[:, None] * scale[None])
    measure = area * degree
    measure *= area.sum() / measure.sum()
    return values[::-1], vectors[:, ::-1], measure, time


def _statistical(
    area: _Array, owner: NDArray[np.int32], speed: _Array, mass: _Array, loss: _Array, above: float
) -> tuple[_Modes, _Array, _Array, _Array]:
    """Modes that stand for those with ``k^2 > above``, each within one material."""
    share = np.bincount(owner, weights=area, minlength=len(speed))
    top = 2.0 * np.pi * HIGHEST
    start = np.clip(speed * above, 2.0 * np.pi * LOWEST, top)
    expected = share / (4.0 * np.pi * speed) * (top - start)
    if expected.sum() < 1.0:
        empty = np.zeros(0)
        return _Modes(empty, empty, empty, np.zeros(0, int)), empty, np.zeros((0, 3)), empty
    count = int(min(_STATISTICAL, np.ceil(expected.sum())))
    edges = np.cumsum(expected) / expected.sum()
    local = np.searchsorted(edges, (np.arange(count) + 0.5) / count)
    each = np.bincount(local, minlength=len(speed))
    place = (0.5 + np.arange(count)[:, None] * _EVEN) % 1.0
    omega = start[local] + place[:, 0] * (top - start[local])
    turn = 2.0 * np.pi * place[:, 1]
    height = 2.0 * ((0.5 + np.arange(count) * 0.6180339887498949) % 1.0) - 1.0
    level = np.sqrt(1.0 - height**2)
    direction = np.stack([level * np.cos(turn), level * np.sin(turn), height], axis=1)
    wave = direction * np.sqrt(omega / speed[local])[:, None]
    # One stands for several: their powers add.
    several = np.sqrt(expected[local] / each[local])
    strength = several / np.sqrt(mass[local] * share[local])
    modes = _Modes(omega, loss[local], speed[local], local)
    return modes, strength, wave, 2.0 * np.pi * place[:, 2]


def _radiation(omega: _Array, speed: _Array, area: float, mass: float, size: float) -> _Array:
    """Pa at 1 m for a modal velocity of 1 m/s kg^1/2: sound power of a vibrating surface.

    ``p^2 = rho c W / (4 pi r^2)`` with ``W = rho c S sigma v^2``; the radiation efficiency sigma
    falls below the critical frequency, where bending waves are slower than sound, and for things
    smaller than the wave (Cremer, Heckl & Petersson 2005, chapter 6, simplified).
    """
    sound, impedance = 343.0, 413.0
    critical = sound**2 / speed
    small = omega * 0.3 * size / sound
    sigma = (omega / (omega + critical)) * (small**2 / (1.0 + small**2))
    return np.asarray(impedance * np.sqrt(area * sigma / mass / (4.0 * np.pi)), np.float64)
