"""Captions without the noun of their class."""

from __future__ import annotations

import pytest

from omnibind_core.training.captions import class_nouns
from omnibind_core.training.captions import without_nouns

DEFINITIONS = {
    'cup': 'a cup, mug or drinking glass',
    'shelf': 'a bookcase or open shelves',
    'armchair': 'a low seat for one',
}
NOUNS = class_nouns(['cup', 'shelf', 'armchair', 'chair', 'table_lamp', 'box'], DEFINITIONS)


def test_words_of_a_class() -> None:
    """Its own, those of its definition, and the main word of every class; in the singular."""
    main = {'cup', 'shelf', 'armchair', 'chair', 'lamp', 'box'}
    assert NOUNS['cup'] == main | {'mug', 'drinking', 'glass'}
    assert NOUNS['table_lamp'] == main | {'table'}
    assert NOUNS['chair'] == main
    assert class_nouns(['potted_plant', 'car'])['car'] == {'plant', 'car'}


@pytest.mark.parametrize(
    ('label', 'text', 'wanted'),
    [
        ('chair', 'a photo of an office chair', 'a photo of an office thing'),
        ('armchair', 'a club chair, about 90 cm high', 'a club thing, about 90 cm high'),
        ('chair', 'there is a large chair with armrests', 'there is a large thing with armrests'),
        ('cup', 'This is a coffee mug.', 'This is a coffee thing.'),
        ('cup', 'a cup cake', 'a cake'),
        ('cup', 'a glass elephant', 'an elephant'),
        ('cup', 'An orange Drinking Glass', 'An orange thing'),
        ('table_lamp', 'table lamp made of brass', 'thing made of brass'),
        ('shelf', 'two wooden shelves', 'two wooden thing'),
        ('box', 'old tool-box, green', 'old thing, green'),
        ('cup', 'a sofa for 2', 'a sofa for 2'),
        ('chair', 'chair 2 seats', 'thing 2 seats'),
    ],
)
def test_without_the_noun(label: str, text: str, wanted: str) -> None:
    """Articles and punctuation stay right."""
    assert without_nouns(text, NOUNS[label]) == wanted


@pytest.mark.parametrize(
    ('label', 'text'),
    [
        ('chair', 'a photo of a chair'),
        ('chair', 'there is a chair'),
        ('table_lamp', 'This is a table lamp!'),
        ('cup', 'mug'),
        ('cup', '  '),
        ('cup', ''),
    ],
)
def test_nothing_is_left(label: str, text: str) -> None:
    """Where the noun was all that was said."""
    assert without_nouns(text, NOUNS[label]) == ''
