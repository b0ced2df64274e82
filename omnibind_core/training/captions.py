"""Captions of instances without the noun of their class.

Where a text says what class a thing is of, all texts of a class are alike, and a matrix of
relations to texts has no more to say than the labels (its rank is at most their number). What is
left when the noun is taken out (``a large ceramic thing with armrests``) tells instances apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
import re

from omnibind_core.inference.text_labels import class_name
from omnibind_core.modalities.text import article

THING = 'thing'
"""What stands in the noun's place."""

_WORD = re.compile(r"\w+(?:['’-]\w+)*")
# Words without a meaning of their own, and those of the sentences that captions are put into.
_FRAME = frozenset(
    word
    for line in (
        'a an the this that these those there here is are was be it its one ones and or not but',
        'too also of for from to in into on onto at by with without as like more most mostly about',
        'made under over photo picture image drawing render 3d thing things something',
    )
    for word in line.split()
)


def class_nouns(
    class_ids: Sequence[str], definitions: Mapping[str, str] | None = None
) -> dict[str, frozenset[str]]:
    """The words that name each class, in the singular and lower case.

    A class's own words, the words of its definition (``a cup, mug or drinking glass``), and the
    main word of every class: a ``club chair`` is an armchair, and says so by ``chair``.

    :param class_ids: as the data set has them; the main word is the last (``table_lamp``).
    :param definitions: by class; may be missing for some or all.
    """
    known = definitions or {}
    main = {_singular(words[-1]) for name in class_ids if (words := _words(class_name(name)))}
    return {
        name: frozenset(
            main
            | {
                _singular(word)
                for word in _words(f'{class_name(name)} {known.get(name, "")}')
                if word not in _FRAME
            }
        )
        for name in class_ids
    }


def without_nouns(text: str, nouns: frozenset[str]) -> str:
    """A caption without the words that name its class.

    They go; where nothing follows that could be the noun instead, ``thing`` takes their place, and
    articles follow what comes after them: ``an office chair`` to ``an office thing``, ``a large
    wooden box with flowers`` to ``a large wooden thing with flowers``, ``a cup cake`` to
    ``a cake``.

    :param text: the caption.
    :param nouns: of its class, as :func:`class_nouns` gives them.
    :returns: ``''`` if nothing that describes is left.
    """
    pieces = re.split(r'(\s+)', text.strip())
    words = pieces[::2]
    kept: list[str] = []
    for number, word in enumerate(words):
        if not _names(word, nouns):
            kept.append(word)
            continue
        end = re.search(r'[^\w]*$', word)
        mark = end[0] if end else ''
        following = words[number + 1 : number + 2]
        if mark or not following or not _could_be_noun(following[0]):
            kept.append(THING + mark)
    if all(word in _FRAME for word in _words(' '.join(kept))):
        return ''
    for number, word in enumerate(kept[:-1]):
        if word.lower() in ('a', 'an'):
            right = article(kept[number + 1])
            kept[number] = right.capitalize() if word[0].isupper() else right
    return ' '.join(kept)


def _names(word: str, nouns: frozenset[str]) -> bool:
    """Whether a word with its punctuation names the class; ``chair-bed`` does if a part does."""
    parts = [part for found in _words(word) for part in re.split(r"['’-]", found)]
    return any(_singular(part) in nouns for part in parts)


def _could_be_noun(word: str) -> bool:
    """Whether a word may be, or lead to, what a noun was said of; roughly."""
    found = _words(word)
    return bool(found) and found[0] not in _FRAME and not found[0][0].isdigit()


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _singular(word: str) -> str:
    """A word without the ending of a plural, roughly: the same for both is all that matters."""
    if word.endswith('ies') and len(word) > 4:
        return f'{word[:-3]}y'
    if word.endswith(('ches', 'shes', 'sses', 'xes', 'zes')):
        return word[:-2]
    if word.endswith('s') and not word.endswith(('ss', 'us', 'is')) and len(word) > 3:
        return word[:-1]
    return word
