from __future__ import annotations

import numpy as np
from simulated_embeddings import simulate
from simulated_embeddings import Simulated

from omnibind_core.training.health_probe import area
from omnibind_core.training.health_probe import fit_health_probe


def test_area_is_the_chance_of_the_right_order() -> None:
    random = np.random.default_rng(0)
    high, low = random.integers(0, 9, 40).astype(float), random.integers(0, 7, 30).astype(float)
    pairs = [1.0 if a > b else 0.5 if a == b else 0.0 for a in high for b in low]
    np.testing.assert_allclose(area(high, low), np.mean(pairs))


def test_it_tells_broken_readings_of_new_instances() -> None:
    table = simulate(Simulated(classes=8, dimension=24, views=4, instances=(6, 3, 3)))
    test = table.in_fold('test')
    for modality in range(len(table.modalities)):
        probe = fit_health_probe(table.in_fold('fusion'), table.in_fold('val'), modality)
        assert probe is not None
        own = test.modality == modality
        scores = test.vectors @ probe.direction + probe.offset
        whole, broken = scores[own & test.is_clean()], scores[own & (test.severity == 5)]
        assert area(whole, broken) > 0.85
        assert whole.mean() > 0.0 > broken.mean()
        assert abs(probe.auc - area(whole, broken)) < 0.15


def test_it_says_nothing_where_there_is_nothing_to_learn_from() -> None:
    table = simulate(Simulated(classes=4, dimension=16, views=2, severities=(), nothing=False))
    assert fit_health_probe(table.in_fold('fusion'), table.in_fold('val'), 0) is None
