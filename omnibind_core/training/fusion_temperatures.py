"""What makes each sensor's own posterior calibrated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.data.embedding_table import TableError
from omnibind_core.evaluation.statistics.temperature import fit_temperature


def fitted_temperatures(table: EmbeddingTable, vectors: NDArray[np.float32]) -> dict[str, float]:
    """Temperature of each modality, from the clean and informative readings of a table.

    :param vectors: that stand for the table's, ``[N, d]``.
    :raises TableError: a modality has none.
    """
    found = {}
    cosines = vectors.astype(np.float64) @ table.labels.astype(np.float64).T
    for number, name in enumerate(table.modalities):
        rows = table.is_clean() & table.informative & (table.modality == number)
        if not rows.any():
            raise TableError(f'no informative reading of {name} to fit its temperature on')
        found[name] = fit_temperature(cosines[rows], table.label[rows])
    return found
