"""The seal within a file."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st
import pytest

from omnibind_core.inference.manifest_seal import BLANK
from omnibind_core.inference.manifest_seal import is_sealed
from omnibind_core.inference.manifest_seal import seal


def test_it_is_the_documented_hash() -> None:
    digest = hashlib.sha256(f'a {BLANK} b'.encode()).hexdigest()
    assert seal(f'a {BLANK} b') == f'a {digest} b'.encode()
    assert is_sealed(f'a {digest} b'.encode(), digest)


@given(
    before=st.text(st.characters(exclude_characters='0', codec='utf-8'), max_size=20),
    after=st.text(st.characters(exclude_characters='0', codec='utf-8'), max_size=20),
    data=st.data(),
)
def test_any_changed_byte_breaks_it(before: str, after: str, data: st.DataObject) -> None:
    """Blanks, and the seal itself, included."""
    content = seal(f'{before}{BLANK}{after}')
    start = len(before.encode())
    assert is_sealed(content, content[start : start + 64].decode())
    damaged = bytearray(content)
    damaged[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    found = bytes(damaged[start : start + 64]).decode('latin-1')
    assert not is_sealed(bytes(damaged), found)


@pytest.mark.parametrize('digest', ['', 'a', 'f' * 64, '\u0661' * 64, BLANK[:-1]])
def test_what_is_no_digest_of_it_does_not_seal_it(digest: str) -> None:
    assert not is_sealed(seal(f'x{BLANK}'), digest)
