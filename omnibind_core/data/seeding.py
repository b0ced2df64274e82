"""Random generators that depend on what they are for, and on nothing else.

Each use names itself by words and numbers; the names' SHA-256 is the seed. What is drawn for one
thing then never depends on how many others came before it, on their order, or on how many
processes share the work.
"""

from __future__ import annotations

import hashlib

import numpy as np


def seed_of(*names: str | int) -> int:
    """A seed of 128 bits from names; different lists of names give different seeds."""
    text = '\0'.join(f'{type(name).__name__}:{name}' for name in names)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], 'big')


def generator(*names: str | int) -> np.random.Generator:
    """A random generator (PCG64) for what the names say."""
    return np.random.Generator(np.random.PCG64(seed_of(*names)))
