"""What an ONNX file holds, against the onnx package, which the robot does not have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import onnx
from onnx_models import adding_model
from onnx_models import is_external
from onnx_models import models
from onnx_models import tensor
import onnxruntime
import pytest

from omnibind_core.errors import BackendError
from omnibind_core.errors import BundleError
from omnibind_core.inference import onnx_file
from omnibind_core.inference.onnx_file import check_onnx
from omnibind_core.inference.onnx_file import REACHES_TENSORS
from omnibind_core.inference.onnx_runtime import OnnxModel


def test_the_fields_are_those_of_the_format() -> None:
    """Every field of every message from which a tensor can be reached, and no other."""
    messages: dict[str, Any] = {}

    def collect(descriptor: Any) -> None:
        if descriptor.full_name not in messages:
            messages[descriptor.full_name] = descriptor
            for field in descriptor.fields:
                if field.message_type is not None:
                    collect(field.message_type)

    collect(onnx.ModelProto.DESCRIPTOR)
    reaching = {'onnx.TensorProto'}
    while True:
        more = {
            name
            for name, descriptor in messages.items()
            if any(
                f.message_type and f.message_type.full_name in reaching for f in descriptor.fields
            )
        }
        if more <= reaching:
            break
        reaching |= more
    expected = {
        messages[name].name: {
            field.number: field.message_type.name
            for field in messages[name].fields
            if field.message_type is not None and field.message_type.full_name in reaching
        }
        for name in reaching
    }
    assert {name: dict(fields) for name, fields in REACHES_TENSORS.items()} == expected


def test_a_complete_model_is_accepted_with_its_opsets() -> None:
    assert dict(check_onnx(adding_model(), 'a.onnx').opsets) == {'': 17}


@pytest.mark.parametrize('location', ['weights.bin', '/etc/hostname', '../weights.bin', ''])
def test_external_data_is_refused_by_the_files_name(location: str) -> None:
    with pytest.raises(BundleError, match=r'a\.onnx: .*external data'):
        check_onnx(adding_model(external=True, location=location), 'a.onnx')


def test_the_runtime_alone_would_read_files_beside_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why this check is needed: even from bytes, ONNX Runtime follows the path."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'weights.bin').write_bytes(b'\0\0\x80\x3f' * 4)
    model = adding_model(external=True)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model, options, providers=['CPUExecutionProvider'])
    (found,) = session.run(None, {'input': np.zeros((1, 4), np.float32)})
    np.testing.assert_array_equal(found, np.ones((1, 4)))
    with pytest.raises(BundleError, match='external data'):
        OnnxModel(model, name='a.onnx')


@given(models())
def test_external_data_is_found_wherever_the_package_finds_it(model: onnx.ModelProto) -> None:
    content = model.SerializeToString()
    if is_external(model):
        with pytest.raises(BundleError, match='external data'):
            check_onnx(content, 'a.onnx')
    else:
        facts = check_onnx(content, 'a.onnx')
        assert facts.opsets == {item.domain: item.version for item in model.opset_import}


def refuses_whatever_is_external(content: bytes) -> None:
    """Whatever a parser would find external in these bytes is refused, and only by BundleError."""
    try:
        check_onnx(content, 'a.onnx')
    except BundleError as error:
        assert str(error).startswith('a.onnx: ')
        return
    try:
        parsed = onnx.ModelProto.FromString(content)
    except DecodeError:
        return  # the runtime refuses it as well
    assert not is_external(parsed)


@pytest.mark.malformed
@given(models(), st.data())
def test_damaged_models_hide_nothing(model: onnx.ModelProto, data: st.DataObject) -> None:
    content = bytearray(model.SerializeToString())
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(content)))
        kind = data.draw(st.integers(0, 2))
        piece = data.draw(st.binary(min_size=1, max_size=3))
        if kind == 0:
            content[position : position + len(piece)] = piece
        elif kind == 1:
            content[position:position] = piece
        else:
            del content[position : position + len(piece)]
    refuses_whatever_is_external(bytes(content))


@pytest.mark.malformed
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    refuses_whatever_is_external(content)
    refuses_whatever_is_external(adding_model() + content)


def field(number: int, content: bytes) -> bytes:
    """A field of bytes, as it stands in a file."""
    length = [len(content) & 0x7F | 0x80, len(content) >> 7]
    return bytes([number << 3 | 2, *length]) + content


@pytest.mark.parametrize(
    'location',
    [
        b'\x70\x01',
        b'\x70\x00\x70\x01',  # the last one counts
        b'\x70\x01\x70\x00',
        b'\x70\x81\x80\x00',  # 1 in three bytes
        b'\x70\x81\x80\x80\x80\x10',  # 1 + 2^32, which a parser may cut to 1
        b'\xf0\x80\x80\x80\x00\x01',  # the field's number in five bytes
        b'\xf0\x80\x80\x80\x10\x01',  # and with a bit that a parser may cut off
        b'\x70\x02',
    ],
)
def test_one_value_written_in_many_ways(location: bytes) -> None:
    """A tensor's location, field 14, as only a file made on purpose has it."""
    content = field(7, field(5, location))
    refuses_whatever_is_external(content)
    if b'\x01' in location[1:]:
        with pytest.raises(BundleError):
            check_onnx(content, 'a.onnx')


def test_a_message_in_two_parts_is_put_together_by_a_parser() -> None:
    """A singular field that stands twice is merged; so each of its parts is looked at."""
    graph = adding_model()
    part = field(7, field(5, b'\x70\x01'))
    assert is_external(onnx.ModelProto.FromString(graph + part))
    with pytest.raises(BundleError, match='external data'):
        check_onnx(graph + part, 'a.onnx')


def test_nesting_is_bounded() -> None:
    """A subgraph in a subgraph, and so on."""

    def nested(levels: int) -> bytes:
        content = b''
        for _ in range(levels):
            content = field(1, field(5, field(6, content)))
        return field(7, content)

    assert check_onnx(nested(33), 'a.onnx').opsets == {}
    with pytest.raises(BundleError, match='nests deeper'):
        check_onnx(nested(34), 'a.onnx')


def test_the_number_of_fields_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_file, 'MAX_FIELDS', 10)
    with pytest.raises(BundleError, match='more than 10 fields'):
        check_onnx(adding_model(), 'a.onnx')


@pytest.mark.parametrize(
    ('content', 'reason'),
    [
        (b'', 'no graph'),
        (b'\x08\x08', 'no graph'),
        (b'not a model', 'wire type'),
        (adding_model()[:-1], 'ends within a field'),
        (adding_model() + b'\x08', 'ends within a number'),
        (adding_model() + b'\x08' + b'\xff' * 10 + b'\x01', 'more than ten bytes'),
        (adding_model() + b'\x00\x00', 'number 0'),
        (b'\x10\x00\x00\x00ORTM', 'only ONNX is read'),
    ],
)
def test_what_is_no_model_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(BundleError, match=rf'a\.onnx: .*{reason}'):
        check_onnx(content, 'a.onnx')


def test_a_refusal_of_the_runtime_names_the_file() -> None:
    """Well-formed, but no graph that can be run."""
    model = onnx.ModelProto.FromString(adding_model())
    model.graph.node[0].op_type = 'Nonsense'
    with pytest.raises(BackendError, match=r'a\.onnx: ONNX Runtime refuses'):
        OnnxModel(model.SerializeToString(), name='a.onnx')
    assert not is_external(model)
    assert tensor(external=False).raw_data
