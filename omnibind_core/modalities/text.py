"""Text: what a label is called, in the sentences that a text encoder embeds.

A text is no array until the text encoder's own tokenizer has read it, so this modality has no
``preprocess``; it has :func:`normalise` and :func:`prompts`. A label's embedding is the mean over
its prompts, as in CLIP (Radford et al., 2021, section 3.1.4).
"""

from __future__ import annotations

from dataclasses import dataclass
import unicodedata

from omnibind_core.configuration.option import option
from omnibind_core.errors import ConfigError
from omnibind_core.errors import InputError
from omnibind_core.errors import Problem
from omnibind_core.modalities.base import Modality

LONGEST = 512  # characters; CLIP reads 77 tokens
MOST_TEMPLATES = 128  # CLIP's own list for ImageNet has 80
_PLACEHOLDER = '{}'
# Joiners that scripts and emoji are written with; every other invisible sign is refused.
_JOINERS = '\u200c\u200d'
# Beginnings that are not spoken as they are spelled.
_SILENT_H = ('heir', 'honest', 'honor', 'honour', 'hour')
_SPOKEN_YOU = ('eu', 'ewe', 'ubiq', 'uku', 'uni', 'ura', 'urin', 'us', 'ute', 'uti')
_SPOKEN_AS_SPELLED = ('unid', 'unim', 'unin', 'ush')  # against the line above
_SPOKEN_ONE = ('once', 'one')
_LETTERS_WITH_VOWEL = 'AEFHILMNORSX'  # as names of letters: an X-ray
_SPELLED_OUT = ('HDMI', 'LED')  # beside those without a vowel after the first letter


@dataclass(frozen=True)
class TextSpecification:
    """How labels become sentences."""

    templates: tuple[str, ...] = option(
        ('a photo of a {}', 'a picture of a {}', 'a {}', '{}'),
        'Sentences with {} where the label stands; the embeddings of all are averaged.',
    )

    def __post_init__(self) -> None:
        """Check every template.

        :raises ConfigError: with all problems found.
        """
        problems = []
        if not 1 <= len(self.templates) <= MOST_TEMPLATES:
            given = f'{len(self.templates)} templates'
            problems.append(Problem('templates', given, f'1 to {MOST_TEMPLATES}'))
        for position, template in enumerate(self.templates[:MOST_TEMPLATES]):
            error = _template_error(template)
            if error is not None:
                key = f'templates[{position}]'
                problems.append(Problem(key, str(error.given), error.allowed))
        if problems:
            raise ConfigError(type(self).__name__, problems)

    @property
    def shape(self) -> tuple[int, ...]:
        """Empty: a text has no array before the tokenizer."""
        return ()


@dataclass(frozen=True)
class TextSensor:
    """Nothing: no sensor of a robot gives text."""


def normalise(text: str, *, field: str = 'text') -> str:
    """A text in its one usual form: Unicode NFKC, white space collapsed to single blanks.

    :param text: 1 to 512 characters.
    :param field: how the text is called in the error.
    :raises InputError: for another type, an empty or longer text (also after normalising), control
        and formatting characters, and half surrogate pairs.
    """
    if not isinstance(text, str):
        raise InputError(field, type(text).__name__, 'a text')
    if len(text) > LONGEST:
        raise InputError(field, f'{len(text)} characters', f'at most {LONGEST}')
    usual = ' '.join(unicodedata.normalize('NFKC', text).split())
    for sign in usual:
        if unicodedata.category(sign) in ('Cc', 'Cf', 'Cs') and sign not in _JOINERS:
            raise InputError(field, f'U+{ord(sign):04X}', 'no control or formatting characters')
    if not usual.strip(_JOINERS):
        raise InputError(field, repr(text[:20]), 'a text that is not empty')
    if len(usual) > LONGEST:
        raise InputError(field, f'{len(usual)} characters', f'at most {LONGEST}')
    return usual


def prompts(label: str, templates: tuple[str, ...]) -> tuple[str, ...]:
    """The sentences that describe a label.

    A template's "a {}" becomes "an {}" where the label is spoken with a vowel first (an apple, an
    LED, an hourglass; a unicorn, a USB stick). A label with an article of its own keeps it instead
    of the template's: "the sun" in "a photo of a {}" gives "a photo of the sun". Rules by spelling,
    for English; a label they get wrong can be given with its article.

    :param label: what people call it.
    :param templates: each with exactly one ``{}``.
    :return: one sentence for each template, without duplicates, in order.
    :raises InputError: for a label or sentence that :func:`normalise` refuses, no template or more
        than 128, and a template without exactly one ``{}``.
    """
    name = normalise(label, field='label')
    if not 1 <= len(templates) <= MOST_TEMPLATES:
        raise InputError('templates', f'{len(templates)} templates', f'1 to {MOST_TEMPLATES}')
    sentences = []
    for template in templates:
        before, after = _check_template(template)
        sentences.append(normalise(_with_article(before, name) + after, field='prompt'))
    return tuple(dict.fromkeys(sentences))


def article(name: str) -> str:
    """The indefinite article that a name is spoken with: ``a`` or ``an``."""
    word = name.split(' ')[0].split('-')[0]
    if word in _SPELLED_OUT or (word.isupper() and not set(word[1:]) & set('AEIOU')):
        return 'an' if word[0] in _LETTERS_WITH_VOWEL else 'a'
    lower = name.lower()
    if lower.startswith(_SILENT_H):
        return 'an'
    if lower.startswith(_SPOKEN_ONE):
        return 'a'
    if lower.startswith(_SPOKEN_YOU) and not lower.startswith(_SPOKEN_AS_SPELLED):
        return 'a'
    first = unicodedata.normalize('NFD', lower)[:1]  # an accent does not matter
    return 'an' if first in ('a', 'e', 'i', 'o', 'u', '8') else 'a'


def _with_article(before: str, name: str) -> str:
    """A template's beginning with the name, with one article at most."""
    words = before.split(' ')
    if words[-1] != '' or len(words) < 2 or words[-2].lower() not in ('a', 'an'):
        return before + name
    given = words[-2]
    own, _, rest = name.partition(' ')
    if rest and own.lower() in ('a', 'an', 'the'):
        chosen, name = own.lower(), rest
    else:
        chosen = article(name)
    if given[0].isupper():
        chosen = chosen.capitalize()
    return ' '.join([*words[:-2], chosen, name])


def _check_template(template: str) -> tuple[str, str]:
    """What stands before and after a template's placeholder.

    :raises InputError: for a template that cannot be used.
    """
    usual = normalise(template, field='template')
    if usual.count(_PLACEHOLDER) != 1:
        raise InputError('template', repr(usual[:60]), 'exactly one {} where the label stands')
    before, _, after = usual.partition(_PLACEHOLDER)
    return before, after


def _template_error(template: str) -> InputError | None:
    try:
        _check_template(template)
    except InputError as error:
        return error
    return None


MODALITY = Modality(
    name='text',
    title='Text',
    role='teacher',
    raw='str',
    unit='',
    span=0.0,
    specification=TextSpecification,
    sensor=TextSensor,
    preprocess=None,
)
