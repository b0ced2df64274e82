"""The learned fusion on ONNX Runtime. It is small, and always runs on the CPU.

Notation: ``b`` batch, ``n`` number of tokens, ``c`` number of labels, ``d`` length of an embedding.

The model's contract: ``tokens [b, n, d], modality [b, n], mask [b, n], age [b, n], labels [c, d] ->
logits [b, c], weights [b, n], sensor_logits [b, n, c], fused [b, d]`` for any b, n and c.
``softmax(logits)`` and ``softmax(sensor_logits)`` are calibrated posteriors at temperature 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import BackendError
from omnibind_core.errors import InputError
from omnibind_core.inference.mean_fusion import FusionOutput
from omnibind_core.inference.onnx_runtime import OnnxModel
from omnibind_core.inference.onnx_runtime import Port

#: Stands for a modality that the fusion was not trained with.
UNSEEN = -1
# name -> element type and axes
INPUTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        'tokens': ('tensor(float)', 'bnd'),
        'modality': ('tensor(int64)', 'bn'),
        'mask': ('tensor(bool)', 'bn'),
        'age': ('tensor(float)', 'bn'),
        'labels': ('tensor(float)', 'cd'),
    }
)
OUTPUTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        'logits': ('tensor(float)', 'bc'),
        'weights': ('tensor(float)', 'bn'),
        'sensor_logits': ('tensor(float)', 'bnc'),
        'fused': ('tensor(float)', 'bd'),
    }
)
_DTYPES = {'tensor(float)': 'float32', 'tensor(int64)': 'int64', 'tensor(bool)': 'bool'}


class FusionSession:
    """A fusion model that was checked against the contract. Thread-safe.

    :param model: the ONNX file's bytes, already verified.
    :param name: of the file, for error messages.
    :param modalities: what it was trained with, in the order of its indices.
    :param dimension: d.
    :raises BundleError: when the bytes are no ONNX model complete in itself.
    :raises BackendError: when ONNX Runtime refuses the model, or its signature is another.
    """

    def __init__(
        self, model: bytes, *, name: str, modalities: Sequence[str], dimension: int
    ) -> None:
        self._model = OnnxModel(model, name=name)
        self.modalities = tuple(modalities)
        self.dimension = dimension
        _check_ports(name, 'inputs', self._model.inputs, INPUTS, dimension)
        _check_ports(name, 'outputs', self._model.outputs, OUTPUTS, dimension)

    def indices(self, modalities: Sequence[str]) -> NDArray[np.int64]:
        """The model's index of each modality; :data:`UNSEEN` for one it was not trained with."""
        known = {name: index for index, name in enumerate(self.modalities)}
        return np.array([known.get(name, UNSEEN) for name in modalities], dtype=np.int64)

    def run(
        self,
        tokens: NDArray[np.float32],
        modality: NDArray[np.int64],
        mask: NDArray[np.bool_],
        age: NDArray[np.float32],
        labels: NDArray[np.float32],
    ) -> FusionOutput:
        """Fuse a batch of sets of tokens.

        What stands in masked slots, NaN too, is never given to the model.

        :param tokens: ``[b, n, d]`` unit vectors.
        :param modality: ``[b, n]`` as :meth:`indices` gives them.
        :param mask: ``[b, n]``, true where a token takes part.
        :param age: ``[b, n]``, seconds before the newest token of the set.
        :param labels: ``[c, d]`` unit vectors.
        :return: with a leading axis b.
        :raises InputError: for arrays of another shape or type, unmasked values that are not
            finite, a negative age, and an index the model does not have.
        :raises BackendError: when the model fails or breaks its contract.
        """
        given: dict[str, NDArray[Any]] = {
            'tokens': tokens,
            'modality': modality,
            'mask': mask,
            'age': age,
            'labels': labels,
        }
        sizes = self._sizes(given)
        given['tokens'] = np.where(mask[..., None], tokens, np.float32(0.0))
        given['age'] = np.where(mask, age, np.float32(0.0))
        given['modality'] = np.where(mask, modality, np.int64(UNSEEN))
        for key in ('tokens', 'age', 'labels'):
            if not np.isfinite(given[key]).all():
                raise InputError(key, 'a value that is not finite', 'finite values')
        if (given['age'] < 0).any():
            raise InputError('age', float(given['age'].min()), 'seconds >= 0')
        last = len(self.modalities) - 1
        if given['modality'].min() < UNSEEN or given['modality'].max() > last:
            raise InputError('modality', given['modality'].tolist(), f'-1 (unseen) to {last}')
        return self.run_as_given(given, sizes)

    def run_as_given(
        self, given: Mapping[str, NDArray[Any]], sizes: Mapping[str, int] | None = None
    ) -> FusionOutput:
        """As :meth:`run`, masked slots and all: to see whether the model itself keeps its contract.

        :param given: its inputs by name.
        :param sizes: of b, n, c and d; ``None``: those of the inputs.
        :raises InputError: for arrays of another shape or type.
        :raises BackendError: when the model fails or breaks its contract.
        """
        sizes = self._sizes(given) if sizes is None else sizes
        outputs = self._model.run(given)
        for key, (_, axes) in OUTPUTS.items():
            expected = tuple(sizes[axis] for axis in axes)
            if outputs[key].shape != expected:
                shape = list(outputs[key].shape)
                raise BackendError(
                    f'{self._model.name}: {key} has shape {shape}, not {list(expected)}'
                )
            if not np.isfinite(outputs[key]).all():
                raise BackendError(f'{self._model.name}: {key} holds values that are not finite')
        return FusionOutput(**{key: outputs[key] for key in OUTPUTS})

    def run_one(
        self,
        tokens: NDArray[np.float32],
        modality: NDArray[np.int64],
        mask: NDArray[np.bool_],
        age: NDArray[np.float32],
        labels: NDArray[np.float32],
    ) -> FusionOutput:
        """As :meth:`run` for one set of tokens, everything without the axis b."""
        batch = self.run(tokens[None], modality[None], mask[None], age[None], labels)
        return FusionOutput(
            logits=batch.logits[0],
            weights=batch.weights[0],
            sensor_logits=batch.sensor_logits[0],
            fused=batch.fused[0],
        )

    def _sizes(self, given: Mapping[str, NDArray[Any]]) -> dict[str, int]:
        """The sizes of b, n, c and d that the arrays agree on.

        :raises InputError: when they do not, or one is of another type or empty.
        """
        sizes = {'d': self.dimension}
        for key, (kind, axes) in INPUTS.items():
            array, dtype = given[key], _DTYPES[kind]
            fits = array.ndim == len(axes) and all(
                sizes.setdefault(axis, size) == size
                for axis, size in zip(axes, array.shape, strict=True)
            )
            if not fits or array.dtype != dtype:
                allowed = f'{dtype} [{", ".join(str(sizes.get(axis, axis)) for axis in axes)}]'
                raise InputError(key, f'{array.dtype} {list(array.shape)}', allowed)
            if 0 in array.shape:
                raise InputError(key, list(array.shape), 'at least one of each')
        return sizes


def _check_ports(
    name: str,
    what: str,
    found: Mapping[str, Port],
    expected: Mapping[str, tuple[str, str]],
    dimension: int,
) -> None:
    if set(found) != set(expected):
        raise BackendError(
            f'{name}: {what} {", ".join(sorted(found))}; a fusion model has {", ".join(expected)}'
        )
    for key, (kind, axes) in expected.items():
        port = found[key]
        # b, n and c must be free; d may be declared
        fits = len(port.shape) == len(axes) and all(
            size == -1 or (axis == 'd' and size == dimension) or what == 'outputs'
            for axis, size in zip(axes, port.shape, strict=True)
        )
        if port.kind != kind or not fits:
            shape = ', '.join(str(dimension) if axis == 'd' else axis for axis in axes)
            raise BackendError(
                f'{name}: {key} is {port.kind} {list(port.shape)}; '
                f'a fusion model of this bundle has {kind} [{shape}]'
            )
