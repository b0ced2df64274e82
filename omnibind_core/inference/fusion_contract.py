"""Whether a fusion model keeps what :mod:`~omnibind_core.inference.fusion_session` promises.

Notation: ``b`` batch, ``n`` number of tokens, ``c`` number of labels, ``d`` length of an embedding.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import BackendError
from omnibind_core.inference.fusion_session import FusionSession
from omnibind_core.inference.fusion_session import OUTPUTS
from omnibind_core.inference.fusion_session import UNSEEN

_TOLERANCE = 1e-4
Inputs = dict[str, NDArray[Any]]


def any_sizes(session: FusionSession) -> str:
    """It takes any batch, number of tokens and number of labels, down to one of each.

    :raises BackendError: when it does not; as do all of these.
    """
    for b, n, c in ((1, 1, 1), (2, 6, 5), (3, 9, 40)):
        session.run(**_inputs(session, b, n, c))
    return 'batch 1 to 3, 1 to 9 tokens, 1 to 40 labels'


def weights_are_shares(session: FusionSession) -> str:
    """Weights are at least 0, sum to 1, and are 0 where nothing takes part."""
    given = _inputs(session, 4, 5, 6)
    given['mask'][0] = False
    weights = session.run(**given).weights
    sums = weights.sum(axis=1)
    if (weights < 0).any() or not np.allclose(sums, [0, 1, 1, 1], atol=_TOLERANCE):
        raise BackendError(f'weights sum to {sums.round(4).tolist()}, not 0, 1, 1, 1')
    if weights[~given['mask']].any():
        raise BackendError('weights of masked tokens are not 0')
    return 'sum to 1; all 0 when nothing takes part'


def masked_changes_nothing(session: FusionSession) -> str:
    """What stands in masked slots, NaN too, changes no bit."""
    clean = _inputs(session, 3, 6, 5)
    absent = ~clean['mask']
    expected = session.run_as_given(clean)
    for filler in (np.nan, 1e30):
        dirty = {key: value.copy() for key, value in clean.items()}
        dirty['tokens'][absent] = filler
        dirty['age'][absent] = filler
        dirty['modality'][absent] = UNSEEN
        try:
            found = session.run_as_given(dirty)
        except BackendError as error:
            raise BackendError(f'{filler:g} in masked slots: {error}') from error
        for key in OUTPUTS:
            if getattr(found, key).tobytes() != getattr(expected, key).tobytes():
                raise BackendError(f'{filler:g} in masked slots changes the {key}')
    return 'bitwise'


def order_is_of_no_matter(session: FusionSession) -> str:
    """Tokens in another order give the same, and so does a list without the masked ones."""
    given = _inputs(session, 1, 6, 5)
    expected = session.run(**given)
    order = np.random.default_rng(1).permutation(6)
    found = session.run(**_tokens(given, order))
    kept = np.flatnonzero(given['mask'][0])
    short = session.run(**_tokens(given, kept))
    pairs = [
        ('another order', expected.logits, found.logits),
        ('another order', expected.weights[:, order], found.weights),
        ('a list without masked tokens', expected.logits, short.logits),
        ('a list without masked tokens', expected.weights[:, kept], short.weights),
    ]
    for what, first, second in pairs:
        if not np.allclose(first, second, rtol=_TOLERANCE, atol=_TOLERANCE):
            raise BackendError(f'{what} changes it by {np.abs(first - second).max():.2e}')
    return f'to {_TOLERANCE:g}'


def unseen_takes_part(session: FusionSession) -> str:
    """A modality that it was not trained with has a weight of its own."""
    given = _inputs(session, 1, 3, 5)
    given['mask'][:], given['modality'][:] = True, UNSEEN
    weights = session.run(**given).weights
    if not (weights > 0).all():
        raise BackendError(f'weights {weights.tolist()} for modalities it never saw')
    return 'weight above 0'


CHECKS: Mapping[str, Callable[[FusionSession], str]] = MappingProxyType(
    {
        'any number of tokens and labels': any_sizes,
        'weights are shares': weights_are_shares,
        'masked contents change nothing': masked_changes_nothing,
        'order and padding change nothing': order_is_of_no_matter,
        'an unseen modality takes part': unseen_takes_part,
    }
)
"""What is checked -> how; each returns what was found, or raises :class:`BackendError`."""


def _tokens(given: Inputs, chosen: NDArray[np.integer]) -> Inputs:
    """The same with some of the tokens, in some order."""
    return {key: value if key == 'labels' else value[:, chosen] for key, value in given.items()}


def _inputs(session: FusionSession, b: int, n: int, c: int) -> Inputs:
    """Random sets of tokens; the first token always takes part."""
    random = np.random.default_rng([b, n, c])
    labels = random.standard_normal((c, session.dimension))
    labels /= np.linalg.norm(labels, axis=1, keepdims=True)
    # Tokens near labels: far from all of them every gate may close.
    tokens = labels[random.integers(0, c, (b, n))] + 0.5 * _unit(random, b, n, session.dimension)
    tokens /= np.linalg.norm(tokens, axis=2, keepdims=True)
    mask = random.random((b, n)) < 0.6
    mask[:, 0] = True
    return {
        'tokens': tokens.astype(np.float32),
        'modality': random.integers(0, len(session.modalities), (b, n)),
        'mask': mask,
        'age': random.uniform(0.0, 0.5, (b, n)).astype(np.float32),
        'labels': labels.astype(np.float32),
    }


def _unit(random: np.random.Generator, *shape: int) -> NDArray[np.float64]:
    made = random.standard_normal(shape)
    unit: NDArray[np.float64] = made / np.linalg.norm(made, axis=-1, keepdims=True)
    return unit
