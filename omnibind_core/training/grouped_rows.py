"""Numbers in groups, to draw from many groups at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NONE = -1


class GroupedRows:
    """For each group a list of rows.

    :param groups: of each row, int ``[n]``.
    :param rows: int ``[n]``.
    :param count: number of groups; some may have no rows.
    """

    def __init__(self, groups: NDArray[np.integer], rows: NDArray[np.integer], count: int) -> None:
        order = np.argsort(groups, kind='stable')
        self._rows = np.append(rows[order], NONE).astype(np.int64)
        self._sizes = np.bincount(groups, minlength=count)
        self._starts = np.concatenate(([0], np.cumsum(self._sizes)[:-1]))

    def draw(self, random: np.random.Generator, groups: NDArray[np.integer]) -> NDArray[np.int64]:
        """One row of each of these groups, every row of a group equally likely.

        :param groups: any shape.
        :return: of the same shape; -1 for a group without rows.
        """
        sizes = self._sizes[groups]
        places = np.floor(random.random(groups.shape) * sizes).astype(np.int64)
        found: NDArray[np.int64] = self._rows[self._starts[groups] + places]
        return np.where(sizes > 0, found, NONE)
