from __future__ import annotations

from dataclasses import replace
import re

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from sensor_things import cube
from sensor_things import cup
from sensor_things import table
from sensor_things import view
from sensor_things import wooden_chair

from omnibind_core.errors import ConfigError
from omnibind_core.errors import InputError
from omnibind_core.modalities.text import normalise
from omnibind_core.simulation.sensors.text import simulate
from omnibind_core.simulation.sensors.text import TextSimulation
from omnibind_core.simulation.thing import Thing

NAMED = TextSimulation()
UNNAMED = TextSimulation(noun=False)


def said(thing: Thing, seed: int, options: TextSimulation, **given: object) -> str:
    random = np.random.default_rng(seed)
    return simulate(thing, view(random), options, random, **given).raw


def test_a_caption_says_the_catalogues_name() -> None:
    captions = [said(wooden_chair(), seed, NAMED, name='Kitchen Chair 2') for seed in range(60)]
    assert all(re.search(r'\bkitchen chair\b', caption) for caption in captions)
    assert len(set(captions)) > 15
    assert any('red and brown' in caption for caption in captions)
    assert any('about 95 cm high' in caption for caption in captions)


def test_a_caption_without_noun_has_no_word_of_the_name() -> None:
    for seed in range(60):
        caption = said(wooden_chair(), seed, UNNAMED, name='Kitchen chair', nouns=('chair', 'seat'))
        assert not {'kitchen', 'chair', 'seat'} & set(re.findall(r'\w+', caption.lower()))
        assert 'thing' in caption


def test_a_substance_that_is_the_class_is_not_said() -> None:
    tumbler = cube(0.1, 'glass')
    assert any('glass' in said(tumbler, seed, UNNAMED) for seed in range(10))
    for seed in range(30):
        caption = said(tumbler, seed, UNNAMED, nouns=('drinking glass',))
        assert 'glass' not in caption
        assert 'made of' not in caption


def test_articles_fit() -> None:
    options = replace(NAMED, templates=('a {}',), detail=0.0)
    assert said(cup(), 1, options, name='Egg cup') == 'an egg cup'
    assert said(cup(), 1, options, name='Cup') == 'a cup'


def test_what_the_name_says_is_not_said_twice() -> None:
    options = replace(NAMED, templates=('{}',), detail=1.0)
    caption = said(cube(0.4, 'wood'), 1, options, name='Small wooden crate')
    assert caption.lower().count('wooden') == 1
    assert caption.lower().count('small') == 1


def test_the_generator_decides_everything() -> None:
    assert said(table(), 1, UNNAMED) == said(table(), 1, UNNAMED)
    assert len({said(table(), seed, UNNAMED) for seed in range(20)}) > 3


@pytest.mark.parametrize('name', ['', '  ', '()', '_'])
def test_a_noun_needs_a_name(name: str) -> None:
    with pytest.raises(InputError, match='the name of the thing'):
        said(table(), 1, NAMED, name=name)


@pytest.mark.parametrize('templates', [(), ('a thing',), ('{} and {}',)])
def test_templates_without_one_place_are_refused(templates: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match='templates'):
        TextSimulation(templates=templates)


@given(st.from_regex(r'[A-Za-z][A-Za-z0-9 ()_-]{0,40}', fullmatch=True), st.integers(0, 1000))
def test_captions_are_in_their_usual_form(name: str, seed: int) -> None:
    caption = said(_CUBE, seed, NAMED, name=name)
    assert caption == normalise(caption)


_CUBE = cube()
