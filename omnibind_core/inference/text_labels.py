"""Labels as vectors: the mean over the sentences that describe each of them."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_core.inference.projection import unit
from omnibind_core.modalities.text import prompts
from omnibind_core.modalities.text import TextSpecification

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts to unit vectors ``[n, d]``: a text encoder, or a teacher's ``embed_texts``."""


def class_name(class_id: str) -> str:
    """What people call a class: ``table_lamp`` to ``table lamp``."""
    return ' '.join(class_id.replace('_', ' ').split())


def label_sentences(
    class_id: str, templates: Sequence[str], definition: str = ''
) -> tuple[str, ...]:
    """The sentences that stand for a label: its prompts and, if it has one, its definition.

    :param class_id: as the data set has it.
    :param templates: sentences with ``{}``.
    :param definition: what is meant by it, ``a cup, mug or drinking glass``; ``''`` for none.
    :raises InputError: for a label, template or definition that cannot be used.
    """
    name = class_name(class_id)
    sentences = prompts(name, tuple(templates))
    if not definition:
        return sentences
    # Once as a sentence of its own, once with the name.
    return tuple(dict.fromkeys((*sentences, definition, f'{name}: {definition}')))


def label_vectors(
    encode: Encode,
    class_ids: Sequence[str],
    *,
    templates: Sequence[str] = TextSpecification().templates,
    definitions: Mapping[str, str] | None = None,
) -> NDArray[np.float32]:
    """A vector for each label: the mean over its sentences' vectors, of unit length.

    As CLIP does for its classes (Radford et al., 2021, section 3.1.4).

    :param encode: texts to unit vectors.
    :param class_ids: ``[c]``.
    :param definitions: by class; those without one have prompts alone.
    :returns: float32 ``[c, d]``.
    :raises InputError: as :func:`label_sentences`, and for two labels with the same vector.
    """
    known = definitions or {}
    of_label = [label_sentences(name, templates, known.get(name, '')) for name in class_ids]
    vectors = encode([sentence for sentences in of_label for sentence in sentences])
    ends = np.cumsum([len(sentences) for sentences in of_label])
    means = [part.astype(np.float64).mean(axis=0) for part in np.split(vectors, ends[:-1])]
    result = unit(np.stack(means))
    cosines = result @ result.T - 2.0 * np.eye(len(result), dtype=np.float32)
    if cosines.size and float(cosines.max()) > 1.0 - 1e-6:
        first, second = divmod(int(cosines.argmax()), len(result))
        given = f'{class_ids[first]!r} and {class_ids[second]!r}, which read alike'
        raise InputError('labels', given, 'labels with different words')
    return result
