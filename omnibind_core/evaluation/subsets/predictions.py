"""What every method said of every sample, in one compressed NPZ file of plain arrays.

Names: ``methods``, ``sensors``, ``classes``, ``subsets`` (``image+touch``). For pairing ``p``
(``instance`` or ``class``): ``p_rows`` ``[t, M]`` (the table's rows, -1 = absent), ``p_label``,
``p_cluster``, ``p_view`` ``[t]``, ``p_clusters``. For each condition (``clean_instance``,
``garbled_instance_thermal`` ...): ``..._predicted`` ``[methods, subsets, t]`` (the label; -1 = no
answer), ``..._confidence`` and ``..._truth`` (posterior of that label and of the true one); where
a sensor is spoilt, ``..._tuples`` (numbers of the clean tuples) and ``..._subsets`` as well.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.atomic_file import write_atomically
from omnibind_core.evaluation.subsets.blocks import Block
from omnibind_core.evaluation.subsets.choice import key_of
from omnibind_core.evaluation.subsets.evaluate import Measured


def write_predictions(path: Path, measured: Measured) -> None:
    """Write all samples, completely or not at all."""
    arrays: dict[str, NDArray[Any]] = {
        'methods': np.array(measured.methods),
        'sensors': np.array(measured.sensors),
        'classes': np.array(measured.table.classes),
        'subsets': _keys(measured.clean['instance']),
    }
    for pairing, block in measured.clean.items():
        tuples = block.tuples
        arrays[f'{pairing}_rows'] = tuples.rows.astype(np.int32)
        arrays[f'{pairing}_label'] = tuples.label.astype(np.int16)
        arrays[f'{pairing}_cluster'] = tuples.cluster.astype(np.int32)
        arrays[f'{pairing}_clusters'] = np.array(tuples.clusters)
        arrays[f'{pairing}_view'] = tuples.view.astype(np.int32)
        arrays |= _samples(f'clean_{pairing}', block, measured.methods)
    for pairing, blocks in measured.spoilt.items():
        for block in blocks:
            name = f'{block.condition}_{pairing}_{block.sensor}'
            arrays |= _samples(name, block, measured.methods)
            arrays[f'{name}_tuples'] = block.chosen.astype(np.int32)
            arrays[f'{name}_subsets'] = _keys(block)
    if measured.text is not None:
        arrays |= _samples('clean_text', measured.text, measured.methods)
        arrays['clean_text_subsets'] = _keys(measured.text)
    buffer = io.BytesIO()
    # called through Any: numpy's types do not know that names may be unpacked into it
    save: Any = np.savez_compressed
    save(buffer, **arrays)
    write_atomically(path, buffer.getvalue())


def _keys(block: Block) -> NDArray[np.str_]:
    return np.array([key_of(chosen) for chosen in block.subsets])


def _samples(name: str, block: Block, methods: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    given = [block.samples[method] for method in methods]
    return {
        f'{name}_predicted': np.stack([item.predicted for item in given]),
        f'{name}_confidence': np.stack([item.confidence for item in given]).astype(np.float16),
        f'{name}_truth': np.exp(np.stack([item.truth for item in given])).astype(np.float16),
    }
