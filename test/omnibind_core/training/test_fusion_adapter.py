from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from simulated_embeddings import simulate
from simulated_embeddings import Simulated

from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.evaluation.statistics.temperature import fit_temperature
from omnibind_core.training.fusion_adapter import adapt
from omnibind_core.training.fusion_adapter import adapted_by
from omnibind_core.training.fusion_adapter_choice import chosen_adapter
from omnibind_core.training.fusion_settings import FusionSettings

C, D = 10, 32


@cache
def table() -> EmbeddingTable:
    return simulate(
        Simulated(classes=C, dimension=D, views=4, noise=1.2, instances=(6, 4, 6), severities=())
    )


def leaning(given: EmbeddingTable) -> EmbeddingTable:
    """Every sensor takes some directions for others, and leans to one label."""
    random = np.random.default_rng(3)
    turn = np.eye(D) + 0.2 * random.normal(size=(D, D))
    vectors = given.vectors @ turn + 0.3 * given.labels[4]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return replace(given, vectors=vectors.astype(np.float32))


def accuracy(given: EmbeddingTable, vectors: np.ndarray) -> float:
    clean = given.is_clean()
    said = (vectors[clean] @ given.labels.T).argmax(axis=1)
    return float((said == given.label[clean]).mean())


def test_it_takes_off_what_new_instances_show() -> None:
    given = leaning(table())
    fusion, test = given.in_fold('fusion'), given.in_fold('test')
    found = adapt(fusion, rank=16, shrinkage=1.0, strength=0.5, seed=0)
    before = accuracy(test, test.vectors)
    assert accuracy(test, adapted_by(found.adaptations, test)) > before + 0.05
    own = accuracy(fusion, found.vectors)
    assert accuracy(fusion, fusion.vectors) + 0.05 < own  # each without its own instance ...
    assert own < accuracy(fusion, adapted_by(found.adaptations, fusion)) - 0.02  # ... not with it


def test_it_is_the_blend_of_the_embedding_and_a_ridge_regression() -> None:
    """Against the same in the space of labels, written another way, up to the common length."""
    given = leaning(table())
    fusion = given.in_fold('fusion')
    strength, shrinkage = 0.4, 5.0
    found = adapt(fusion, rank=C, shrinkage=shrinkage, strength=strength, seed=0)
    rows = (fusion.modality == 2) & fusion.is_clean()
    h, y = fusion.vectors[rows].astype(np.float64), fusion.label[rows]
    labels = fusion.labels.astype(np.float64)
    weight = 1.0 / np.bincount(y)[y]
    weight /= weight.sum()
    centred = h - weight @ h
    wanted = labels[y] - labels.mean(axis=0)
    covariance = np.einsum('n,ni,nj->ij', weight, centred, centred)
    cross = np.einsum('n,ni,nj->ij', weight, centred, wanted)
    scale = np.trace(cross) / np.trace(covariance)
    ridge = shrinkage * np.trace(covariance) / D
    # for targets in the span of the labels, seen through the labels
    prior = scale * labels.T
    solution = np.linalg.inv(covariance + ridge * np.eye(D)) @ (cross @ labels.T + ridge * prior)
    regression = centred @ solution
    plain = h @ labels.T
    got = found.adaptations['event'].apply(h) @ labels.T
    # got = k (1 - strength) plain + k strength ratio regression, for numbers k and ratio
    basis = np.stack([plain.ravel(), regression.ravel()], axis=1)
    weights, *_ = np.linalg.lstsq(basis, got.ravel(), rcond=None)
    np.testing.assert_allclose(basis @ weights, got.ravel(), atol=1e-5)
    ratio = weights[1] / weights[0] * (1.0 - strength) / strength
    in_sample = fit_temperature(plain, y) / fit_temperature(regression, y)
    assert 0.4 * in_sample < ratio < in_sample  # fitted on instances that it has not seen


def test_outside_the_labels_only_length_and_place_change() -> None:
    given = leaning(table())
    fusion = given.in_fold('fusion')
    found = adapt(fusion, rank=D, shrinkage=1.0, strength=0.5, seed=0)
    outside = np.linalg.svd(given.labels)[2][C:]  # orthogonal to all labels
    test = given.in_fold('test')
    adapted = adapted_by(found.adaptations, test)
    for number, name in enumerate(given.modalities):
        rows = test.modality == number
        scale = found.adaptations[name].scale
        change = (adapted[rows] - scale * test.vectors[rows]) @ outside.T
        np.testing.assert_allclose(change, np.broadcast_to(change[0], change.shape), atol=1e-4)


def test_an_instance_has_no_part_in_how_it_is_adapted() -> None:
    fusion = leaning(table()).in_fold('fusion')
    first = adapt(fusion, rank=8, shrinkage=3.0, strength=0.5, seed=0)
    own = fusion.instance == fusion.instance[0]
    vectors = fusion.vectors.copy()
    vectors[own & (fusion.view > 0)] *= -1.0
    second = adapt(replace(fusion, vectors=vectors), rank=8, shrinkage=3.0, strength=0.5, seed=0)
    kept = own & (fusion.view == 0)
    # but for the one number that all instances decide: how much the regression counts for
    np.testing.assert_allclose(second.vectors[kept], first.vectors[kept], atol=0.02)
    others = ~own & fusion.is_clean()
    assert np.abs(second.vectors[others] - first.vectors[others]).max() > 0.05


def test_few_instances_are_left_alone() -> None:
    fusion = table().in_fold('fusion')
    few = fusion.select((fusion.modality > 0) | np.isin(fusion.instance, fusion.instance[:1]))
    found = adapt(few, rank=8, shrinkage=3.0, strength=0.5, seed=0)
    assert 'image' not in found.adaptations
    assert 'touch' in found.adaptations
    image = few.modality == 0
    np.testing.assert_array_equal(found.vectors[image], few.vectors[image])


def test_it_is_chosen_where_it_helps_and_only_there() -> None:
    settings = FusionSettings(adapter_shrinkages=(30.0, 3.0))
    for given, helps in ((leaning(table()), True), (table(), False)):
        choice = chosen_adapter(given.in_fold('fusion'), given.in_fold('val'), settings)
        assert (choice.taken.strength > 0.0) == helps
        assert len(choice.tried) == 5
        best = min(one.nll for one in choice.tried)
        assert choice.taken.nll <= best + 0.05
        assert bool(choice.adapted.adaptations) == helps
    off = replace(settings, design=replace(settings.design, adapter_rank=0))
    given = leaning(table())
    choice = chosen_adapter(given.in_fold('fusion'), given.in_fold('val'), off)
    assert [one.strength for one in choice.tried] == [0.0]
    assert not choice.adapted.adaptations
