"""One ONNX model on ONNX Runtime's CPU provider."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import BackendError


class OnnxSession:
    """A model with one input and one output: ``[b, ...] -> [b, d]``, float32.

    Running is thread-safe (ONNX Runtime's ``Run`` is). One thread and no spinning by default: with
    one model per sensor, spinning threads of several sessions cost each other more than they gain.

    :param model: the ONNX file's bytes, already verified.
    :param name: for error messages.
    :param threads: intra-op threads.
    :raises BackendError: when ONNX Runtime refuses the model, or its signature is another.
    """

    def __init__(self, model: bytes, *, name: str, threads: int = 1) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry('session.intra_op.allow_spinning', '0')
        options.log_severity_level = 3
        self._name = name
        try:
            self._session = onnxruntime.InferenceSession(
                model, options, providers=['CPUExecutionProvider']
            )
        except Exception as error:
            # ONNX Runtime raises classes of its own C++ module that share no public base.
            raise BackendError(f'{name}: ONNX Runtime refuses the model: {error}') from error
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if len(inputs) != 1 or len(outputs) != 1:
            raise BackendError(
                f'{name}: {len(inputs)} inputs and {len(outputs)} outputs; '
                'an encoder has one of each'
            )
        self._input: str = inputs[0].name
        #: ``[b, ...]`` as the model declares it, without b; -1 where any size is taken.
        self.input_shape: tuple[int, ...] = tuple(
            size if isinstance(size, int) else -1 for size in inputs[0].shape[1:]
        )

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run the model: ``[b, ...] -> [b, d]``.

        :raises BackendError: when it fails.
        """
        try:
            (output,) = self._session.run(None, {self._input: batch})
        except Exception as error:
            raise BackendError(f'{self._name}: the model failed: {error}') from error
        return np.asarray(output, dtype=np.float32)
