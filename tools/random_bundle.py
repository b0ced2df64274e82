#!/usr/bin/env python3
"""Make a bundle of randomly initialised but real ONNX encoders, to try the nodes without training.

python tools/random_bundle.py /tmp/random_bundle

It recognises nothing: its answers are arbitrary, but always the same for one seed.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import OmniBindError
from omnibind_core.inference.bundle_writer import EncoderExport
from omnibind_core.inference.bundle_writer import write_bundle
from omnibind_core.inference.label_bank import LabelBank
from omnibind_core.inference.manifest import Calibration
from omnibind_core.modalities.registry import modality

DIMENSION = 64
OPSET = 17
LABELS = ('mug', 'chair', 'lamp', 'plant', 'bottle')


def main() -> int:
    """Write the bundle; 1 with one sentence when it cannot be written."""
    parser = argparse.ArgumentParser(description='Make a bundle of random encoders.')
    parser.add_argument('folder', type=Path)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--modalities', nargs='+', default=['image', 'thermal'])
    arguments = parser.parse_args()
    try:
        make_random_bundle(arguments.folder, tuple(arguments.modalities), arguments.seed)
    except OmniBindError as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    print(arguments.folder)
    return 0


def make_random_bundle(folder: Path, modalities: tuple[str, ...], seed: int = 0) -> Path:
    """A bundle whose encoders are small random convolution networks over pictures ``[k, s, s]``."""
    random = np.random.default_rng(seed)
    encoders = {}
    for name in modalities:
        specification = modality(name).default_specification()
        model = _convolutions(specification.shape, random)
        encoders[name] = EncoderExport(model, specification, training={'data': 'none: random'})
    embeddings = random.standard_normal((len(LABELS), DIMENSION)).astype(np.float32)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    labels = LabelBank(
        class_ids=LABELS, names=LABELS, embeddings=embeddings, space=f'random-{seed}-{DIMENSION}'
    )
    return write_bundle(
        folder,
        name='random',
        encoders=encoders,
        labels=labels,
        calibration=Calibration(temperature=0.1),
    )


def _convolutions(shape: tuple[int, ...], random: np.random.Generator) -> bytes:
    """Three strided convolutions, global average, one linear layer: ``[b, *shape] -> [b, d]``."""
    from onnx import checker
    from onnx import helper
    from onnx import TensorProto
    from onnx.numpy_helper import from_array

    if len(shape) != 3:
        raise OmniBindError(f'only picture-like inputs [k, h, w] are made here, not {shape}')
    channels = [shape[0], 16, 32, 64]
    nodes: list[Any] = []
    weights: list[Any] = []

    def weight(name: str, array: NDArray[np.floating[Any]]) -> str:
        weights.append(from_array(array.astype(np.float32), name))
        return name

    current = 'input'
    for index, (inside, outside) in enumerate(pairwise(channels)):
        scale = (2.0 / (inside * 9)) ** 0.5
        kernel = random.standard_normal((outside, inside, 3, 3)) * scale
        inputs = [current, weight(f'kernel{index}', kernel)]
        nodes.append(
            helper.make_node('Conv', inputs, [f'conv{index}'], strides=[2, 2], pads=[1, 1, 1, 1])
        )
        nodes.append(helper.make_node('Relu', [f'conv{index}'], [f'relu{index}']))
        current = f'relu{index}'
    nodes.append(helper.make_node('GlobalAveragePool', [current], ['pooled']))
    nodes.append(helper.make_node('Flatten', ['pooled'], ['flat']))
    matrix = random.standard_normal((channels[-1], DIMENSION))
    nodes.append(helper.make_node('MatMul', ['flat', weight('matrix', matrix)], ['embedding']))
    graph = helper.make_graph(
        nodes,
        'random_encoder',
        [helper.make_tensor_value_info('input', TensorProto.FLOAT, ['b', *shape])],
        [helper.make_tensor_value_info('embedding', TensorProto.FLOAT, ['b', DIMENSION])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', OPSET)], ir_version=8)
    checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


if __name__ == '__main__':
    sys.exit(main())
