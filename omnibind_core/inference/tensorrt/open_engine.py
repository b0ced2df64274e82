"""An encoder's engine: from the cache or built, loaded, compared with ONNX Runtime, and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import logging
import time

import numpy as np

from omnibind_core.inference.onnx_session import OnnxSession
from omnibind_core.inference.tensorrt.build import build_plan
from omnibind_core.inference.tensorrt.build import Built
from omnibind_core.inference.tensorrt.engine_cache import EngineCache
from omnibind_core.inference.tensorrt.engine_key import engine_key
from omnibind_core.inference.tensorrt.engine_key import timings_key
from omnibind_core.inference.tensorrt.errors import EngineBuildError
from omnibind_core.inference.tensorrt.errors import EngineCacheError
from omnibind_core.inference.tensorrt.errors import EngineLoadError
from omnibind_core.inference.tensorrt.half_precision import half_model
from omnibind_core.inference.tensorrt.heartbeat import heartbeat
from omnibind_core.inference.tensorrt.profile import Profile
from omnibind_core.inference.tensorrt.session import TensorRtSession
from omnibind_core.inference.tensorrt.settings import TensorRtSettings
from omnibind_core.inference.tensorrt.toolkit import Toolkit

# Least cosine between what the engine and ONNX Runtime make of the same input.
AGREEMENT = {'fp32': 0.999, 'fp16': 0.99}
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Opened:
    """An encoder on the GPU.

    :param session: what runs it.
    :param built: whether its engine was built just now, not taken from the cache.
    :param note: what went wrong without keeping it from running; empty: nothing.
    """

    session: TensorRtSession
    built: bool
    note: str = ''


def open_engine(
    toolkit: Toolkit,
    cache: EngineCache,
    model: bytes,
    reference: OnnxSession,
    settings: TensorRtSettings,
    *,
    name: str,
    say: Callable[[str], None] = _LOG.info,
) -> Opened:
    """Load an encoder's engine; build it where the cache has none that can be used.

    An engine of the cache that TensorRT does not take is removed and built again, once. A new one
    is kept only after its embeddings of a few arrays agreed with ONNX Runtime's.

    :param model: the bundle's ONNX file, verified.
    :param reference: the same model on ONNX Runtime.
    :param name: of the file, for errors.
    :param say: takes a sentence every few seconds while something takes long.
    :raises UnavailableError: when what makes fp16 of fp32 is not installed.
    :raises TensorRtError: when there is no engine of this model that can be used.
    """
    if min(reference.input_shape) < 1:
        raise EngineBuildError(
            f'{name}: takes {list(reference.input_shape)}; only the batch may be of any size'
        )
    profile = Profile(reference.input_name, reference.input_shape, settings.max_batch)
    opener = _Opener(toolkit, cache, model, reference, settings, profile, name, say)
    session = opener.cached()
    return Opened(session, built=False) if session is not None else opener.build()


class _Opener:
    """One encoder's way to its engine."""

    def __init__(
        self,
        toolkit: Toolkit,
        cache: EngineCache,
        model: bytes,
        reference: OnnxSession,
        settings: TensorRtSettings,
        profile: Profile,
        name: str,
        say: Callable[[str], None],
    ) -> None:
        self._toolkit, self._cache, self._model = toolkit, cache, model
        self._reference, self._settings, self._profile = reference, settings, profile
        self._name, self._say = name, say
        self._key = engine_key(toolkit, model, profile, settings)
        self._output_size = reference.output_size
        if self._output_size < 0:  # the model does not declare it; it shows
            array = np.zeros((1, *profile.shape), dtype=np.float32)
            self._output_size = reference.run(array).shape[1]

    def cached(self) -> TensorRtSession | None:
        """From the cache; what cannot be used is removed."""
        plan = self._cache.load(self._key)
        if plan is None:
            return None
        try:
            return self._session(plan)
        except EngineLoadError as error:
            _LOG.warning('%s; it is removed from the cache and built again', str(error))
            self._cache.remove(self._key)
            return None

    def build(self) -> Opened:
        """Build, compare, keep; or take what another process has built meanwhile."""
        with self._cache.building(self._say):
            session = self.cached()
            if session is not None:
                return Opened(session, built=False)
            started = time.monotonic()
            built = self._build()
            seconds = time.monotonic() - started
            session = self._session(built.plan)
            try:
                self._compare(session)
            except BaseException:
                session.close()
                raise
            return Opened(session, built=True, note=self._keep(built, seconds))

    def _session(self, plan: bytes) -> TensorRtSession:
        return TensorRtSession(
            self._toolkit,
            plan,
            self._profile,
            output_size=self._output_size,
            name=self._name,
            cuda_graph=self._settings.cuda_graph,
        )

    def _build(self) -> Built:
        settings, toolkit = self._settings, self._toolkit
        model = self._model
        if settings.precision == 'fp16':
            model = half_model(model, name=self._name)
        text = f'{self._name}: building the {settings.precision} engine for {toolkit.device}'
        # TensorRT-RTX builds for a list of GPUs that it has by default; the one that is here is
        # what is wanted.
        wanted = [toolkit.device.capability] if toolkit.product == 'tensorrt_rtx' else []
        with heartbeat(text, self._say):
            return build_plan(
                toolkit.trt,
                toolkit.log,
                model,
                self._profile,
                name=self._name,
                workspace_mb=settings.workspace_mb,
                timings=self._cache.load(timings_key(toolkit)) or b'',
                capabilities=wanted,
            )

    def _compare(self, session: TensorRtSession) -> None:
        """Whether the engine computes what the model does: one batch, and a single array."""
        shape = (min(3, self._profile.most), *self._profile.shape)
        batch = np.random.default_rng(0).normal(size=shape).astype(np.float32)
        for given in (batch, batch[:1]):
            found, expected = session.run(given), self._reference.run(given)
            cosine = _least_cosine(found, expected)
            least = AGREEMENT[self._settings.precision]
            if not cosine >= least:  # NaN too
                raise EngineLoadError(
                    f'{self._name}: the engine just built does not compute what the model does: '
                    f'cosine {cosine:.4f} to ONNX Runtime, at least {least} is wanted'
                )

    def _keep(self, built: Built, seconds: float) -> str:
        """Store engine and timings; that a disk is full keeps nobody from using the engine."""
        try:
            self._cache.store(self._key, built.plan, name=self._name, seconds=seconds)
            if built.timings:
                key = timings_key(self._toolkit)
                self._cache.store(key, built.timings, name='timing cache', seconds=0.0)
        except EngineCacheError as error:
            _LOG.warning('the engine will be built again at the next start: %s', str(error))
            return f'the engine could not be kept: {error}'
        return ''


def _least_cosine(found: np.ndarray, expected: np.ndarray) -> float:
    left, right = found.astype(np.float64), expected.astype(np.float64)
    product = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    if not (product > 0).all():
        return float('nan')
    return float(((left * right).sum(axis=1) / product).min())
