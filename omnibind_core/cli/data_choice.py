"""What the `omnibind data` commands share: checking the split and the fold that were asked for."""

from __future__ import annotations

from omnibind_core.data.manifest import Manifest
from omnibind_core.data.record import FOLDS
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem


def check_split(manifest: Manifest, split: int, fold: str = '') -> None:
    """Refuse a split that the data set does not have, and an unknown fold.

    :raises ConfigError: with what may be asked for.
    """
    problems = []
    if not 0 <= split < manifest.splits:
        problems.append(Problem('split', str(split), f'0 to {manifest.splits - 1}'))
    if fold and fold not in FOLDS:
        problems.append(Problem('fold', repr(fold), ', '.join(FOLDS)))
    if problems:
        raise ConfigError('arguments', problems)
