from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny_models import box_triangles
from tiny_models import joined
from tiny_models import mesh_of

from omnibind_core.simulation.mesh import Material
from omnibind_core.simulation.mesh import Mesh
from omnibind_core.simulation.modal_model import HIGHEST
from omnibind_core.simulation.modal_model import LOWEST
from omnibind_core.simulation.modal_model import modal_model
from omnibind_core.simulation.modal_model import wall_thickness
from omnibind_core.simulation.physical_material import MATERIALS
from omnibind_core.simulation.physical_material import PhysicalMaterial

STEEL = replace(MATERIALS['steel'], thickness=0.01)
WOOD = MATERIALS['wood']


def plate(width: float, depth: float, height: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    vertices = np.array([[0, 0, 0], [width, 0, 0], [width, depth, 0], [0, depth, 0]], float)
    return vertices + np.array([0, 0, height]), np.array([[0, 1, 2], [0, 2, 3]])


def sphere(radius: float) -> Mesh:
    theta, phi = np.meshgrid(
        np.linspace(0.01, np.pi - 0.01, 33), np.linspace(0, 2 * np.pi, 65), indexing='ij'
    )
    ring = np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], -1)
    index = np.arange(33 * 65).reshape(33, 65)
    a, b, c, d = (
        index[i : i + 32, j : j + 64].ravel() for i, j in ((0, 0), (1, 0), (1, 1), (0, 1))
    )
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    return mesh_of(ring.reshape(-1, 3) * radius, faces)


def resolved(mesh: Mesh, material: PhysicalMaterial) -> np.ndarray:
    """Frequencies of the resolved modes, by k^2: divided by bending speed and thickness."""
    model = modal_model(mesh, (material,))
    speed = material.bending_speed * wall_thickness(material, float(np.linalg.norm(mesh.size)))
    return model.frequency[model.local < 0] / speed


def test_modes_of_a_plate_are_those_of_the_closed_form() -> None:
    # k^2 = pi^2 (m^2 / a^2 + n^2 / b^2), edges without slope; omega = sqrt(D / (rho h)) k^2.
    width, depth = 0.9, 0.6
    m = np.arange(12)
    exact = np.sort((np.pi**2 * ((m[:, None] / width) ** 2 + (m[None] / depth) ** 2)).ravel())
    found = resolved(mesh_of(*plate(width, depth)), STEEL)
    ratio = found[:40] / exact[1:41]
    assert ratio.min() > 0.8
    assert ratio.max() < 1.1
    assert np.abs(ratio - 1).mean() < 0.1


def test_modes_of_a_spherical_surface() -> None:
    # Eigenvalues of the Laplace operator: l (l + 1) / R^2, each 2 l + 1 times.
    exact = np.concatenate([[degree * (degree + 1)] * (2 * degree + 1) for degree in range(1, 6)])
    found = resolved(sphere(0.2), STEEL) * 0.2**2
    np.testing.assert_allclose(found[: len(exact)], exact, rtol=0.12)
    assert np.abs(found[: len(exact)] / exact - 1).mean() < 0.04


def test_a_wall_modelled_from_both_sides_rings_like_one() -> None:
    single = resolved(mesh_of(*plate(0.9, 0.6)), STEEL)
    double = resolved(mesh_of(*joined([plate(0.9, 0.6), plate(0.9, 0.6, 0.004)])), STEEL)
    np.testing.assert_allclose(double[:20], single[:20], rtol=0.12)


def test_frequencies_scale_with_size_and_material() -> None:
    mesh = mesh_of(*plate(0.9, 0.6))
    base = modal_model(mesh, (STEEL,)).frequency[:10]
    stiffer = modal_model(mesh, (replace(STEEL, young_modulus=4 * STEEL.young_modulus),))
    np.testing.assert_allclose(stiffer.frequency[:10], 2 * base, rtol=1e-6)
    # Half as large: k^2 fourfold; walls are thinner by the square root of two.
    small = modal_model(mesh_of(*plate(0.45, 0.3)), (STEEL,))
    size = float(np.linalg.norm([0.9, 0.6]))
    thinner = wall_thickness(STEEL, size / 2) / wall_thickness(STEEL, size)
    np.testing.assert_allclose(small.frequency[:10], 4 * thinner * base, rtol=0.02)


