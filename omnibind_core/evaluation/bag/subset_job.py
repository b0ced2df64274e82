"""The scores of some subsets of a bag's sensors: what one process does of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
import time
from typing import Any

from omnibind_core.configuration.parameters import FusionParameters
from omnibind_core.evaluation.bag.replayed import replay_subsets
from omnibind_core.evaluation.bag.score import score
from omnibind_core.evaluation.bag.truth import Truth
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.streaming.arrival_trace import Arrival


@dataclass(frozen=True)
class SubsetJob:
    """Some of the subsets of a bag's sensors."""

    bundle: Path
    fusion: FusionParameters
    subsets: Sequence[tuple[str, ...]]
    arrivals: Sequence[Arrival]
    truth: Truth


def score_subsets(job: SubsetJob) -> tuple[dict[tuple[str, ...], dict[str, Any]], float]:
    """The scores by subset, and the processor time in seconds."""
    began = time.process_time()
    recognizer = Recognizer.load(job.bundle, modalities=(), backend='onnxruntime')
    series = replay_subsets(job.arrivals, job.subsets, recognizer, job.fusion)
    found = {
        subset: score(answers, job.truth)
        for subset, answers in zip(job.subsets, series, strict=True)
    }
    return found, time.process_time() - began
