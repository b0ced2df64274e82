"""How well a student's vectors name things: top-1, and the likelihood of a calibrated posterior.

Notation: ``n`` readings, ``c`` classes, ``d`` dimension of the space.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
import torch
from torch import nn
from torch import Tensor

from omnibind_core.evaluation.statistics.temperature import fit_temperature
from omnibind_core.evaluation.statistics.temperature import negative_log_likelihood
from omnibind_core.training.student_readings import StudentReadings

_BATCH = 256


@dataclass(frozen=True)
class Evaluation:
    """A student on one fold.

    :param top1: share of the readings whose nearest class vector is the right one.
    :param nll: mean negative log-likelihood at the temperature below, nats.
    :param temperature: of ``softmax(cosine / temperature)``, the best one for these readings.
    """

    top1: float
    nll: float
    temperature: float


def embedded(student: nn.Module, readings: StudentReadings) -> Tensor:
    """Vectors of readings in their order, in float32 and evaluation mode, ``[n, d]``."""
    training = student.training
    device = next(student.parameters()).device
    student.eval()
    vectors = []
    with torch.no_grad(), torch.autocast(device.type, enabled=False):
        for start in range(0, len(readings), _BATCH):
            arrays = readings.arrays[start : start + _BATCH]
            vectors.append(student(arrays.to(device).float()).float().cpu())
    student.train(training)
    return torch.cat(vectors)


def cosines(student: nn.Module, readings: StudentReadings, labels: Tensor) -> NDArray[np.float64]:
    """Cosine of each reading with each class vector, ``[n, c]``.

    :param labels: unit vectors ``[c, d]``.
    """
    vectors = embedded(student, readings).double().numpy()
    found: NDArray[np.float64] = vectors @ labels.detach().cpu().double().numpy().T
    return found


def evaluate(student: nn.Module, readings: StudentReadings, labels: Tensor) -> Evaluation:
    """Classify a fold's readings by their nearest class vector.

    :param labels: unit vectors ``[c, d]``.
    """
    logits = cosines(student, readings, labels)
    classes = readings.targets.classes.numpy()
    temperature = fit_temperature(logits, classes)
    return Evaluation(
        top1=float((logits.argmax(axis=1) == classes).mean()),
        nll=negative_log_likelihood(logits, classes, temperature),
        temperature=temperature,
    )
