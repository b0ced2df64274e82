"""Fitting a teacher's supervised adapter on labelled training instances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.configuration.option import option
from omnibind_core.data.seeding import seed_of
from omnibind_core.errors import InputError
from omnibind_core.models.teachers.adapter import Adapter

_LEAST_STD = 1e-4


@dataclass(frozen=True, kw_only=True)
class AdapterOptions:
    """How an adapter is fitted."""

    steps: int = option(200, 'Steps, each over all training pictures.', minimum=0, maximum=100_000)
    rate: float = option(1e-3, "AdamW's learning rate.", minimum=1e-7, maximum=1.0)
    decay: float = option(0.1, "AdamW's weight decay.", minimum=0.0, maximum=100.0)
    temperature: float = option(
        0.05, 'Divides the cosines to the labels.', minimum=0.001, maximum=10.0
    )


def fit_adapter(
    features: NDArray[np.float32],
    vectors: NDArray[np.float32],
    labels: NDArray[np.int64],
    of_labels: NDArray[np.float32],
    options: AdapterOptions | None = None,
) -> Adapter:
    """An adapter that brings pictures to their labels.

    Cross entropy of ``cos(z, label) / temperature``, every class with the same weight; ``P`` starts
    at 0. The same result for the same input on the same machine: nothing is drawn.

    :param features: of the training pictures ``[n, f]``.
    :param vectors: the teacher's for them ``[n, d]``, unit.
    :param labels: of the pictures ``[n]``, 0 to c - 1.
    :param of_labels: the labels' vectors ``[c, d]``, unit.
    :raises InputError: for no pictures, or shapes and labels that do not fit.
    """
    import torch

    chosen = options or AdapterOptions()
    count = len(features)
    fits = vectors.shape == (count, of_labels.shape[1]) and labels.shape == (count,)
    if not count or not fits or labels.min() < 0 or labels.max() >= len(of_labels):
        given = f'{features.shape}, {vectors.shape}, {labels.shape}, {of_labels.shape}'
        raise InputError('training pictures', given, '[n, f], [n, d], [n] and [c, d], n > 0')
    mean = features.mean(axis=0, dtype=np.float64).astype(np.float32)
    std = np.maximum(features.std(axis=0, dtype=np.float64), _LEAST_STD).astype(np.float32)
    counts = np.bincount(labels, minlength=len(of_labels))
    weights = 1.0 / counts[labels]
    standard = torch.from_numpy((features - mean) / std)
    base = torch.from_numpy(vectors)
    targets = torch.from_numpy(labels)
    prompts = torch.from_numpy(of_labels)
    share = torch.from_numpy((weights / weights.sum()).astype(np.float32))
    matrix = torch.zeros(features.shape[1], of_labels.shape[1], requires_grad=True)
    optimiser = torch.optim.AdamW([matrix], lr=chosen.rate, weight_decay=chosen.decay)
    for _ in range(chosen.steps):
        optimiser.zero_grad()
        moved = torch.nn.functional.normalize(base + standard @ matrix, dim=1)
        logits = moved @ prompts.T / chosen.temperature
        each = torch.nn.functional.cross_entropy(logits, targets, reduction='none')
        loss = (each * share).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return Adapter(mean, std, matrix.detach().numpy().copy())


def parts_of(groups: Sequence[str], count: int, *, seed: int = 0) -> NDArray[np.int64]:
    """A part for each row, so that rows of one group share it; int64 ``[n]``, 0 to count - 1.

    :param groups: of each row: the instance, or the original of a copy.
    :param count: of parts; they get about as many groups each.
    """
    different = sorted(set(groups), key=lambda group: seed_of('parts', seed, group))
    part = {group: number % count for number, group in enumerate(different)}
    return np.array([part[group] for group in groups], np.int64)
