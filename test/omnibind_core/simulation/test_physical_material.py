from __future__ import annotations

from collections import Counter
import math

import numpy as np
import pytest

from omnibind_core.simulation.physical_material import material_of
from omnibind_core.simulation.physical_material import MATERIALS
from omnibind_core.simulation.physical_material import PRIOR


def test_a_name_decides_the_material_and_the_constants_scatter_around_the_table() -> None:
    random = np.random.default_rng(1)
    drawn = [material_of('oak', '', random) for _ in range(300)]
    assert {item.name for item in drawn} == {'wood'}
    nominal = MATERIALS['wood']
    for name in ('density', 'young_modulus', 'thickness', 'conductivity', 'roughness'):
        values = np.array([getattr(item, name) for item in drawn])
        # A scatter even on a log scale has the table's value as its geometric mean.
        assert np.exp(np.log(values).mean()) == pytest.approx(getattr(nominal, name), rel=0.1)
        assert len(set(values.tolist())) > 250
    losses = np.array([item.loss_factor for item in drawn]) / nominal.loss_factor
    assert losses.min() >= 0.5
    assert losses.max() <= 2.0


def test_the_texture_is_asked_where_the_name_is_silent() -> None:
    random = np.random.default_rng(2)
    assert material_of('Material.001', 'leather_bump.png', random).name == 'leather'
    assert material_of('steel', 'leather_bump.png', random).name == 'steel'


def test_unnamed_materials_follow_the_prior_whatever_they_are_called() -> None:
    shares = {}
    for name in ('leaves', 'cushion'):
        random = np.random.default_rng(3)
        drawn = Counter(material_of(name, '', random).name for _ in range(4000))
        shares[name] = {item: drawn[item] / 4000 for item in PRIOR}
    assert shares['leaves'] == shares['cushion']
    for item, probability in PRIOR.items():
        deviation = math.sqrt(probability * (1 - probability) / 4000)
        assert abs(shares['leaves'][item] - probability) < 4 * deviation


def test_one_name_does_not_change_the_next_draw() -> None:
    named, unnamed = np.random.default_rng(4), np.random.default_rng(4)
    material_of('oak', '', named)
    material_of('anything', '', unnamed)
    assert named.random() == unnamed.random()


def test_the_same_generator_gives_the_same_material() -> None:
    first, second = (material_of('x', '', np.random.default_rng(5)) for _ in range(2))
    assert first == second


def test_the_prior_is_a_distribution_over_the_table() -> None:
    assert sum(PRIOR.values()) == pytest.approx(1.0)
    assert set(PRIOR) <= set(MATERIALS)


def test_constants_are_physical() -> None:
    random = np.random.default_rng(6)
    for name in MATERIALS:
        for item in (MATERIALS[name], *(material_of(name, '', random) for _ in range(50))):
            assert 0.0 < item.emissivity < 1.0
            assert 0.0 < item.poisson < 0.5
            assert 0.0 < item.loss_factor <= 0.5
            assert min(item.density, item.young_modulus, item.conductivity, item.thickness) > 0.0


def test_bending_waves_of_a_steel_plate() -> None:
    # Critical frequency of steel times thickness, 12.4 Hz m at c = 344 m/s (Fahy & Gardonio 2007,
    # "Sound and Structural Vibration", table 3.1): c^2 / (2 pi bending_speed).
    product = 344.0**2 / (2 * math.pi * MATERIALS['steel'].bending_speed)
    assert product == pytest.approx(12.4, rel=0.05)
