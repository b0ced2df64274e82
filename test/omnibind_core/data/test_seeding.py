"""Seeds from names."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from omnibind_core.data.seeding import generator
from omnibind_core.data.seeding import seed_of

NAMES = st.lists(st.one_of(st.integers(-5, 5), st.text(alphabet='a:s', max_size=3)), max_size=3)


def test_a_known_seed() -> None:
    """As computed by hand: it must never change, or all data changes."""
    digest = hashlib.sha256(b'int:7\0str:mug').digest()[:16]
    assert seed_of(7, 'mug') == int.from_bytes(digest, 'big')
    assert generator(7, 'mug').integers(1000) == generator(7, 'mug').integers(1000)


@given(NAMES, NAMES)
def test_different_names_different_seeds(left: list[str | int], right: list[str | int]) -> None:
    """Also 1 and '1', and ('a', 'b') and ('ab',)."""
    assert (seed_of(*left) == seed_of(*right)) == (
        [(type(item), item) for item in left] == [(type(item), item) for item in right]
    )
