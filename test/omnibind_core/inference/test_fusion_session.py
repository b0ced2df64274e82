"""The fusion model's contract, over a model that honours it and models that do not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from numpy.typing import NDArray
import onnx
from onnx import helper
from onnx import numpy_helper
from onnx import TensorProto
import pytest
import tiny_bundle

from omnibind_core.errors import BackendError
from omnibind_core.errors import InputError
from omnibind_core.inference.fusion_session import FusionSession
from omnibind_core.inference.fusion_session import UNSEEN

TOOL = tiny_bundle.random_bundle_tool()
GATES = np.array([10.0, 4.0, 7.0])
MODALITIES = ('image', 'thermal', 'audio')
MODEL: bytes = TOOL.gated_fusion(GATES)
D: int = TOOL.DIMENSION


@pytest.fixture(scope='module')
def session() -> FusionSession:
    """Gates 10, 4 and 7; an unseen modality 4; half of it after half a second."""
    return FusionSession(MODEL, name='fusion.onnx', modalities=MODALITIES, dimension=D)


def unit(random: np.random.Generator, *shape: int) -> NDArray[np.float32]:
    """Random unit vectors along the last axis."""
    made = random.standard_normal(shape)
    return (made / np.linalg.norm(made, axis=-1, keepdims=True)).astype(np.float32)


def inputs(seed: int = 0, b: int = 2, n: int = 3, c: int = 5) -> dict[str, NDArray[Any]]:
    """Inputs of the model's contract."""
    random = np.random.default_rng(seed)
    return {
        'tokens': unit(random, b, n, D),
        'modality': random.integers(-1, 3, (b, n)),
        'mask': random.random((b, n)) < 0.7,
        'age': random.uniform(0, 1, (b, n)).astype(np.float32),
        'labels': unit(random, c, D),
    }


@given(
    seed=st.integers(0, 2**32 - 1), b=st.integers(1, 3), n=st.integers(1, 7), c=st.integers(1, 9)
)
def test_against_float64(session: FusionSession, seed: int, b: int, n: int, c: int) -> None:
    """Any b, n and c."""
    given_inputs = inputs(seed, b, n, c)
    output = session.run(**given_inputs)
    tokens, labels = (given_inputs[key].astype(np.float64) for key in ('tokens', 'labels'))
    gate = np.concatenate([GATES, [GATES.min()]])[given_inputs['modality']]  # -1 is the last
    gate_now = gate * 0.5 ** (given_inputs['age'] / 0.5) * given_inputs['mask']
    total = (gate_now[..., None] * tokens).sum(axis=1)
    np.testing.assert_allclose(output.logits, total @ labels.T, atol=2e-5)
    sums = gate_now.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(output.weights, gate_now / np.where(sums > 0, sums, 1), atol=1e-6)
    alone = np.where(given_inputs['mask'][..., None], gate[..., None] * (tokens @ labels.T), 0)
    np.testing.assert_allclose(output.sensor_logits, alone, atol=2e-5)
    length = np.linalg.norm(total, axis=1, keepdims=True)
    np.testing.assert_allclose(output.fused, total / np.where(length > 0, length, 1), atol=1e-5)


@given(
    seed=st.integers(0, 2**32 - 1),
    filler=st.sampled_from([np.nan, np.inf, -1e30]),
    index=st.sampled_from([-1, 0, 99, -7]),
)
def test_masked_slots_are_never_read(
    session: FusionSession, seed: int, filler: float, index: int
) -> None:
    """Vectors, ages and indices of what does not take part: bitwise the same."""
    clean = inputs(seed)
    dirty = {key: value.copy() for key, value in clean.items()}
    absent = ~clean['mask']
    dirty['tokens'][absent] = filler
    dirty['age'][absent] = filler
    dirty['modality'][absent] = index
    for key in ('logits', 'weights', 'sensor_logits', 'fused'):
        first = getattr(session.run(**clean), key)
        assert first.tobytes() == getattr(session.run(**dirty), key).tobytes()


def test_one_set_is_a_batch_of_one(session: FusionSession) -> None:
    batch = inputs(b=1)
    one = session.run_one(**{k: v if k == 'labels' else v[0] for k, v in batch.items()})
    many = session.run(**batch)
    for key in ('logits', 'weights', 'sensor_logits', 'fused'):
        np.testing.assert_array_equal(getattr(one, key), getattr(many, key)[0])


def test_modalities_have_the_indices_of_the_training(session: FusionSession) -> None:
    indices = session.indices(['audio', 'sonar', 'image', 'image'])
    assert indices.dtype == np.int64
    assert indices.tolist() == [2, UNSEEN, 0, 0]


