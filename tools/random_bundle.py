#!/usr/bin/env python3
"""Make a bundle of randomly initialised but real ONNX models, to try the nodes without training.

python tools/random_bundle.py /tmp/random_bundle

It recognises nothing: its answers are arbitrary, but always the same for one seed. Its fusion is no
learned one either: it weighs each modality by a number of its own, and the older the less.
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
from omnibind_core.inference.bundle_writer import FusionExport
from omnibind_core.inference.bundle_writer import write_bundle
from omnibind_core.inference.label_bank import LabelBank
from omnibind_core.inference.manifest import Calibration
from omnibind_core.modalities.registry import modality

DIMENSION = 64
OPSET = 17
TEMPERATURE = 0.1
HALF_LIFE = 0.5  # s
LABELS = ('mug', 'chair', 'lamp', 'plant', 'bottle')


def main() -> int:
    """Write the bundle; 1 with one sentence when it cannot be written."""
    parser = argparse.ArgumentParser(description='Make a bundle of random encoders.')
    parser.add_argument('folder', type=Path)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--modalities', nargs='+', default=['image', 'thermal'])
    parser.add_argument('--no-fusion', action='store_true', help='the mean fuses')
    arguments = parser.parse_args()
    try:
        make_random_bundle(
            arguments.folder,
            tuple(arguments.modalities),
            arguments.seed,
            fusion=not arguments.no_fusion,
        )
    except OmniBindError as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    print(arguments.folder)
    return 0


def make_random_bundle(
    folder: Path, modalities: tuple[str, ...], seed: int = 0, *, fusion: bool = True
) -> Path:
    """A bundle whose encoders are small random convolution networks.

    :param fusion: false: without a fusion model.
    """
    random = np.random.default_rng(seed)
    encoders = {}
    for name in modalities:
        specification = modality(name).default_specification()
        model = _convolutions(specification.shape, random)
        encoders[name] = EncoderExport(model, specification, TEMPERATURE, {'data': 'none: random'})
    gates = (1.0 / TEMPERATURE) * random.uniform(0.5, 2.0, len(modalities))
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
        fusion=FusionExport(gated_fusion(gates), modalities, {'data': 'none: random'})
        if fusion
        else None,
        calibration=Calibration(temperature=TEMPERATURE),
    )


def _convolutions(shape: tuple[int, ...], random: np.random.Generator) -> bytes:
    """Three strided convolutions, global average, one linear layer: ``[b, *shape] -> [b, d]``.

    :param shape: ``[k, h, w]``; ``[h, w]`` (points, say) is taken for one channel.
    """
    from onnx import helper
    from onnx import TensorProto
    from onnx.numpy_helper import from_array

    if len(shape) not in (2, 3):
        raise OmniBindError(f'only inputs [k, h, w] and [h, w] are made here, not {shape}')
    channels = [shape[0] if len(shape) == 3 else 1, 16, 32, 64]
    nodes: list[Any] = []
    weights: list[Any] = []

    def weight(name: str, array: NDArray[np.floating[Any]]) -> str:
        weights.append(from_array(array.astype(np.float32), name))
        return name

    current = 'input'
    if len(shape) == 2:
        weights.append(from_array(np.array([1]), 'axis'))
        nodes.append(helper.make_node('Unsqueeze', ['input', 'axis'], ['channel']))
        current = 'channel'
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
    return _serialised(graph)


def gated_fusion(gates: NDArray[np.floating[Any]]) -> bytes:
    """A fusion model that honours the contract: a gated sum, older tokens counting less.

    ``g_m = gate[modality] 2^(-age / half-life)``, ``E = sum g_m h_m``, ``logits = E . T``.

    :param gates: of each modality, in the order of the indices; an unseen one gets the smallest.
    """
    from onnx import helper
    from onnx import TensorProto
    from onnx.numpy_helper import from_array

    table = np.concatenate([[gates.min()], gates]).astype(np.float32)  # row 0: index -1
    constants: dict[str, NDArray[Any]] = {
        'table': table,
        'one': np.array(1, np.int64),
        'unseen': np.array(-1, np.int64),
        'zero': np.array(0, np.float32),
        'unit': np.array(1, np.float32),
        'decay': np.array(-np.log(2) / HALF_LIFE, np.float32),
        'last': np.array([-1]),
        'first': np.array([1]),
    }
    steps = [
        ('Unsqueeze', ['mask', 'last'], 'column'),
        ('Where', ['column', 'tokens', 'zero'], 'present'),
        ('Where', ['mask', 'modality', 'unseen'], 'known'),
        ('Add', ['known', 'one'], 'row'),
        ('Gather', ['table', 'row'], 'gate'),
        ('Where', ['mask', 'age', 'zero'], 'old'),
        ('Mul', ['old', 'decay'], 'exponent'),
        ('Exp', ['exponent'], 'fresh'),
        ('Mul', ['gate', 'fresh'], 'decayed'),
        ('Where', ['mask', 'decayed', 'zero'], 'g'),
        ('Unsqueeze', ['g', 'last'], 'g_column'),
        ('Mul', ['present', 'g_column'], 'weighted'),
        ('ReduceSum', ['weighted', 'first'], 'sum'),
        ('Transpose', ['labels'], 'columns'),
        ('MatMul', ['sum', 'columns'], 'logits'),
        ('Unsqueeze', ['gate', 'last'], 'gate_column'),
        ('Mul', ['present', 'gate_column'], 'alone'),
        ('MatMul', ['alone', 'columns'], 'sensor_logits'),
        ('ReduceSum', ['g', 'first'], 'total'),
        ('Greater', ['total', 'zero'], 'any'),
        ('Where', ['any', 'total', 'unit'], 'divisor'),
        ('Div', ['g', 'divisor'], 'weights'),
        ('ReduceL2', ['sum'], 'length'),
        ('Greater', ['length', 'zero'], 'directed'),
        ('Where', ['directed', 'length', 'unit'], 'scale'),
        ('Div', ['sum', 'scale'], 'fused'),
    ]
    attributes: dict[str, dict[str, Any]] = {
        'sum': {'keepdims': 0},
        'length': {'axes': [-1]},
        'columns': {'perm': [1, 0]},
    }
    nodes = [
        helper.make_node(kind, inputs, [output], **attributes.get(output, {}))
        for kind, inputs, output in steps
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        'gated_fusion',
        [
            value('tokens', TensorProto.FLOAT, ['b', 'n', DIMENSION]),
            value('modality', TensorProto.INT64, ['b', 'n']),
            value('mask', TensorProto.BOOL, ['b', 'n']),
            value('age', TensorProto.FLOAT, ['b', 'n']),
            value('labels', TensorProto.FLOAT, ['c', DIMENSION]),
        ],
        [
            value('logits', TensorProto.FLOAT, ['b', 'c']),
            value('weights', TensorProto.FLOAT, ['b', 'n']),
            value('sensor_logits', TensorProto.FLOAT, ['b', 'n', 'c']),
            value('fused', TensorProto.FLOAT, ['b', DIMENSION]),
        ],
        [from_array(array, name) for name, array in constants.items()],
    )
    return _serialised(graph)


def _serialised(graph: Any) -> bytes:
    from onnx import checker
    from onnx import helper

    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', OPSET)], ir_version=8)
    checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


if __name__ == '__main__':
    sys.exit(main())
