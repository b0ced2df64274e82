"""A seal within a file: the SHA-256 of its bytes, with zeros where the SHA-256 stands."""

from __future__ import annotations

import hashlib

#: What stands in the seal's place before it is known.
BLANK = '0' * 64


def seal(text: str) -> bytes:
    """The bytes of a text that holds :data:`BLANK` once, with the seal in its place."""
    content = text.encode()
    return content.replace(BLANK.encode(), hashlib.sha256(content).hexdigest().encode(), 1)


def is_sealed(content: bytes, digest: str) -> bool:
    """Whether the bytes are exactly those that were sealed with this digest."""
    given = digest.encode()
    if len(given) != len(BLANK) or content.count(given) != 1:
        return False
    return hashlib.sha256(content.replace(given, BLANK.encode())).hexdigest() == digest