@pytest.mark.parametrize(
    ('changes', 'field'),
    [
        ({'tokens': np.zeros((2, 3, D))}, 'tokens'),
        ({'tokens': np.zeros((2, 3, D - 1), np.float32)}, 'tokens'),
        ({'tokens': np.zeros((3, D), np.float32)}, 'tokens'),
        ({'modality': np.zeros((2, 4), np.int64)}, 'modality'),
        ({'modality': np.zeros((2, 3), np.int32)}, 'modality'),
        ({'modality': np.full((2, 3), 3)}, 'modality'),
        ({'modality': np.full((2, 3), -2)}, 'modality'),
        ({'mask': np.ones((2, 3), np.int64)}, 'mask'),
        ({'age': np.full((2, 3), -0.1, np.float32)}, 'age'),
        ({'age': np.full((2, 3), np.nan, np.float32)}, 'age'),
        ({'tokens': np.full((2, 3, D), np.nan, np.float32)}, 'tokens'),
        ({'labels': np.full((5, D), np.inf, np.float32)}, 'labels'),
        ({'labels': np.zeros((0, D), np.float32)}, 'labels'),
        ({'labels': np.zeros((5, D + 1), np.float32)}, 'labels'),
    ],
)
def test_a_wrong_input_is_named(
    session: FusionSession, changes: dict[str, Any], field: str
) -> None:
    good = {**inputs(), 'mask': np.ones((2, 3), bool)}
    with pytest.raises(InputError) as caught:
        session.run(**{**good, **changes})
    assert caught.value.field == field


def edited(change: Any) -> bytes:
    """The model, changed."""
    model = onnx.ModelProto.FromString(MODEL)
    change(model.graph)
    content: bytes = model.SerializeToString()
    return content


def rename(graph: onnx.GraphProto, old: str, new: str) -> None:
    for node in graph.node:
        node.input[:] = [new if name == old else name for name in node.input]
        node.output[:] = [new if name == old else name for name in node.output]
    for item in (*graph.input, *graph.output):
        item.name = new if item.name == old else item.name


def free_axis_fixed(graph: onnx.GraphProto) -> None:
    graph.input[0].type.tensor_type.shape.dim[1].dim_value = 6


def other_length(graph: onnx.GraphProto) -> None:
    for item in (graph.input[0], graph.input[4]):
        item.type.tensor_type.shape.dim[-1].dim_value = D + 1
    del graph.output[3].type.tensor_type.shape.dim[:]
    graph.output[3].type.tensor_type.ClearField('shape')


def mask_as_numbers(graph: onnx.GraphProto) -> None:
    graph.input[2].type.tensor_type.elem_type = TensorProto.INT64
    rename(graph, 'mask', 'mask_bool')
    graph.input[2].name = 'mask'
    graph.node.insert(0, helper.make_node('Cast', ['mask'], ['mask_bool'], to=TensorProto.BOOL))


@pytest.mark.parametrize(
    ('change', 'expected'),
    [
        (
            lambda graph: rename(graph, 'age', 'old_age'),
            'inputs labels, mask, modality, old_age, tokens',
        ),
        (
            lambda graph: rename(graph, 'fused', 'embedding'),
            'outputs embedding, logits, sensor_logits, weights',
        ),
        (lambda graph: graph.output.pop(), 'outputs logits, sensor_logits, weights'),
        (free_axis_fixed, r'tokens is tensor\(float\) \[-1, 6, 64\]'),
        (other_length, r'tokens is tensor\(float\) \[-1, -1, 65\].*\[b, n, 64\]'),
        (mask_as_numbers, r'mask is tensor\(int64\)'),
    ],
)
def test_another_signature_is_refused(change: Any, expected: str) -> None:
    """With what it is, and what it must be."""
    with pytest.raises(BackendError, match=rf'f\.onnx: .*{expected}'):
        FusionSession(edited(change), name='f.onnx', modalities=MODALITIES, dimension=D)


def lies_about_shape(graph: onnx.GraphProto) -> None:
    """Weights as a row too many, without saying so."""
    rename(graph, 'weights', 'w')
    graph.node.append(helper.make_node('Concat', ['w', 'w'], ['weights'], axis=1))
    output = next(item for item in graph.output if item.name == 'w')
    output.name = 'weights'


def makes_nan(graph: onnx.GraphProto) -> None:
    table = next(item for item in graph.initializer if item.name == 'table')
    gates = numpy_helper.to_array(table) * np.float32(np.nan)
    table.CopyFrom(numpy_helper.from_array(gates, 'table'))


@pytest.mark.parametrize(
    ('change', 'expected'),
    [
        (lies_about_shape, r'weights has shape \[2, 6\], not \[2, 3\]'),
        (makes_nan, 'logits holds values that are not finite'),
    ],
)
def test_a_broken_promise_is_noticed(change: Any, expected: str) -> None:
    model = FusionSession(edited(change), name='f.onnx', modalities=MODALITIES, dimension=D)
    with pytest.raises(BackendError, match=expected):
        model.run(**inputs())


def test_threads_agree(session: FusionSession) -> None:
    expected = [session.run(**inputs(seed)).logits for seed in range(16)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda seed: session.run(**inputs(seed)).logits, range(16)))
    np.testing.assert_array_equal(found, expected)
