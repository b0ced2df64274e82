"""Two processes that train together on the CPU (gloo), and what they find out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import distributed
import torch.multiprocessing as mp

Job = Callable[[int], dict[str, Any]]


def together(job: Job, folder: Path) -> list[dict[str, Any]]:
    """Run ``job(rank)`` in two processes; their results by rank.

    :param job: a function of a module, which returns tensors and numbers by name.
    """
    mp.spawn(_process, args=(job, str(folder)), nprocs=2)
    return [torch.load(folder / f'{rank}.pt', weights_only=True) for rank in range(2)]


def _process(rank: int, job: Job, folder: str) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group(
        'gloo', init_method=f'file://{folder}/meeting', rank=rank, world_size=2
    )
    try:
        torch.save(job(rank), Path(folder) / f'{rank}.pt')
    finally:
        distributed.destroy_process_group()
