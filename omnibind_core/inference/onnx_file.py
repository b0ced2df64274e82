"""What an ONNX file may hold, looked up in its bytes before a runtime sees them.

A tensor of an ONNX model may lie in a file of its own ("external data"), named by a path in the
model. ONNX Runtime follows that path even when the model is given as bytes: relative to the working
directory, where anything may lie. Nothing of a bundle may come from outside it, so every model with
external data is refused.

The robot has no ``onnx`` package; this walks the wire format of protocol buffers as far as tensors
can be, within bounds, and is stricter than a parser where one could read the same bytes otherwise.
Field numbers are those of ``onnx.proto``.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from omnibind_core.errors import BundleError

MAX_FIELDS = 2_000_000
MAX_DEPTH = 100  # as protocol buffer parsers have it
# Message -> field -> the message in it, wherever a tensor can be reached.
REACHES_TENSORS: Mapping[str, Mapping[int, str]] = MappingProxyType(
    {
        'ModelProto': {7: 'GraphProto', 20: 'TrainingInfoProto', 25: 'FunctionProto'},
        'GraphProto': {1: 'NodeProto', 5: 'TensorProto', 15: 'SparseTensorProto'},
        'NodeProto': {5: 'AttributeProto'},
        'AttributeProto': {
            5: 'TensorProto',
            6: 'GraphProto',
            10: 'TensorProto',
            11: 'GraphProto',
            22: 'SparseTensorProto',
            23: 'SparseTensorProto',
        },
        'SparseTensorProto': {1: 'TensorProto', 2: 'TensorProto'},
        'TrainingInfoProto': {1: 'GraphProto', 2: 'GraphProto'},
        'FunctionProto': {7: 'NodeProto', 11: 'AttributeProto'},
        'TensorProto': {},
    }
)
_MODEL_GRAPH, _MODEL_OPSETS = 7, 8
_TENSOR_EXTERNAL_DATA, _TENSOR_DATA_LOCATION = 13, 14
_OPSET_DOMAIN, _OPSET_VERSION = 1, 2
# ONNX Runtime takes bytes with this in this place for a file of its own format.
_OTHER_FORMAT, _OTHER_FORMAT_PLACE = b'ORTM', slice(4, 8)
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class _MalformedError(Exception):
    """The bytes are no protocol buffer, or one beyond the bounds."""


@dataclass(frozen=True)
class OnnxFacts:
    """What can be said of a model without running it.

    :param opsets: version of each operator set it uses, by domain; ``''`` is ONNX's own.
    """

    opsets: Mapping[str, int]


def check_onnx(content: bytes, name: str) -> OnnxFacts:
    """Refuse what is no ONNX model, and a model that is not complete in itself.

    :param content: the file's bytes.
    :param name: of the file, for the error.
    :raises BundleError: for external data anywhere (initializers, attributes, subgraphs, functions,
        sparse tensors), and for bytes that are no ONNX model or nest too deeply.
    """
    opsets: dict[str, int] = {}
    fields, graphs = 0, 0
    todo = [(0, len(content), 'ModelProto', 0)]
    if content[_OTHER_FORMAT_PLACE] == _OTHER_FORMAT:
        raise BundleError(f'{name}: in the format of ONNX Runtime; only ONNX is read')
    try:
        while todo:
            start, end, message, depth = todo.pop()
            if depth > MAX_DEPTH:
                raise _MalformedError(f'nests deeper than {MAX_DEPTH} levels')
            for number, kind, value, length in _fields(content, start, end):
                fields += 1
                if fields > MAX_FIELDS:
                    raise _MalformedError(f'more than {MAX_FIELDS} fields')
                if message == 'TensorProto':
                    if number == _TENSOR_EXTERNAL_DATA or (
                        number == _TENSOR_DATA_LOCATION and (kind != _VARINT or value)
                    ):
                        raise BundleError(
                            f'{name}: holds a tensor whose values lie in another file (ONNX '
                            'external data); a bundle is complete in itself: save the model in '
                            'one file'
                        )
                elif kind == _BYTES:
                    child = REACHES_TENSORS[message].get(number)
                    if child is not None:
                        todo.append((value, value + length, child, depth + 1))
                    if message == 'ModelProto':
                        graphs += number == _MODEL_GRAPH
                        if number == _MODEL_OPSETS:
                            opsets.update([_opset(content, value, value + length)])
    except _MalformedError as error:
        raise BundleError(f'{name}: not a readable ONNX model: {error}') from None
    if not graphs:
        raise BundleError(f'{name}: not a readable ONNX model: it holds no graph')
    return OnnxFacts(MappingProxyType(opsets))


def _opset(content: bytes, start: int, end: int) -> tuple[str, int]:
    domain, version = '', 0
    for number, kind, value, length in _fields(content, start, end):
        if number == _OPSET_DOMAIN and kind == _BYTES:
            domain = content[value : value + length].decode('utf-8', errors='replace')
        elif number == _OPSET_VERSION and kind == _VARINT:
            version = value
    return domain, version


def _fields(content: bytes, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """A message's fields: number, wire type, value (for bytes: where they begin), length."""
    position = start
    while position < end:
        tag, position = _varint(content, position, end)
        number, kind = tag >> 3, tag & 7
        # A parser may cut a longer tag to 32 bits, and would then see another field than this.
        if not number or tag >= 1 << 32:
            raise _MalformedError(f'a field of number {number}')
        length = 0
        if kind == _VARINT:
            value, position = _varint(content, position, end)
        elif kind == _BYTES:
            length, value = _varint(content, position, end)
            position = value + length
        elif kind in (_FIXED64, _FIXED32):
            value, position = 0, position + (8 if kind == _FIXED64 else 4)
        else:  # groups are long out of use, and ONNX never had any
            raise _MalformedError(f'wire type {kind}')
        if position > end:
            raise _MalformedError('it ends within a field')
        yield number, kind, value, length


def _varint(content: bytes, position: int, end: int) -> tuple[int, int]:
    """A number of variable length, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        if position >= end:
            raise _MalformedError('it ends within a number')
        byte = content[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise _MalformedError('a number of more than ten bytes')
