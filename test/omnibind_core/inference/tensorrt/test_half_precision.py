"""The fp16 variant: what is converted, and what it computes, by ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
import sys

import numpy as np
import onnx
from onnx_models import adding_model
import pytest

from omnibind_core.errors import UnavailableError
from omnibind_core.inference.bundle import open_bundle
from omnibind_core.inference.onnx_session import OnnxSession
from omnibind_core.inference.tensorrt.errors import EngineBuildError
from omnibind_core.inference.tensorrt.half_precision import half_model

BUNDLE = Path(__file__).resolve().parents[4] / 'bundles' / 'omnihome'


@pytest.mark.skipif(not BUNDLE.is_dir(), reason='bundles/omnihome is not there')
@pytest.mark.parametrize('modality', ['image', 'thermal', 'event', 'point_cloud', 'audio', 'touch'])
def test_the_shipped_encoders(modality: str) -> None:
    """Half the size, the same input and output, and nearly the same embeddings."""
    pytest.importorskip('onnxconverter_common')
    bundle = open_bundle(BUNDLE)
    model = bundle.read_bytes(bundle.manifest.modalities[modality].model)
    half = half_model(model, name=modality)
    assert len(half) < 0.6 * len(model)
    full, lower = OnnxSession(model, name=modality), OnnxSession(half, name=modality)
    assert (lower.input_name, lower.input_shape) == (full.input_name, full.input_shape)
    given = np.random.default_rng(1).normal(size=(8, *full.input_shape)).astype(np.float32)
    expected, found = full.run(given), lower.run(given)
    assert found.dtype == np.float32
    cosine = (expected * found).sum(axis=1)
    cosine /= np.linalg.norm(expected, axis=1) * np.linalg.norm(found, axis=1)
    assert cosine.min() > 0.999
    # fp16 it is: fp32 would differ by rounding alone.
    assert np.abs(expected - found).max() > 1e-6
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-4)


def test_what_lies_outside_the_heavy_layers_stays() -> None:
    """A logarithm before, a normalisation after: fp16 would make zeros of small squares."""
    pytest.importorskip('onnxconverter_common')
    helper, float32 = onnx.helper, onnx.TensorProto.FLOAT
    weights = onnx.numpy_helper.from_array(np.full((4, 4), 1e-4, np.float32), 'w')
    nodes = [
        helper.make_node('Log', ['input'], ['logs']),
        helper.make_node('MatMul', ['logs', 'w'], ['first']),
        helper.make_node('Relu', ['first'], ['middle']),
        helper.make_node('MatMul', ['middle', 'w'], ['second']),
        helper.make_node('ReduceL2', ['second'], ['length'], axes=[1], keepdims=1),
        helper.make_node('Div', ['second', 'length'], ['embedding']),
    ]
    ports = [
        [helper.make_tensor_value_info(name, float32, ['b', 4])] for name in ('input', 'embedding')
    ]
    graph = helper.make_graph(nodes, 'g', *ports, [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8)
    half = onnx.load_from_string(half_model(model.SerializeToString(), name='m'))
    inferred = onnx.shape_inference.infer_shapes(half, strict_mode=True)
    kinds = {one.name: one.type.tensor_type.elem_type for one in inferred.graph.value_info}
    by_operator = {node.op_type: kinds.get(node.output[0]) for node in half.graph.node}
    assert by_operator['Log'] == by_operator['ReduceL2'] == float32
    assert by_operator['MatMul'] == by_operator['Relu'] == onnx.TensorProto.FLOAT16
    given = np.full((1, 4), np.exp(1e-2), np.float32)
    found = OnnxSession(half.SerializeToString(), name='m').run(given)
    np.testing.assert_allclose(found, 0.5, atol=0.05)


def test_a_model_without_heavy_layers_stays_as_it_is() -> None:
    """Nothing would be gained."""
    pytest.importorskip('onnxconverter_common')
    half = half_model(adding_model(), name='m')
    given = np.full((1, 4), 0.1, np.float32)
    found = OnnxSession(half, name='m').run(given)
    np.testing.assert_array_equal(found, given + np.arange(4, dtype=np.float32))


def test_no_model_and_no_converter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Typed errors, which name the packages."""
    pytest.importorskip('onnxconverter_common')
    with pytest.raises(EngineBuildError, match=r'm\.onnx: no fp16 variant'):
        half_model(b'nothing', name='m.onnx')
    monkeypatch.setitem(sys.modules, 'onnxconverter_common', None)
    with pytest.raises(UnavailableError, match='onnxconverter-common'):
        half_model(adding_model(), name='m.onnx')
