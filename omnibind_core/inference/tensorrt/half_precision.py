"""The fp16 variant of a model, made when it is wanted: a bundle holds fp32 only.

TensorRT's networks are strongly typed here: what is fp16 stands in the ONNX file. Converted is what
lies between the first and the last layer with weights to multiply by, which is where the time goes.
What prepares the input (logarithms, means) and what normalises the embedding (squares of values
that fp16 would round to zero) stays fp32, and so do input and output.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
import warnings

from omnibind_core.errors import UnavailableError
from omnibind_core.inference.tensorrt.errors import EngineBuildError

#: Changes when the same model would become another one; part of an engine's key.
RECIPE = 1
_HEAVY = frozenset({'Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'LSTM', 'GRU'})


def half_model(model: bytes, *, name: str) -> bytes:
    """A model with its middle in fp16.

    :param model: the ONNX file's bytes.
    :param name: of the file, for errors.
    :return: the bytes of an ONNX model with the same inputs and outputs.
    :raises UnavailableError: when onnx or onnxconverter-common is not installed.
    :raises EngineBuildError: when the model cannot be converted.
    """
    try:
        import onnx
        from onnxconverter_common import float16
    except ImportError as error:
        raise UnavailableError(
            f'precision fp16 needs onnx and onnxconverter-common ({error}); install them, or use '
            'fp32'
        ) from error
    try:
        parsed = onnx.load_from_string(model)
        for number, node in enumerate(parsed.graph.node):
            node.name = f'{number} {node.name}'  # the converter goes by name; two may be the same
        kept = _outside(parsed.graph.node)
        with warnings.catch_warnings():
            # One line for every weight too small for fp16; the result is compared as a whole.
            warnings.simplefilter('ignore', UserWarning)
            half = float16.convert_float_to_float16(
                parsed, keep_io_types=True, node_block_list=kept
            )
        _restore_outputs(half.graph)
        onnx.checker.check_model(half, full_check=True)
        content: bytes = half.SerializeToString()
    except Exception as error:
        # Converter, checker and protocol buffers raise classes without a common base.
        raise EngineBuildError(f'{name}: no fp16 variant can be made: {error}') from error
    return content


def _restore_outputs(graph: Any) -> None:
    """Make float32 of outputs again: of a node that it is told to leave, the converter casts them.

    :raises ValueError: when an output is fp16 and not by such a cast.
    """
    from onnx import TensorProto

    maker = {output: node for node in graph.node for output in node.output}
    for output in graph.output:
        if output.type.tensor_type.elem_type != TensorProto.FLOAT16:
            continue
        node = maker[output.name]
        if node.op_type != 'Cast':
            raise ValueError(f'output {output.name!r} became fp16')
        (target,) = node.attribute
        target.i = output.type.tensor_type.elem_type = TensorProto.FLOAT


def _outside(nodes: Iterable[Any]) -> list[str]:
    """Names of the nodes before the first heavy layer of their branch, and after the last."""
    ordered = list(nodes)  # ONNX wants them sorted topologically
    maker = {output: node for node in ordered for output in node.output}
    after: dict[str, bool] = {}
    before = {node.name: False for node in ordered}

    def makers(node: Any) -> list[Any]:
        return [maker[name] for name in node.input if name in maker]

    for node in ordered:
        after[node.name] = any(after[one.name] or one.op_type in _HEAVY for one in makers(node))
    for node in reversed(ordered):
        if before[node.name] or node.op_type in _HEAVY:
            for one in makers(node):
                before[one.name] = True
    return [
        node.name
        for node in ordered
        if node.op_type not in _HEAVY
        and node.op_type != 'Constant'
        and not (after[node.name] and before[node.name])
    ]
