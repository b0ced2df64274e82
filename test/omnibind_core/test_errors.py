"""What errors say."""

from __future__ import annotations

from omnibind_core.errors import InputError


def test_a_value_of_any_length_makes_a_sentence() -> None:
    """A publisher may send a text of megabytes, and what is refused goes to the log every time."""
    error = InputError('encoding', repr('x' * 10_000_000), 'rgb8')
    text = str(error)
    assert text.startswith("encoding: got 'xxx")
    assert text.endswith(' ... (10000002 characters); allowed: rgb8')
    assert len(text) < 400
    assert str(InputError('width', 3, '4')) == 'width: got 3; allowed: 4'
