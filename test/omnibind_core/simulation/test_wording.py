from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from tiny_models import box_triangles
from tiny_models import mesh_of

from omnibind_core.simulation.mesh import Material
from omnibind_core.simulation.mesh import Mesh
from omnibind_core.simulation.physical_material import MATERIALS
from omnibind_core.simulation.wording import adjective
from omnibind_core.simulation.wording import colour_name
from omnibind_core.simulation.wording import colour_words
from omnibind_core.simulation.wording import extent
from omnibind_core.simulation.wording import size_word
from omnibind_core.simulation.wording import spoken
from omnibind_core.simulation.wording import substance_words


def box(*size: float, materials: tuple[Material, ...] = (Material('x'),)) -> Mesh:
    """A box whose last side has the second material."""
    mesh = mesh_of(*box_triangles((0, 0, 0), size))
    owner = np.zeros(12, np.int32)
    owner[10:] = len(materials) - 1
    return replace(mesh, material=owner, materials=materials)


@pytest.mark.parametrize(
    ('colour', 'name'),
    [
        ((0.02, 0.02, 0.02), 'black'),
        ((0.5, 0.5, 0.52), 'grey'),
        ((0.95, 0.95, 0.92), 'white'),
        ((0.9, 0.1, 0.1), 'red'),
        ((1.0, 0.55, 0.0), 'orange'),
        ((0.95, 0.9, 0.1), 'yellow'),
        ((0.1, 0.6, 0.2), 'green'),
        ((0.1, 0.2, 0.8), 'blue'),
        ((0.5, 0.1, 0.8), 'purple'),
        ((0.95, 0.3, 0.7), 'pink'),
        ((0.4, 0.25, 0.12), 'brown'),
        ((0.85, 0.76, 0.6), 'beige'),
    ],
)
def test_colours_by_their_basic_terms(colour: tuple[float, float, float], name: str) -> None:
    assert colour_name(colour) == name


@given(st.tuples(*[st.floats(0.0, 1.0)] * 3))
def test_every_colour_has_a_name(colour: tuple[float, float, float]) -> None:
    assert colour_name(colour).isalpha()


def test_the_larger_area_is_named_first_and_small_ones_not_at_all() -> None:
    red, blue = Material('a', diffuse=(0.9, 0, 0)), Material('b', diffuse=(0, 0, 0.9))
    assert colour_words(box(1, 1, 1, materials=(red, blue))) == ('red',)
    # The last sides are 2 of 3 * 2 faces by number, but here most of the area.
    assert colour_words(box(1, 0.2, 0.2, materials=(red, blue))) == ('red',)
    assert colour_words(box(0.3, 1, 0.3, materials=(red, blue))) == ('red', 'blue')


def test_a_texture_replaces_the_plain_colour() -> None:
    pixels = np.full((64, 64, 3), (20, 160, 40), np.uint8)
    assert colour_words(box(1, 1, 1, materials=(Material('a', texture=pixels),))) == ('green',)


def test_metals_are_one_word_and_wood_is_wooden() -> None:
    mesh = box(1, 1, 1, materials=(Material('a'), Material('b')))
    assert substance_words(mesh, (MATERIALS['steel'], MATERIALS['aluminium'])) == ('metal',)
    assert adjective('wood') == 'wooden'
    assert adjective('glass') == 'glass'


def test_sizes_in_words_and_numbers() -> None:
    assert size_word(box(0.1, 0.1, 0.14)) == 'tiny'
    assert size_word(box(0.4, 0.1, 0.1)) == 'small'
    assert size_word(box(0.9, 0.9, 0.5)) == 'medium-sized'
    assert size_word(box(1.9, 0.9, 0.5)) == 'large'
    assert size_word(box(5, 1, 1)) == 'huge'
    assert extent(box(0.1, 0.2, 0.452)) == 'about 45 cm high'
    assert extent(box(0.1, 1.234, 0.2)) == 'about 120 cm deep'
    assert extent(box(2.06, 1.2, 0.2)) == 'about 2.1 m wide'
    assert extent(box(0.001, 0.002, 0.001)) == 'about 1 cm deep'


def test_catalogue_names_within_a_sentence() -> None:
    assert spoken('Office Chair 2') == 'office chair'
    assert spoken('TV (old)') == 'TV'
    assert spoken('Half-round table') == 'half-round table'
    assert spoken('3 seat sofa') == '3 seat sofa'
    assert spoken('12_oz_glass') == '12 oz glass'
    assert spoken('  ') == ''


@given(st.text(max_size=80))
def test_any_name_can_be_spoken(name: str) -> None:
    assert spoken(name) == ' '.join(spoken(name).split())
