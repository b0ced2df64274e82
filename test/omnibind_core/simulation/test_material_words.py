from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import pytest

from omnibind_core.simulation.material_words import named_material
from omnibind_core.simulation.physical_material import MATERIALS


@pytest.mark.parametrize(
    ('name', 'expected'),
    [
        ('white_plastic', 'plastic'),
        ('blackPlasticHandle.001', 'plastic'),
        ('pLASTIC.003', 'plastic'),
        ('METAL_chrome', 'steel'),
        ('metal_base', 'steel'),
        ('METAL_aluminum', 'aluminium'),
        ('metalStone', 'stone'),
        ('fusta_taula_tipic.001', 'wood'),
        ('RED_OAK.001', 'wood'),
        ('madera_negra', 'wood'),
        ('whitewood', 'wood'),
        ('Office_CH_fabric', 'fabric'),
        ('silla_co_telas_telas_gr.jpg', 'fabric'),
        ('black_cuir', 'leather'),
        ('vidro_black', 'glass'),
        ('ceramica', 'ceramic'),
        ('paperboard', 'paper'),
        ('Tire_Rubber', 'rubber'),
    ],
)
def test_names_of_substances_in_several_languages(name: str, expected: str) -> None:
    assert named_material(name) == expected


@pytest.mark.parametrize(
    'name',
    # What a thing or a part of it is, a colour, a number: none says what it is made of.
    [
        'leaves',
        'cushion',
        'tires',
        'mattress',
        'mirror',
        'screen',
        'white',
        'Material.001',
        '',
        '7',
    ],
)
def test_names_of_things_say_nothing_of_the_substance(name: str) -> None:
    assert named_material(name) is None


def test_short_words_count_only_as_words() -> None:
    assert named_material('pine') == 'wood'
    assert named_material('pineapple') is None
    assert named_material('spine_oakland') is None


def test_the_first_substance_decides() -> None:
    assert named_material('plastic_on_wood') == 'plastic'
    assert named_material('wood_on_plastic') == 'wood'


@given(st.text(max_size=60))
def test_any_name_is_a_known_material_or_nothing(name: str) -> None:
    assert named_material(name) in {None, *MATERIALS}
