"""What can be chosen about the TensorRT back end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem

PRECISIONS = ('fp32', 'fp16')


@dataclass(frozen=True, kw_only=True)
class TensorRtSettings:
    """What an engine is built for, and how it is run.

    :param precision: ``fp32``, or ``fp16``: of the model's middle; inputs, outputs, what prepares
        the input and what normalises the embedding stay float32.
    :param max_batch: the largest batch of the engine's profile; larger ones are run in parts.
    :param workspace_mb: most GPU memory that TensorRT may use for one layer.
    :param cuda_graph: replay the work of a batch that repeats as one CUDA graph.
    :raises ConfigError: naming every value that cannot be.
    """

    precision: str = 'fp32'
    max_batch: int = 8
    workspace_mb: int = 1024
    cuda_graph: bool = False

    def __post_init__(self) -> None:
        problems = []
        if self.precision not in PRECISIONS:
            problems.append(_problem('precision', self.precision, ', '.join(PRECISIONS)))
        if not 1 <= self.max_batch <= 4096:
            problems.append(_problem('max_batch', self.max_batch, '1 to 4096'))
        if not 1 <= self.workspace_mb <= 1 << 20:
            problems.append(_problem('workspace_mb', self.workspace_mb, f'1 to {1 << 20} MB'))
        if problems:
            raise ConfigError('TensorRT settings', problems)


def _problem(key: str, given: Any, allowed: str) -> Problem:
    return Problem(key, repr(given), allowed)
