from __future__ import annotations

from pathlib import Path
import zipfile

import pytest
from tiny_models import CUBE_OBJ
from tiny_models import write_library

from omnibind_core.simulation.catalogue import read_catalogue
from omnibind_core.simulation.catalogue import snake_case
from omnibind_core.simulation.catalogue import spdx
from omnibind_core.simulation.errors import CatalogueError
from omnibind_core.simulation.errors import ModelSourceError

CHAIR = {
    'id': 'Tiny#OldChair',
    'name': 'Chair',
    'tags': 'Seat, Thonet,',
    'model': '/tiny/chair/chair.obj',
    'width': '54.7',
    'depth': '57.7',
    'height': '75.4',
    'modelRotation': '1 0 0 0 0 1 0 -1 0',
}
BED = {'id': 'Tiny#bed-2', 'name': 'Bed'}


def test_reads_models(tmp_path: Path) -> None:
    path = write_library(tmp_path, [CHAIR, BED])
    with zipfile.ZipFile(path, 'a') as archive:
        archive.writestr('PluginFurnitureCatalog_de.properties', 'name#1=Stuhl\nname#2=Bett\n')
        archive.writestr('PluginFurnitureCatalog_zh_CN.properties', 'name#2=\\u5e8a\n')
    catalogue = read_catalogue(tmp_path, ('Tiny',))
    assert list(catalogue.models) == ['tiny_old_chair', 'tiny_bed_2']
    chair = catalogue.model('tiny_old_chair')
    assert chair.name == 'Chair'
    assert chair.names == {'en': 'Chair', 'de': 'Stuhl'}
    assert chair.tags == ('Seat', 'Thonet')
    assert chair.size == pytest.approx((0.547, 0.577, 0.754))
    assert chair.rotation == (1, 0, 0, 0, 0, 1, 0, -1, 0)
    assert (chair.creator, chair.licence) == ('A. Modeller', 'CC0-1.0')
    assert chair.mesh == 'tiny/chair/chair.obj'
    bed = catalogue.model('tiny_bed_2')
    assert bed.names == {'en': 'Bed', 'de': 'Bett', 'zh_CN': '床'}
    assert bed.rotation == (1, 0, 0, 0, 1, 0, 0, 0, 1)
    assert catalogue.libraries['Tiny'].title == 'Tiny models'


def test_a_models_own_licence_overrules_public_domain(tmp_path: Path) -> None:
    path = write_library(tmp_path, [CHAIR, BED])
    with zipfile.ZipFile(path, 'a') as archive:
        archive.writestr(
            'tiny/chair/89509 - LICENSE.html',
            'Released under <a href="x">Creative\n Commons Attribution 3.0</a>',
        )
    catalogue = read_catalogue(tmp_path, ('Tiny',))
    assert catalogue.model('tiny_old_chair').licence == 'CC-BY-3.0'
    assert catalogue.model('tiny_bed_2').licence == 'CC0-1.0'


@pytest.mark.parametrize(
    ('text', 'name'),
    [
        ('JapaneseLantern', 'japanese_lantern'),
        ('12-oz-glass', '12_oz_glass'),
        ('plug-TypeCFlat-whites', 'plug_type_c_flat_whites'),
        ('L_shaped_sofa', 'l_shaped_sofa'),
        ('CCTV', 'cctv'),
        ('chair2', 'chair2'),
        ('BlendSwap-CC-0', 'blend_swap_cc_0'),
    ],
)
def test_ids_are_lower_snake_case(text: str, name: str) -> None:
    assert snake_case(text) == name


def test_licences_by_their_wording() -> None:
    assert spdx('Public domain') == 'CC0-1.0'
    assert spdx('Creative Commons Attribution 3.0 license') == 'CC-BY-3.0'
    assert spdx('Creative Commons Attribution 3.0 United States license (c) X') == 'CC-BY-3.0-US'
    with pytest.raises(CatalogueError, match="unknown licence 'All rights reserved'"):
        spdx('All rights reserved')


def test_two_models_of_one_id(tmp_path: Path) -> None:
    write_library(tmp_path, [BED, {**BED, 'id': 'Tiny#Bed_2', 'model': '/tiny/other.obj'}])
    with pytest.raises(CatalogueError, match="two models have the id 'tiny_bed_2'"):
        read_catalogue(tmp_path, ('Tiny',))


def test_two_models_of_one_path(tmp_path: Path) -> None:
    write_library(tmp_path, [BED, {**BED, 'id': 'Tiny#other'}])
    with pytest.raises(CatalogueError, match=r'name the same mesh tiny/box/box\.obj'):
        read_catalogue(tmp_path, ('Tiny',))


@pytest.mark.parametrize('width', ['', 'wide', '0', '-3', 'nan', 'inf', '1 2', '1e300'])
def test_a_size_that_is_no_length(tmp_path: Path, width: str) -> None:
    write_library(tmp_path, [{**BED, 'width': width}])
    with pytest.raises(CatalogueError, match='Tiny model #1: width is'):
        read_catalogue(tmp_path, ('Tiny',))


def test_a_rotation_with_missing_numbers(tmp_path: Path) -> None:
    write_library(tmp_path, [{**BED, 'modelRotation': '1 0 0'}])
    with pytest.raises(CatalogueError, match='modelRotation has 3 numbers'):
        read_catalogue(tmp_path, ('Tiny',))


def test_a_model_without_name(tmp_path: Path) -> None:
    write_library(tmp_path, [{**BED, 'name': ''}])
    with pytest.raises(CatalogueError, match="Tiny model #1: key 'name' is missing"):
        read_catalogue(tmp_path, ('Tiny',))


def test_a_missing_folder_and_a_missing_library(tmp_path: Path) -> None:
    with pytest.raises(ModelSourceError, match='is no folder; fetch the household models first'):
        read_catalogue(tmp_path / 'gone')
    with pytest.raises(ModelSourceError, match=r'Tiny\.sh3f does not exist'):
        read_catalogue(tmp_path, ('Tiny',))


def test_an_archive_without_catalogue(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / 'Tiny.sh3f', 'w') as archive:
        archive.writestr('tiny/box.obj', CUBE_OBJ)
    with pytest.raises(ModelSourceError, match='has no member'):
        read_catalogue(tmp_path, ('Tiny',))


def test_an_unknown_model_names_the_nearest(tmp_path: Path) -> None:
    write_library(tmp_path, [CHAIR])
    catalogue = read_catalogue(tmp_path, ('Tiny',))
    with pytest.raises(CatalogueError, match="no model 'tiny_chair'; nearest is 'tiny_old_chair'"):
        catalogue.model('tiny_chair')
