"""Tokens into posteriors: the bundle's learned fusion, or the mean where it has none.

Notation: ``n`` number of tokens, ``c`` number of labels, ``d`` length of an embedding.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_core.inference.bundle import Bundle
from omnibind_core.inference.classification import posterior
from omnibind_core.inference.fusion_session import FusionSession
from omnibind_core.inference.fusion_session import UNSEEN
from omnibind_core.inference.mean_fusion import mean_fusion
from omnibind_core.inference.recognition import Fused
from omnibind_core.inference.recognition import Token

_LEAST_LENGTH = 1e-12
_BATCH = 256  # sets of tokens that are fused in one run
_MOST_WARNED = 64  # modalities: a sender may name another with each vector


class Fuser:
    """How a bundle combines tokens. Thread-safe.

    :param bundle: for the temperatures, which calibrate the mean.
    :param session: the learned fusion; ``None``: the mean.
    :param warn: takes a sentence when a modality comes that the fusion was not trained with, once
        for each of the first 64.
    """

    def __init__(
        self, bundle: Bundle, session: FusionSession | None, warn: Callable[[str], None]
    ) -> None:
        self._bundle = bundle
        self._session = session
        self._warn = warn
        self._warned: set[str] = set()
        self._lock = Lock()
        #: ``learned`` or ``mean``, and why that one.
        self.kind = 'mean' if session is None else 'learned'
        self.reason = (
            'the bundle has no fusion model' if session is None else "the bundle's fusion model"
        )

    def __call__(self, tokens: Sequence[Token], labels: NDArray[np.float32]) -> Fused:
        """Combine at least one token.

        :param labels: ``[c, d]`` unit vectors.
        :raises InputError: for an informative vector that is not finite, and such an age.
        :raises BackendError: when the fusion model fails.
        """
        mask = np.array([token.informative for token in tokens])
        vectors = np.stack([_direction(token) for token in tokens])
        names = [token.modality for token in tokens]
        if self._session is None:
            output = mean_fusion(vectors, mask, labels)
            entries, calibration = (
                self._bundle.manifest.modalities,
                self._bundle.manifest.calibration,
            )
            own = [
                entries[name].temperature if name in entries else calibration.temperature
                for name in names
            ]
            scores = posterior(output.logits, calibration.temperature)
            sensor_scores = posterior(output.sensor_logits, own)
        else:
            index = self._session.indices(names)
            self._report(name for name, at in zip(names, index, strict=True) if at == UNSEEN)
            age = np.array([max(token.age, 0.0) for token in tokens], dtype=np.float32)
            output = self._session.run_one(vectors, index, mask, age, labels)
            scores, sensor_scores = posterior(output.logits), posterior(output.sensor_logits)
        return Fused(scores, sensor_scores, output.weights, _unit(output.fused))

    def many(self, sets: Sequence[Sequence[Token]], labels: NDArray[np.float32]) -> list[Fused]:
        """As calling it with each set, many in one run of the model: for recorded data.

        Sets of one size are run together, so that none is padded. Figures may differ from those of
        a single call in the last digits of a float32.

        :raises InputError: as a single call.
        :raises BackendError: as a single call.
        """
        session = self._session
        if session is None:
            return [self(tokens, labels) for tokens in sets]
        found: dict[int, Fused] = {}
        by_size: dict[int, list[int]] = {}
        for place, tokens in enumerate(sets):
            by_size.setdefault(len(tokens), []).append(place)
        for places in by_size.values():
            for start in range(0, len(places), _BATCH):
                some = places[start : start + _BATCH]
                fused = self._run(session, [sets[i] for i in some], labels)
                found.update(zip(some, fused, strict=True))
        return [found[place] for place in range(len(sets))]

    def _run(
        self, session: FusionSession, sets: Sequence[Sequence[Token]], labels: NDArray[np.float32]
    ) -> list[Fused]:
        """Sets of one size in one run."""
        names = [[token.modality for token in tokens] for tokens in sets]
        index = np.stack([session.indices(one) for one in names])
        self._report(
            name
            for one, places in zip(names, index, strict=True)
            for name, at in zip(one, places, strict=True)
            if at == UNSEEN
        )
        output = session.run(
            np.stack([[_direction(token) for token in tokens] for tokens in sets]),
            index,
            np.array([[token.informative for token in tokens] for tokens in sets]),
            np.array([[max(token.age, 0.0) for token in tokens] for tokens in sets], np.float32),
            labels,
        )
        scores, sensor_scores = posterior(output.logits), posterior(output.sensor_logits)
        return [
            Fused(scores[i], sensor_scores[i], output.weights[i], _unit(output.fused[i]))
            for i in range(len(sets))
        ]

    def _report(self, unseen: Iterable[str]) -> None:
        with self._lock:
            left = _MOST_WARNED - len(self._warned)
            new = sorted(set(unseen) - self._warned)[:left]
            self._warned.update(new)
        for name in new:
            self._warn(
                f'the fusion of {self._bundle.manifest.bundle_id} was not trained with {name!r}: '
                'it takes part with the weight of a sensor of which nothing is known'
            )


def _direction(token: Token) -> NDArray[np.float32]:
    """A token's vector at unit length; zeros where it has no direction or is not informative."""
    if not token.informative:
        return np.zeros(token.vector.shape, np.float32)
    if not np.isfinite(token.vector).all():
        raise InputError(f'vector of {token.sensor}', 'values that are not finite', 'finite values')
    if not np.isfinite(token.age):
        raise InputError(f'age of {token.sensor}', token.age, 'seconds')
    return _unit(token.vector)


def _unit(vector: NDArray[np.floating]) -> NDArray[np.float32]:
    """The vector at unit length; zeros where it has no direction."""
    exact = vector.astype(np.float64)
    length = max(float(np.linalg.norm(exact)), _LEAST_LENGTH)
    unit: NDArray[np.float32] = (exact / length).astype(np.float32)
    return unit
