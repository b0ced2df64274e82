"""One encoder on ONNX Runtime's CPU provider."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import BackendError
from omnibind_core.inference.onnx_runtime import OnnxModel


class OnnxSession:
    """A model with one input and one output: ``[b, ...] -> [b, d]``, float32. Thread-safe.

    :param model: the ONNX file's bytes, already verified.
    :param name: for error messages.
    :param threads: intra-op threads.
    :raises BundleError: when the bytes are no ONNX model complete in itself.
    :raises BackendError: when ONNX Runtime refuses the model, or its signature is another.
    """

    def __init__(self, model: bytes, *, name: str, threads: int = 1) -> None:
        self._model = OnnxModel(model, name=name, threads=threads)
        inputs, outputs = self._model.inputs, self._model.outputs
        if len(inputs) != 1 or len(outputs) != 1:
            raise BackendError(
                f'{name}: {len(inputs)} inputs and {len(outputs)} outputs; '
                'an encoder has one of each'
            )
        (self._input, taken), (self._output, made) = *inputs.items(), *outputs.items()
        if taken.kind != 'tensor(float)' or made.kind != 'tensor(float)':
            raise BackendError(f'{name}: {taken.kind} -> {made.kind}; an encoder is float32')
        if len(taken.shape) < 2 or taken.shape[0] != -1 or len(made.shape) != 2:
            raise BackendError(
                f'{name}: {list(taken.shape)} -> {list(made.shape)}; '
                'an encoder is [b, ...] -> [b, d] for any b'
            )
        #: Name of the input.
        self.input_name: str = self._input
        #: ``[b, ...]`` as the model declares it, without b; -1 where any size is taken.
        self.input_shape: tuple[int, ...] = taken.shape[1:]
        #: ``d`` as the model declares it; -1 where it does not.
        self.output_size: int = made.shape[1]

    def check(self, shape: tuple[int, ...], dimension: int) -> None:
        """Whether it makes of the input meant for it an embedding of the space's length.

        :param shape: of one prepared input.
        :raises BackendError: naming the model.
        """
        if self.input_shape != tuple(shape):
            raise BackendError(
                f'{self._model.name}: takes {self.input_shape}, but its input specification makes '
                f'{tuple(shape)}'
            )
        if self.output_size not in (-1, dimension):
            raise BackendError(
                f'{self._model.name}: makes vectors of length {self.output_size}; '
                f'those of its space have {dimension}'
            )

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run the model: ``[b, ...] -> [b, d]``.

        :raises BackendError: when it fails.
        """
        return self._model.run({self._input: batch})[self._output]
