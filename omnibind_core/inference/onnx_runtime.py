"""How every model of a bundle is opened and run by ONNX Runtime: one place for the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import BackendError
from omnibind_core.inference.onnx_file import check_onnx


@dataclass(frozen=True)
class Port:
    """An input or output of a model.

    :param kind: element type as ONNX Runtime writes it, ``tensor(float)``.
    :param shape: with -1 where any size is taken.
    """

    kind: str
    shape: tuple[int, ...]


class OnnxModel:
    """A model on ONNX Runtime's CPU provider.

    Running is thread-safe (ONNX Runtime's ``Run`` is). One thread and no spinning by default: with
    one model per sensor, spinning threads of several sessions cost each other more than they gain.

    :param model: the ONNX file's bytes, already verified.
    :param name: of the file, for error messages.
    :param threads: intra-op threads.
    :raises BundleError: when the bytes are no ONNX model complete in itself.
    :raises BackendError: when ONNX Runtime refuses the model.
    """

    def __init__(self, model: bytes, *, name: str, threads: int = 1) -> None:
        import onnxruntime

        check_onnx(model, name)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry('session.intra_op.allow_spinning', '0')
        options.log_severity_level = 3
        self.name = name
        try:
            self._session = onnxruntime.InferenceSession(
                model, options, providers=['CPUExecutionProvider']
            )
        except Exception as error:
            # ONNX Runtime raises classes of its own C++ module that share no public base.
            raise BackendError(f'{name}: ONNX Runtime refuses the model: {error}') from error
        self.inputs: Mapping[str, Port] = _ports(self._session.get_inputs())
        self.outputs: Mapping[str, Port] = _ports(self._session.get_outputs())

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Run the model.

        :param inputs: every input by name.
        :return: every output by name.
        :raises BackendError: when it fails.
        """
        try:
            outputs = self._session.run(None, dict(inputs))
        except Exception as error:
            raise BackendError(f'{self.name}: the model failed: {error}') from error
        return {key: np.asarray(value) for key, value in zip(self.outputs, outputs, strict=True)}


def _ports(arguments: Any) -> dict[str, Port]:
    return {
        item.name: Port(
            item.type, tuple(size if isinstance(size, int) else -1 for size in item.shape)
        )
        for item in arguments
    }