def test_decay_follows_the_loss_factor() -> None:
    mesh = mesh_of(*plate(0.9, 0.6))
    for loss in (0.001, 0.1):
        model = modal_model(mesh, (replace(STEEL, loss_factor=loss),))
        np.testing.assert_allclose(model.decay, loss / 2 * model.frequency + 6.0, rtol=1e-9)


def test_shapes_have_a_modal_mass_of_one() -> None:
    mesh = mesh_of(*plate(0.9, 0.6))
    model = modal_model(mesh, (STEEL,))
    per_area = STEEL.density * wall_thickness(STEEL, float(np.linalg.norm([0.9, 0.6])))
    assert model.mass == pytest.approx(per_area * 0.54, rel=1e-6)
    own = model.local < 0
    # Mean square over the plate is 1 / mass, the nodes being spread evenly.
    mean_square = (model.shape[:, own][:, :30] ** 2).mean(axis=0) * model.mass
    np.testing.assert_allclose(mean_square, 1.0, atol=0.25)


def test_two_materials_share_modes_by_their_energies() -> None:
    parts = joined([plate(0.5, 0.5), plate(0.5, 0.5)])
    vertices = parts[0].copy()
    vertices[4:, 0] += 0.5
    mesh = replace(
        mesh_of(vertices, parts[1]),
        material=np.array([0, 0, 1, 1], np.int32),
        materials=(Material('a'), Material('b')),
    )
    same = modal_model(mesh, (STEEL, STEEL)).frequency[:8]
    mixed = modal_model(mesh, (STEEL, WOOD)).frequency[:8]
    wood = modal_model(mesh, (WOOD, WOOD)).frequency[:8]
    low, high = np.minimum(same, wood), np.maximum(same, wood)
    assert (mixed > 0.5 * low).all()
    assert (mixed < 1.5 * high).all()


def test_modes_are_as_dense_as_in_a_plate() -> None:
    # Asymptotic density of bending modes, S / (4 pi sqrt(D / (rho h))) per rad/s.
    thin = replace(STEEL, thickness=0.002)
    model = modal_model(mesh_of(*plate(1.2, 1.0)), (thin,))
    speed = thin.bending_speed * wall_thickness(thin, float(np.hypot(1.2, 1.0)))
    expected = 1.2 / (4 * np.pi * speed) * 2 * np.pi * (HIGHEST - LOWEST)
    own = model.local < 0
    several = (model.strength[~own] ** 2 * model.mass).sum()
    assert own.sum() + several == pytest.approx(expected, rel=0.15)
    assert model.frequency[~own].min() > 0.8 * model.frequency[own].max()


def test_everything_audible_finite_and_repeatable() -> None:
    mesh = mesh_of(*joined([box_triangles((0, 0, 0), (0.1, 0.1, 0.1)), plate(2.0, 1.0, 0.5)]))
    for material in MATERIALS.values():
        first, second = (modal_model(mesh, (material,)) for _ in range(2))
        np.testing.assert_array_equal(first.frequency, second.frequency)
        np.testing.assert_array_equal(first.shape, second.shape)
        assert first.frequency.min() >= 2 * np.pi * LOWEST * 0.999
        assert first.frequency.max() <= 2 * np.pi * HIGHEST
        here = first.at(np.array([0.05, 0.05, 0.1]))
        for values in (first.decay, first.radiation, here):
            assert values.shape == first.frequency.shape
            assert np.isfinite(values).all()
        assert (first.decay > 0).all()


def test_where_it_is_struck_matters() -> None:
    model = modal_model(mesh_of(*plate(0.9, 0.6)), (STEEL,))
    corner, middle = model.at(np.zeros(3)), model.at(np.array([0.45, 0.3, 0.0]))
    # The first mode along the length has a node line in the middle.
    assert abs(middle[0]) < 0.2 * abs(corner[0])


def test_a_mesh_smaller_than_its_samples_and_one_flat_triangle() -> None:
    triangle = mesh_of(
        np.array([[0, 0, 0], [1e-3, 0, 0], [0, 1e-3, 0]], float), np.array([[0, 1, 2]])
    )
    model = modal_model(triangle, (WOOD,))
    assert np.isfinite(model.frequency).all()
    assert np.isfinite(model.shape).all()
