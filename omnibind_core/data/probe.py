"""Small probes: whether a modality says anything of the class, and whether anything leaks it.

Simple features, principal components, multinomial logistic regression (scikit-learn): far from
what an encoder can do. Instances never cross from training to test. What chance gives is measured:
the instances' labels are exchanged at random, each instance keeping the predictions of all its
views in all splits (views of one instance are not independent, nor are splits that share it). A
probe is *above chance* if its accuracy lies more than two standard deviations above that.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.errors import DataError
from omnibind_core.data.loader import Preparation
from omnibind_core.data.loader import prepared
from omnibind_core.data.manifest import Manifest
from omnibind_core.data.record import Record
from omnibind_core.data.simple_features import simple_features
from omnibind_core.errors import UnavailableError

_COMPONENTS = 128
_STRENGTH = 0.05
_PERMUTATIONS = 1000


@dataclass(frozen=True)
class Probed:
    """What a probe found.

    :param name: of what was probed.
    :param accuracy: of each split, mean over classes of the share of their test views recognised.
    :param chance: mean over the splits when the instances' labels are exchanged at random.
    :param sigma: standard deviation of that mean.
    :param test_instances: in the smallest split.
    :param informative: share of the test readings with something to sense.
    """

    name: str
    accuracy: tuple[float, ...]
    chance: float
    sigma: float
    test_instances: int
    informative: float = 1.0

    @property
    def mean(self) -> float:
        """Accuracy, mean over the splits."""
        return float(np.mean(self.accuracy))

    @property
    def above_chance(self) -> bool:
        """Whether the mean is more than two standard deviations above chance."""
        return self.mean > self.chance + 2.0 * self.sigma


def probe_modality(manifest: Manifest, modality: str, *, workers: int = 0) -> Probed:
    """Probe one sensor in all splits: learn from students, test on test instances.

    :param modality: a sensor's name.
    :param workers: processes that prepare readings.
    :raises UnavailableError: scikit-learn is not installed.
    :raises ContainerError: a reading cannot be read.
    """
    records = [
        record
        for record in manifest.records
        if record.modality == modality and not record.nothing and not record.copy_of
    ]
    features = []
    informative = []
    for item in prepared(Preparation(manifest.root), records, workers=workers):
        features.append(simple_features(modality, item.array))
        informative.append(item.informative)
    flags = np.array(informative)
    found = probe(modality, manifest, records, np.stack(features))
    tested = np.array(['test' in record.folds for record in records])
    share = float(flags[tested].mean())
    return Probed(
        found.name, found.accuracy, found.chance, found.sigma, found.test_instances, share
    )


def probe(
    name: str, manifest: Manifest, records: Sequence[Record], features: NDArray[np.floating[Any]]
) -> Probed:
    """Probe any features, one row for each record.

    :param records: labelled readings of originals.
    :param features: ``[n, f]``.
    :raises UnavailableError: scikit-learn is not installed.
    :raises DataError: a split has nothing to learn from or to test on.
    """
    labels = manifest.classes.numbers(record.label for record in records)
    names, instance = np.unique([record.instance for record in records], return_inverse=True)
    tested = []
    for split in range(manifest.splits):
        folds = np.array([record.folds[split] for record in records])
        train, test = folds == 'student', folds == 'test'
        if len(set(labels[train].tolist())) < 2 or not test.any():
            raise DataError(
                f'split {split} has no students of two classes or no test readings for {name!r}; '
                'a probe needs both'
            )
        predicted = _fit_predict(features[train], labels[train], features[test], split)
        tested.append(_Tested(predicted, instance[test]))
    of_instance = np.empty(len(names), np.int64)
    of_instance[instance] = labels
    chance, sigma = _by_chance(tested, of_instance)
    return Probed(
        name,
        tuple(_by_class(item.predicted, of_instance[item.instance]) for item in tested),
        chance,
        sigma,
        min(len(np.unique(item.instance)) for item in tested),
    )


@dataclass(frozen=True)
class _Tested:
    """One split's predictions ``[n]`` and the instance of each view ``[n]``."""

    predicted: NDArray[np.int64]
    instance: NDArray[np.int64]


def _by_chance(tested: Sequence[_Tested], of_instance: NDArray[np.int64]) -> tuple[float, float]:
    """Mean and deviation of the accuracy when tested instances exchange their labels."""
    random = np.random.default_rng(0)
    used = np.unique(np.concatenate([item.instance for item in tested]))
    means = []
    for _ in range(_PERMUTATIONS):
        labels = of_instance.copy()
        labels[used] = random.permutation(labels[used])
        means.append(np.mean([_by_class(item.predicted, labels[item.instance]) for item in tested]))
    return float(np.mean(means)), float(np.std(means))


def metadata_features(
    metadata: Sequence[Mapping[str, float | int | str]], names: Sequence[str]
) -> NDArray[np.float64]:
    """Numbers that simulators wrote down, ``[n, f]``; what is missing is 0."""
    rows = [[_number(item.get(name, 0.0)) for name in names] for item in metadata]
    return np.array(rows, np.float64).reshape(len(metadata), len(names))


def _number(value: float | int | str | None) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _by_class(predicted: NDArray[np.int64], truth: NDArray[np.int64]) -> float:
    shares = [(predicted[truth == number] == number).mean() for number in np.unique(truth)]
    return float(np.mean(shares))


def _fit_predict(
    train: NDArray[np.floating[Any]],
    labels: NDArray[np.int64],
    test: NDArray[np.floating[Any]],
    seed: int,
) -> NDArray[np.int64]:
    try:
        decomposition = import_module('sklearn.decomposition')
        linear_model = import_module('sklearn.linear_model')
        pipeline = import_module('sklearn.pipeline')
        preprocessing = import_module('sklearn.preprocessing')
    except ImportError as error:
        raise UnavailableError('probing needs the package scikit-learn') from error
    parts: list[Any] = [preprocessing.StandardScaler()]
    components = min(_COMPONENTS, train.shape[1], len(train) - 1)
    if components < train.shape[1]:
        parts += [
            decomposition.PCA(components, random_state=seed),
            preprocessing.StandardScaler(),
        ]
    parts.append(
        linear_model.LogisticRegression(C=_STRENGTH, max_iter=500, class_weight='balanced')
    )
    fitted = pipeline.make_pipeline(*parts).fit(train, labels)
    return np.asarray(fitted.predict(test), np.int64)
