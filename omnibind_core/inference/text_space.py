"""What identifies an embedding space: where it puts texts."""

from __future__ import annotations

import hashlib
import json

from omnibind_core.errors import InputError
from omnibind_core.inference.text_encoder import TextEncoder


def text_space(teacher: str, encoder: TextEncoder) -> str:
    """The identifier of the space that a text encoder with its projection embeds into.

    How pictures get there is no part of it: what must agree between encoders and labels is where
    the texts are.

    :param teacher: kind of teacher, ``conse``; the identifier begins with it.
    :raises InputError: for an encoder without a projection.
    """
    if encoder.projection is None:
        raise InputError('projection', None, 'the projection of the space')
    content = [teacher, encoder.digest, encoder.dimension, encoder.projection.digest]
    return f'{teacher}-{hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]}'
