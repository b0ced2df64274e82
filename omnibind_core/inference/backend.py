"""Which back end runs the encoders, and why that one. The fusion is always ONNX Runtime's."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
import logging

from omnibind_core.configuration.parameters import BACKENDS
from omnibind_core.errors import BackendError
from omnibind_core.errors import UnavailableError
from omnibind_core.inference.bundle import Bundle
from omnibind_core.inference.bundle_models import open_encoder
from omnibind_core.inference.encoder_session import EncoderSession
from omnibind_core.inference.tensorrt.engine_cache import EngineCache
from omnibind_core.inference.tensorrt.errors import TensorRtError
from omnibind_core.inference.tensorrt.open_engine import open_engine
from omnibind_core.inference.tensorrt.settings import TensorRtSettings
from omnibind_core.inference.tensorrt.toolkit import installed_toolkit
from omnibind_core.inference.tensorrt.toolkit import Toolkit

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class OpenedEncoders:
    """The encoders of a bundle, opened.

    :param sessions: by modality.
    :param backend: ``tensorrt`` when it runs at least one of them, else ``onnxruntime``.
    :param reason: why that one, and what did not go as wanted.
    :param problems: what did not go as wanted although TensorRT and a GPU are there.
    """

    sessions: dict[str, EncoderSession]
    backend: str
    reason: str
    problems: tuple[str, ...] = ()


def open_encoders(
    bundle: Bundle,
    modalities: Iterable[str],
    *,
    backend: str = 'auto',
    threads: int = 1,
    settings: TensorRtSettings | None = None,
    toolkit: Callable[[], Toolkit] = installed_toolkit,
) -> OpenedEncoders:
    """Open encoders with the wanted back end.

    ``auto`` takes TensorRT where it can be imported and a GPU answers; an encoder that it cannot
    run is run by ONNX Runtime, and the reason says so. ``tensorrt`` raises instead.

    :param threads: intra-op threads of ONNX Runtime.
    :param settings: TensorRT's.
    :param toolkit: finds TensorRT and the GPU.
    :raises BundleError: when a file is missing or altered.
    :raises BackendError: for another name; when a model cannot be loaded; when TensorRT was asked
        for and cannot be had.
    """
    if backend not in BACKENDS:
        raise BackendError(f'no back end {backend!r}; there are {", ".join(sorted(BACKENDS))}')
    plain = {name: open_encoder(bundle, name, threads=threads) for name in modalities}
    if backend == 'onnxruntime':
        return OpenedEncoders({**plain}, 'onnxruntime', 'asked for')
    found = None
    try:
        found = toolkit()
        cache = EngineCache()
    except (UnavailableError, TensorRtError) as error:
        if backend == 'tensorrt':
            raise BackendError(f'backend tensorrt cannot be used: {error}') from error
        problems = (str(error),) if found is not None and plain else ()
        reason = f'TensorRT cannot be used: {error}'
        return OpenedEncoders({**plain}, 'onnxruntime', reason, problems)
    sessions: dict[str, EncoderSession] = {}
    notes = []
    for name, reference in plain.items():
        entry = bundle.manifest.modalities[name].model
        try:
            opened = open_engine(
                found,
                cache,
                bundle.read_bytes(entry),
                reference,
                settings or TensorRtSettings(),
                name=str(bundle.path(entry)),
                say=_LOG.warning,
            )
        except (UnavailableError, TensorRtError) as error:
            if backend == 'tensorrt':
                if isinstance(error, TensorRtError):
                    raise
                raise BackendError(f'backend tensorrt cannot be used: {error}') from error
            # As text: a record that is kept would keep the error's frames, and what is in them.
            _LOG.warning('%s: ONNX Runtime runs it: %s', name, str(error))
            notes.append(f'{name} runs on ONNX Runtime: {error}')
            sessions[name] = reference
            continue
        sessions[name] = opened.session
        if opened.note:
            notes.append(f'{name}: {opened.note}')
    on_gpu = any(sessions[name] is not reference for name, reference in plain.items())
    asked = 'asked for, ' if backend == 'tensorrt' else ''
    if on_gpu:
        return OpenedEncoders(
            sessions, 'tensorrt', '; '.join([f'{asked}{found}', *notes]), tuple(notes)
        )
    if not plain:  # a process that only fuses
        return OpenedEncoders({}, 'onnxruntime', 'no encoder is loaded')
    return OpenedEncoders(sessions, 'onnxruntime', '; '.join(notes), tuple(notes))
