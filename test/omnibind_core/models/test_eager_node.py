"""The usual node does what ours does, so that their times may be compared."""

from __future__ import annotations

import numpy as np
import pytest

from omnibind_core.evaluation.model_benchmark import READINGS
from omnibind_core.modalities.registry import modality
from omnibind_core.modalities.registry import SENSOR_NAMES
from omnibind_core.models.eager_node import EagerNode
from omnibind_core.models.eager_node import PREPROCESS
from omnibind_core.models.students.registry import student_specification


@pytest.mark.parametrize(
    ('name', 'at_most', 'on_average'),
    [
        ('image', 0.15, 0.03),  # ours averages blocks of pixels first
        ('thermal', 0.05, 0.005),
        ('touch', 0.5, 0.08),
        ('event', 1e-4, 1e-6),
        ('audio', 5e-2, 1e-3),  # single precision
    ],
)
def test_its_preprocessing_gives_what_ours_gives(
    name: str, at_most: float, on_average: float
) -> None:
    raw, specification, kind = READINGS[name](), student_specification(name), modality(name)
    ours = kind.prepare(raw, specification, kind.sensor()).array
    usual = PREPROCESS[name](raw, specification)
    assert usual.shape == ours.shape
    assert usual.dtype == np.float32
    assert np.abs(usual - ours).max() <= at_most
    assert np.abs(usual - ours).mean() <= on_average


def test_its_points_are_of_the_cloud_and_of_the_same_size() -> None:
    raw, specification = READINGS['point_cloud'](), student_specification('point_cloud')
    found = PREPROCESS['point_cloud'](raw, specification)
    assert found.shape == specification.shape
    assert found.dtype == np.float32
    assert np.abs(found[:, :3].mean(axis=0)).max() < 1e-5
    radius = np.percentile(np.linalg.norm(found[:, :3], axis=1), specification.radius_percentile)
    assert radius == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize('name', SENSOR_NAMES)
def test_a_reading_becomes_a_unit_vector(name: str) -> None:
    node = EagerNode(name, specification=student_specification(name), dimension=32)
    vector = node.encode_raw(READINGS[name]())
    assert vector.shape == (32,)
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-4)
