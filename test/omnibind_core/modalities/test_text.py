"""Labels as sentences."""

from __future__ import annotations

import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st
import pytest

from omnibind_core.configuration.reader import read
from omnibind_core.errors import ConfigError
from omnibind_core.errors import InputError
from omnibind_core.modalities.registry import modality
from omnibind_core.modalities.text import article
from omnibind_core.modalities.text import LONGEST
from omnibind_core.modalities.text import normalise
from omnibind_core.modalities.text import prompts
from omnibind_core.modalities.text import TextSensor
from omnibind_core.modalities.text import TextSpecification


@pytest.mark.parametrize(
    ('template', 'label', 'sentence'),
    [
        ('a photo of a {}', 'cup', 'a photo of a cup'),
        ('a photo of a {}', 'apple', 'a photo of an apple'),
        ('a photo of a {}', '  office \n chair ', 'a photo of an office chair'),
        ('a photo of an {}', 'cup', 'a photo of a cup'),
        ('A {} on a table', 'apple', 'An apple on a table'),
        ('a {}', 'the sun', 'the sun'),
        ('a photo of a {}', 'a hammer', 'a photo of a hammer'),
        ('a photo of a {}', 'The Thinker', 'a photo of the Thinker'),
        ('a photo of {}', 'apple', 'a photo of apple'),
        ('the texture of {}, close', 'iron', 'the texture of iron, close'),
        ('data: {}', 'apple', 'data: apple'),
        ('pizza {}', 'oven', 'pizza oven'),
        ('{}', 'oven', 'oven'),
        ('the letter: a {}', 'a', 'the letter: an a'),
        ('a {}', 'cup {0} {x}', 'a cup {0} {x}'),
    ],
)
def test_sentences(template: str, label: str, sentence: str) -> None:
    assert prompts(label, (template,)) == (sentence,)


@pytest.mark.parametrize(
    ('name', 'expected'),
    [
        *(
            (name, 'an')
            for name in ['apple', 'oven', 'ice-cream', 'umbrella', 'urn', 'hourglass', 'heirloom']
        ),
        *(
            (name, 'an')
            for name in ['usher', 'uninsulated', 'X-ray', 'LED', 'HDMI', 'éclair', '8-ball']
        ),
        *(
            (name, 'a')
            for name in ['cup', 'house', 'unicorn', 'uniform', 'USB', 'TV', 'one-way', 'euro']
        ),
        *((name, 'a') for name in ['ukulele', 'utensil', 'urinal', 'yoyo', 'université', '7-up']),
        ('LED lamp', 'an'),
        ('USB stick', 'a'),
        ('RGB camera', 'an'),
    ],
)
def test_articles(name: str, expected: str) -> None:
    assert article(name) == expected


def test_prompts_keep_their_order_without_duplicates() -> None:
    templates = ('a {}', 'a photo of a {}', 'an {}')
    assert prompts('egg', templates) == ('an egg', 'a photo of an egg')


@pytest.mark.parametrize(
    ('text', 'usual'),
    [
        (' a\t b\r\n', 'a b'),
        ('ｃｕｐ', 'cup'),
        ('e\u0301clair', 'éclair'),
        ('ﬁsh', 'fish'),
        ('\u00a0a\u2003b', 'a b'),
        ('می\u200cخواهم', 'می\u200cخواهم'),
    ],
)
def test_the_usual_form(text: str, usual: str) -> None:
    assert normalise(text) == usual


@pytest.mark.parametrize(
    'text',
    [
        '',
        ' \n\t',
        '\u200d',
        'a\0b',
        'a\x1b[2Jb',
        'a\u202eb',
        'a\ufeffb',
        'a\ud800b',
        'x' * (LONGEST + 1),
        'ﷺ' * 100,  # 18 characters each after NFKC
        None,
        b'cup',
        7,
    ],
)
def test_what_is_no_text_is_refused(text: object) -> None:
    with pytest.raises(InputError) as caught:
        normalise(text, field='label')  # type: ignore[arg-type]
    assert caught.value.field == 'label'


def test_the_longest_text() -> None:
    assert normalise('x' * LONGEST) == 'x' * LONGEST
    with pytest.raises(InputError) as caught:
        prompts('x' * LONGEST, ('a {}',))
    assert caught.value.field == 'prompt'


@pytest.mark.parametrize('template', ['', 'a photo', '{} and {}', '{0}', '{label}', 'a\0 {}'])
def test_templates_without_exactly_one_placeholder_are_refused(template: str) -> None:
    with pytest.raises(InputError) as caught:
        prompts('cup', (template,))
    assert caught.value.field == 'template'
    with pytest.raises(ConfigError, match=r'text\.templates\[1\]'):
        settings = {'templates': ['a {}', template]}
        read(TextSpecification, settings, source='bundle.json', key='text')


@pytest.mark.parametrize('count', [0, 129])
def test_the_number_of_templates_is_bounded(count: int) -> None:
    templates = tuple(f'{{}} {index}' for index in range(count))
    with pytest.raises(InputError, match='1 to 128'):
        prompts('cup', templates)
    with pytest.raises(ConfigError, match='1 to 128'):
        TextSpecification(templates)


@pytest.mark.malformed
@given(st.text(st.characters(max_codepoint=sys.maxunicode, exclude_categories=()), max_size=600))
def test_any_text_is_made_usual_or_refused(text: str) -> None:
    try:
        usual = normalise(text)
    except InputError:
        return
    assert 1 <= len(usual) <= LONGEST
    assert normalise(usual) == usual
    assert usual == usual.strip()
    assert '  ' not in usual
    usual.encode('utf-8')


@pytest.mark.malformed
@given(
    st.one_of(st.none(), st.binary(max_size=9), st.text(max_size=30)),
    st.lists(st.text('a {}\n\0é', max_size=9), max_size=2),
)
def test_any_label_in_any_template_is_a_sentence_or_refused(
    label: str, templates: list[str]
) -> None:
    try:
        sentences = prompts(label, tuple(templates))
    except InputError:
        return
    assert 1 <= len(sentences) <= len(templates)
    last = unicodedata.normalize('NFKC', label).split()[-1]
    for sentence in sentences:
        assert last in sentence
        assert len(sentence) <= LONGEST


def test_text_has_no_array_of_its_own() -> None:
    text = modality('text')
    assert (text.name, text.role) == ('text', 'teacher')
    assert text.default_specification().shape == ()
    assert text.preprocess is None
    with pytest.raises(InputError, match='a modality that a sensor measures'):
        text.prepare('a cup', TextSpecification(), TextSensor())


def test_the_default_templates_can_be_used() -> None:
    sentences = prompts('apple', TextSpecification().templates)
    assert sentences == ('a photo of an apple', 'a picture of an apple', 'an apple', 'apple')
