#!/usr/bin/env python3
"""Measure whether int8 would pay: a bundle's encoders quantised by ONNX Runtime, beside fp32.

python tools/measure_int8.py bundles/omnihome samples/omnihome_test

Readings of every second instance calibrate the static variant; the others are scored. Times are
processor time of one thread, turn by turn, at batch 1. Nothing is kept.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from functools import partial
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.loader import Preparation
from omnibind_core.data.loader import prepared
from omnibind_core.data.manifest import read_manifest
from omnibind_core.errors import OmniBindError
from omnibind_core.evaluation.turn_by_turn import turn_by_turn
from omnibind_core.inference.bundle import Bundle
from omnibind_core.inference.bundle import open_bundle
from omnibind_core.inference.onnx_session import OnnxSession

FULL = 'fp32'
HEADER = f'{"":<20} {"median":>10} {"size":>8} {"cosine":>7} {"same class":>10} {"right":>7}'


def main() -> int:
    """Print a table; 1 with one sentence when something is missing."""
    parser = argparse.ArgumentParser(description='Time int8 encoders beside fp32.')
    parser.add_argument('bundle', type=Path)
    parser.add_argument('data', type=Path)
    parser.add_argument('--modalities', nargs='+', default=['image', 'point_cloud'])
    parser.add_argument('--repeats', type=int, default=200)
    arguments = parser.parse_args()
    print(HEADER)
    try:
        bundle = open_bundle(arguments.bundle)
        for name in arguments.modalities:
            measure(bundle, arguments.data, name, arguments.repeats)
    except OmniBindError as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    return 0


def measure(bundle: Bundle, data: Path, modality: str, repeats: int) -> None:
    """Print the lines of one encoder."""
    manifest = read_manifest(data)
    records = [one for one in manifest.records if one.modality == modality and not one.nothing]
    specification = bundle.specifications[modality]
    arrays = [
        item.array
        for item in prepared(Preparation(manifest.root, {modality: specification}), records)
    ]
    places = {name: place for place, name in enumerate(sorted({one.instance for one in records}))}
    held = np.array([places[one.instance] % 2 == 1 for one in records])
    batch = np.stack(arrays)
    bank = bundle.labels()
    classes = np.array([bank.class_ids.index(one.label) for one in records])[held]
    models = variants(bundle.read_bytes(bundle.manifest.modalities[modality].model), batch[~held])
    sessions = {kind: OnnxSession(model, name=kind) for kind, model in models.items()}
    work = {kind: partial(session.run, batch[:1]) for kind, session in sessions.items()}
    times = turn_by_turn(work, repeats, time.thread_time)
    vectors = {kind: unit(session.run(batch[held])) for kind, session in sessions.items()}
    best = {kind: (found @ bank.embeddings.T).argmax(axis=1) for kind, found in vectors.items()}
    for kind, model in models.items():
        cosine = (vectors[kind] * vectors[FULL]).sum(axis=1).mean()
        same, right = (best[kind] == best[FULL]).mean(), (best[kind] == classes).mean()
        print(
            f'{modality:<11} {kind:<8} {np.median(times[kind]):>7.2f} ms '
            f'{len(model) / 1e6:>5.2f} MB {cosine:>7.4f} {same:>10.1%} {right:>7.1%}',
            flush=True,
        )


def variants(model: bytes, calibration: NDArray[np.float32]) -> dict[str, bytes]:
    """The model itself, with int8 weights, and with int8 weights and activations."""
    import onnx
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process

    found = {FULL: model}
    with TemporaryDirectory() as folder:
        source, ready, target = (str(Path(folder) / f'{name}.onnx') for name in 'abc')
        onnx.save(onnx.load_from_string(model), source)
        quant_pre_process(source, ready, skip_symbolic_shape=True)
        quantization.quantize_dynamic(ready, target)
        found['dynamic'] = Path(target).read_bytes()
        name = onnx.load(ready).graph.input[0].name
        quantization.quantize_static(ready, target, _reader(name, calibration), per_channel=True)
        found['static'] = Path(target).read_bytes()
    return found


def _reader(name: str, arrays: NDArray[np.float32]) -> Any:
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._given: Iterator[NDArray[np.float32]] = iter(arrays)

        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            array = next(self._given, None)
            return None if array is None else {name: array[None]}

    return Reader()


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of length one: ``[n, d]``."""
    found: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return found


if __name__ == '__main__':
    sys.exit(main())
