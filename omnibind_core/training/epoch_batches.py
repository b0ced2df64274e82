"""Which readings are in which batch: decided by seed and number alone, however often a run stops.

All passes over the readings, each in an order of its own, form one endless list; batches are cut
from it. So every batch is full, budgets smaller than a batch work, and batch number ``i`` is the
same in one process, in several, and after a restart.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.seeding import generator


class EpochBatches:
    """Batches of indices, epoch by epoch.

    :param count: number of readings, at least 1.
    :param batch: readings in a batch, over all processes; a multiple of ``processes``.
    :param steps: batches in an epoch; 0: as many as fit into one pass, at least one.
    :param seed: of the orders.
    :param rank: which process this is.
    :param processes: how many share each batch; each takes its part of it.
    """

    def __init__(
        self,
        count: int,
        batch: int,
        *,
        steps: int = 0,
        seed: int = 0,
        rank: int = 0,
        processes: int = 1,
    ) -> None:
        if count < 1 or batch < processes or batch % processes or not 0 <= rank < processes:
            raise ValueError(
                f'{count} readings in batches of {batch} for process {rank} of {processes}; '
                'allowed: at least one reading, and batches that are a multiple of the processes'
            )
        self._count = count
        self._batch = batch
        self._steps = steps or max(1, count // batch)
        self._seed = seed
        self._part = slice(rank * batch // processes, (rank + 1) * batch // processes)
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch that is iterated over next, from 0."""
        self._epoch = epoch

    def __len__(self) -> int:
        return self._steps

    def __iter__(self) -> Iterator[NDArray[np.int64]]:
        """The part of each batch of the epoch that this process takes, int64 indices."""
        first = self._epoch * self._steps
        for step in range(first, first + self._steps):
            yield self._indices(step)[self._part]

    def _indices(self, step: int) -> NDArray[np.int64]:
        """The whole batch of this number."""
        places = np.arange(step * self._batch, (step + 1) * self._batch)
        passes = places // self._count
        return np.concatenate(
            [
                self._order(int(number))[places[passes == number] % self._count]
                for number in np.unique(passes)
            ]
        )

    def _order(self, number: int) -> NDArray[np.int64]:
        """The order of the readings in one pass."""
        return generator('cad batches', self._seed, number).permutation(self._count)
