"""What the methods need besides embeddings, chosen on validation data and never on test data."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

import numpy as np

from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.data.record import FOLDS
from omnibind_core.evaluation.statistics.temperature import fit_temperature
from omnibind_core.evaluation.subsets.choice import all_subsets
from omnibind_core.evaluation.subsets.choice import membership
from omnibind_core.evaluation.subsets.methods import Mean
from omnibind_core.evaluation.subsets.methods import Readings
from omnibind_core.evaluation.subsets.tuples import instance_tuples
from omnibind_core.inference.manifest import Manifest

VAL = 'val'
ACCURACY_KEY = 'val_top1'
"""Entry of an encoder's training summary: its accuracy on validation data, 0 to 1."""


@dataclass(frozen=True)
class Settings:
    """Of the methods.

    :param temperatures: by modality, that make a sensor's own posterior calibrated.
    :param mean_temperature: the same for the mean of embeddings.
    :param accuracy: top-1 on validation data by modality; empty where unknown: then there is no
        best single sensor.
    :param source: where each came from, for people.
    """

    temperatures: Mapping[str, float]
    mean_temperature: float
    accuracy: Mapping[str, float]
    source: Mapping[str, str] = field(default_factory=dict)


def settings_of(table: EmbeddingTable, manifest: Manifest, modalities: Sequence[str]) -> Settings:
    """Settings for a bundle's encoders.

    The sensors' temperatures are the bundle's, as on a robot. The rest is measured on the table's
    validation fold where it has one, and else taken from the bundle.

    :param modalities: of the tuples to come, sensors and perhaps text.
    """
    has_val = bool((table.is_clean() & (table.fold == FOLDS.index(VAL))).any())
    source = {}
    temperatures = {
        name: manifest.modalities[name].temperature
        for name in modalities
        if name in manifest.modalities
    }
    source['temperatures'] = 'the bundle'
    for name in modalities:
        if name not in temperatures:
            temperatures[name] = _own_temperature(table, name, list(temperatures.values()))
            source[f'temperature of {name}'] = 'validation fold' if has_val else 'the others'
    sensors = [name for name in modalities if name in manifest.modalities]
    if has_val and sensors:
        every = {name: temperatures.get(name, 1.0) for name in table.modalities}
        mean = _mean_temperature(Readings(table, every), sensors)
    else:
        mean = manifest.calibration.temperature
    source['mean temperature'] = 'validation fold' if has_val else 'the bundle'
    accuracy = _accuracy(table, modalities) if has_val else _accuracy_in(manifest, modalities)
    source['best single sensor'] = 'validation fold' if has_val else 'the bundle'
    if set(accuracy) != set(modalities):
        accuracy = {}
        source['best single sensor'] = 'unknown: no validation fold, and the bundle says nothing'
    return Settings(temperatures, mean, accuracy, source)


def _val_rows(table: EmbeddingTable, name: str) -> EmbeddingTable:
    if name not in table.modalities:
        return table.select(np.zeros(len(table), np.bool_))
    own = table.modality == table.modalities.index(name)
    in_val = table.fold == FOLDS.index(VAL)
    return table.select(table.is_clean() & table.informative & own & in_val)


def _own_temperature(table: EmbeddingTable, name: str, others: list[float]) -> float:
    rows = _val_rows(table, name)
    if len(rows):
        cosines = rows.vectors.astype(np.float64) @ rows.labels.astype(np.float64).T
        return fit_temperature(cosines, rows.label)
    return float(np.exp(np.mean(np.log(others or [1.0]))))


def _mean_temperature(readings: Readings, sensors: Sequence[str]) -> float:
    """Fitted over all subsets of two and more together; of all where there is one sensor only."""
    tuples = instance_tuples(readings.table, VAL, sensors)
    subsets = [chosen for chosen in all_subsets(sensors) if len(chosen) > 1 or len(sensors) == 1]
    cosines = Mean(1.0).cosines(readings, tuples, membership(subsets, sensors))
    labels = np.broadcast_to(tuples.label, cosines.shape[:2]).reshape(-1)
    return fit_temperature(cosines.reshape(-1, cosines.shape[2]), labels)


def _accuracy(table: EmbeddingTable, modalities: Sequence[str]) -> dict[str, float]:
    found = {}
    for name in modalities:
        rows = _val_rows(table, name)
        if len(rows):
            best = (rows.vectors @ rows.labels.T).argmax(axis=1)
            found[name] = float((best == rows.label).mean())
    return found


def _accuracy_in(manifest: Manifest, modalities: Sequence[str]) -> dict[str, float]:
    given = {
        name: manifest.modalities[name].training.get(ACCURACY_KEY)
        for name in modalities
        if name in manifest.modalities
    }
    return {name: float(value) for name, value in given.items() if isinstance(value, int | float)}
