"""ONNX models of every shape that a file can have, for what reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st
import numpy as np
from onnx import AttributeProto
from onnx import GraphProto
from onnx import helper
from onnx import ModelProto
from onnx import NodeProto
from onnx import SparseTensorProto
from onnx import TensorProto
from onnx.numpy_helper import from_array


def tensor(external: bool, *, location: str = 'weights.bin') -> TensorProto:
    """A tensor of four numbers, in the model or in a file of its own."""
    made = from_array(np.arange(4, dtype=np.float32), 'w')
    if external:
        made.ClearField('raw_data')
        made.data_location = TensorProto.EXTERNAL
        for key, value in (('location', location), ('offset', '0'), ('length', '16')):
            entry = made.external_data.add()
            entry.key, entry.value = key, value
    return made


def adding_model(external: bool = False, *, location: str = 'weights.bin') -> bytes:
    """A model that runs: ``input [b, 4] -> embedding [b, 4]``, plus 0, 1, 2, 3."""
    graph = helper.make_graph(
        [helper.make_node('Add', ['input', 'w'], ['embedding'])],
        'g',
        [helper.make_tensor_value_info('input', TensorProto.FLOAT, ['b', 4])],
        [helper.make_tensor_value_info('embedding', TensorProto.FLOAT, ['b', 4])],
        [tensor(external, location=location)],
    )
    opset = [helper.make_opsetid('', 17)]
    content: bytes = helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()
    return content


def tensors_of(message: Any) -> Iterator[TensorProto]:
    """Every tensor anywhere in a message, by the library's own knowledge of its fields."""
    if isinstance(message, TensorProto):
        yield message
    for field, value in message.ListFields():
        if field.message_type is not None:
            for item in value if hasattr(value, '__len__') else [value]:
                yield from tensors_of(item)


def is_external(model: ModelProto) -> bool:
    """Whether any tensor of a model lies in another file."""
    return any(
        item.data_location == TensorProto.EXTERNAL or len(item.external_data)
        for item in tensors_of(model)
    )


# Not every one of these is a graph that a runtime would take; each is one that a file can hold.
_tensors = st.sampled_from([False] * 7 + [True]).map(tensor)


@st.composite
def _sparse(draw: st.DrawFn) -> SparseTensorProto:
    return SparseTensorProto(values=draw(_tensors), indices=draw(_tensors), dims=[4])


@st.composite
def _attribute(draw: st.DrawFn, depth: int) -> AttributeProto:
    made = AttributeProto(name='a')
    kind = draw(st.integers(0, 6 if depth else 4))
    if kind == 0:
        made.i = draw(st.integers(-(2**63), 2**63 - 1))
    elif kind == 1:
        made.t.CopyFrom(draw(_tensors))
    elif kind == 2:
        made.tensors.extend(draw(st.lists(_tensors, max_size=2)))
    elif kind == 3:
        made.sparse_tensor.CopyFrom(draw(_sparse()))
    elif kind == 4:
        made.sparse_tensors.extend(draw(st.lists(_sparse(), max_size=2)))
    elif kind == 5:
        made.g.CopyFrom(draw(_graph(depth - 1)))
    else:
        made.graphs.extend(draw(st.lists(_graph(depth - 1), max_size=2)))
    return made


@st.composite
def _node(draw: st.DrawFn, depth: int) -> NodeProto:
    made = NodeProto(op_type='If', input=['x'], output=['y'])
    made.attribute.extend(draw(st.lists(_attribute(depth), max_size=2)))
    return made


@st.composite
def _graph(draw: st.DrawFn, depth: int) -> GraphProto:
    made = GraphProto(name=draw(st.text(max_size=3)))
    made.node.extend(draw(st.lists(_node(depth), max_size=2)))
    made.initializer.extend(draw(st.lists(_tensors, max_size=2)))
    made.sparse_initializer.extend(draw(st.lists(_sparse(), max_size=1)))
    return made


@st.composite
def models(draw: st.DrawFn) -> ModelProto:
    """Models with tensors in every place that the format has for them, some external."""
    made = ModelProto(ir_version=8, producer_name='test', graph=draw(_graph(2)))
    versions = draw(st.dictionaries(st.sampled_from(['', 'x']), st.integers(1, 30)))
    for domain, version in versions.items():
        made.opset_import.append(helper.make_opsetid(domain, version))
    for _ in range(draw(st.integers(0, 1))):
        training = made.training_info.add()
        training.initialization.CopyFrom(draw(_graph(1)))
        training.algorithm.CopyFrom(draw(_graph(1)))
    for _ in range(draw(st.integers(0, 1))):
        function = made.functions.add()
        function.node.extend(draw(st.lists(_node(1), max_size=2)))
        function.attribute_proto.extend(draw(st.lists(_attribute(1), max_size=1)))
    return made
