"""What is chosen on validation data, and what happens where there is none."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sensor_table import sensor_table
from sensor_table import SENSORS

from omnibind_core.data.record import FOLDS
from omnibind_core.evaluation.subsets.settings import settings_of


def manifest(**training: Any) -> Any:
    """As much of a bundle's table of contents as is looked at."""
    entries = {
        name: SimpleNamespace(temperature=0.1 + 0.1 * number, training=dict(training))
        for number, name in enumerate(SENSORS)
    }
    return SimpleNamespace(
        modalities=entries, calibration=SimpleNamespace(temperature=0.33, abstain_below=0.0)
    )


def test_from_the_validation_fold() -> None:
    """Sensors' temperatures are the bundle's; accuracy is counted on val alone."""
    table = sensor_table()
    found = settings_of(table, manifest(), SENSORS)
    assert found.temperatures == {'image': 0.1, 'thermal': 0.2, 'audio': pytest.approx(0.3)}
    for number, name in enumerate(SENSORS):
        rows = (
            (table.fold == FOLDS.index('val'))
            & (table.modality == number)
            & ~table.nothing
            & (table.corruption == 0)
        )
        right = (table.vectors[rows] @ table.labels.T).argmax(axis=1) == table.label[rows]
        assert found.accuracy[name] == right.mean()
    assert found.mean_temperature != 0.33
    other = table.select(table.fold != FOLDS.index('test'))
    assert settings_of(other, manifest(), SENSORS) == found  # test data changes nothing


def test_without_a_validation_fold() -> None:
    """The bundle's own figures; or no best single sensor where it has none."""
    table = sensor_table(folds=('test',))
    found = settings_of(table, manifest(val_top1=0.5), SENSORS)
    assert found.accuracy == dict.fromkeys(SENSORS, 0.5)
    assert found.mean_temperature == 0.33
    silent = settings_of(table, manifest(), SENSORS)
    assert silent.accuracy == {}
    assert 'unknown' in silent.source['best single sensor']


def test_a_modality_that_the_bundle_does_not_have() -> None:
    """Text: calibrated on val, or by the others' geometric mean."""
    names = (*SENSORS, 'text')
    table = sensor_table(sensors=names)
    fitted = settings_of(table, manifest(), names)
    assert 0.001 < fitted.temperatures['text'] < 0.2
    assert set(fitted.accuracy) == set(names)
    blind = settings_of(sensor_table(sensors=names, folds=('test',)), manifest(), names)
    expected = float(np.exp(np.log([0.1, 0.2, 0.3]).mean()))
    assert blind.temperatures['text'] == pytest.approx(expected)
