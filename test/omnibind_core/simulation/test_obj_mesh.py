from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from tiny_models import CHECKER
from tiny_models import CUBE_MTL
from tiny_models import CUBE_OBJ
from tiny_models import png
from tiny_models import write_library

from omnibind_core.simulation.catalogue import read_catalogue
from omnibind_core.simulation.errors import CatalogueError
from omnibind_core.simulation.errors import MeshError
from omnibind_core.simulation.obj_mesh import load_model
from omnibind_core.simulation.obj_mesh import Mesh

BOX = {'id': 'Tiny#box', 'name': 'Box'}


def load(
    tmp_path: Path,
    entry: Mapping[str, str] | None = None,
    members: Mapping[str, bytes | str] | None = None,
) -> Mesh:
    write_library(tmp_path, [{**BOX, **(entry or {})}], members)
    return load_model(read_catalogue(tmp_path, ('Tiny',)), 'tiny_box')


def material_facing(mesh: Mesh, direction: tuple[float, float, float]) -> str:
    """Name of the material of the triangles whose normal points this way."""
    facing = mesh.face_normals @ np.array(direction) > 0.99
    (number,) = set(mesh.material[facing].tolist())
    return mesh.materials[number].name


def test_real_size_in_metres_z_up_on_the_floor(tmp_path: Path) -> None:
    # 2 x 1 x 4 in the file (x, y up, z), 200 x 400 x 100 cm wide, deep, high in the catalogue.
    mesh = load(tmp_path)
    assert mesh.vertices.dtype == np.float32
    np.testing.assert_allclose(mesh.bounds, [[-1, -2, 0], [1, 2, 1]], atol=1e-6)
    np.testing.assert_allclose(mesh.size, [2, 4, 1], atol=1e-6)
    assert mesh.faces.shape == (12, 3)
    assert mesh.warnings == ()
    # The file's +z is the model's front, which faces -y.
    assert material_facing(mesh, (0, -1, 0)) == 'front'
    assert material_facing(mesh, (0, 1, 0)) == 'back'
    assert material_facing(mesh, (0, 0, 1)) == 'side'


def test_flat_normals_point_outwards(tmp_path: Path) -> None:
    mesh = load(tmp_path)
    outward = mesh.triangles.mean(axis=1) - np.array([0, 0, 0.5])
    assert (np.einsum('fk,fk->f', outward, mesh.face_normals) > 0).all()
    np.testing.assert_allclose(mesh.normals, np.repeat(mesh.face_normals[:, None], 3, 1), atol=1e-6)


def test_texture_coordinates_and_materials(tmp_path: Path) -> None:
    mesh = load(tmp_path)
    front = [item.name for item in mesh.materials].index('front')
    texture = mesh.materials[front].texture
    assert texture is not None
    np.testing.assert_array_equal(texture, CHECKER)
    # u grows to the right (+x) and v upwards (+z) on the front.
    own = mesh.material == front
    places, uv = mesh.triangles[own].reshape(-1, 3), mesh.uv[own].reshape(-1, 2)
    np.testing.assert_allclose(uv[:, 0], (places[:, 0] + 1) / 2, atol=1e-6)
    np.testing.assert_allclose(uv[:, 1], places[:, 2], atol=1e-6)
    assert (mesh.uv[~own] == 0).all()
    side = mesh.materials[[item.name for item in mesh.materials].index('side')]
    assert side.opacity == 0.25
    assert mesh.opaque_faces.sum() == 4


def test_the_catalogues_rotation_comes_before_its_size(tmp_path: Path) -> None:
    # A quarter turn about the file's up axis: its front (+z) goes to +x.
    mesh = load(tmp_path, {'modelRotation': '0 0 1 0 1 0 -1 0 0', 'width': '400', 'depth': '200'})
    np.testing.assert_allclose(mesh.size, [4, 2, 1], atol=1e-6)
    assert mesh.warnings == ()
    assert material_facing(mesh, (1, 0, 0)) == 'front'


def test_a_size_that_stretches_is_reported(tmp_path: Path) -> None:
    mesh = load(tmp_path, {'height': '150'})
    np.testing.assert_allclose(mesh.size, [2, 4, 1.5], atol=1e-6)
    assert mesh.warnings == ('stretched by 1.50 to the catalogue size',)


def test_width_and_depth_the_wrong_way_round_are_swapped(tmp_path: Path) -> None:
    mesh = load(tmp_path, {'width': '400', 'depth': '200'})
    np.testing.assert_allclose(mesh.size, [2, 4, 1], atol=1e-6)
    assert 'wrong way round' in mesh.warnings[0]


def test_a_flat_model_stays_flat(tmp_path: Path) -> None:
    obj = 'v 0 0 0\nv 2 0 0\nv 2 0 4\nv 0 0 4\nf 1 2 3 4\n'
    mesh = load(tmp_path, {'height': '0.1'}, {'tiny/box/box.obj': obj})
    np.testing.assert_allclose(mesh.size, [2, 4, 0], atol=1e-6)


def test_unused_vertices_and_degenerate_triangles_are_dropped(tmp_path: Path) -> None:
    obj = CUBE_OBJ + 'v 99 99 99\nf 1 1 2\nf 1 2 2\nl 1 9\n'
    mesh = load(tmp_path, None, {'tiny/box/box.obj': obj, 'tiny/box/box.mtl': CUBE_MTL})
    assert mesh.faces.shape == (12, 3)
    assert len(mesh.vertices) == 8
    np.testing.assert_allclose(mesh.size, [2, 4, 1], atol=1e-6)


def test_normals_of_the_file_are_turned_and_stretched_with_the_mesh(tmp_path: Path) -> None:
    # A slope of 45 degrees about x in the file, made twice as high: its normal must stay normal.
    obj = 'v 0 0 0\nv 2 0 0\nv 2 1 -1\nv 0 1 -1\nvn 0 9 9\nf 1//1 2//1 3//1 4//1\n'
    entry = {'width': '200', 'depth': '100', 'height': '200'}
    mesh = load(tmp_path, entry, {'tiny/box/box.obj': obj})
    expected = np.array([0.0, -2.0, 1.0]) / np.sqrt(5.0)
    np.testing.assert_allclose(mesh.normals, np.broadcast_to(expected, (2, 3, 3)), atol=1e-6)
    np.testing.assert_allclose(mesh.face_normals, np.broadcast_to(expected, (2, 3)), atol=1e-6)


def test_a_missing_material_file_gives_a_warning(tmp_path: Path) -> None:
    mesh = load(tmp_path, None, {'tiny/box/box.obj': CUBE_OBJ})
    assert "material file 'box.mtl' is missing" in mesh.warnings
    assert "material 'front' is not defined; plain grey stands in" in mesh.warnings
    assert all(item.texture is None for item in mesh.materials)


def test_the_material_file_of_the_same_name_stands_in_for_a_missing_one(tmp_path: Path) -> None:
    members = {
        'tiny/box/box.obj': CUBE_OBJ.replace('box.mtl', 'renamed.mtl'),
        'tiny/box/box.mtl': CUBE_MTL,
        'tiny/box/Checker.png': png(CHECKER),
    }
    mesh = load(tmp_path, None, members)
    assert mesh.warnings == ("material file 'renamed.mtl' is missing",)
    assert {item.name for item in mesh.materials} >= {'front', 'back', 'side'}


def test_undefined_glass_is_transparent(tmp_path: Path) -> None:
    obj = CUBE_OBJ.replace('usemtl front', 'usemtl GlassTransparent')
    mesh = load(tmp_path, None, {'tiny/box/box.obj': obj, 'tiny/box/box.mtl': CUBE_MTL})
    (glass,) = [item for item in mesh.materials if item.name == 'GlassTransparent']
    assert glass.opacity == 0.25


@pytest.mark.parametrize(
    ('obj', 'problem'),
    [
        ('', 'no polygons'),
        ('v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n', 'refers to v 9'),
        ('v 1 1 1\nf 1 1 1\n', 'no extent'),
        ('v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3\n', 'no extent'),
        ('v 0 0 0\nv 1 1 0\nv 2 2 0\nf 1 2 3\n', 'zero area'),
    ],
)
def test_unreadable_meshes_name_the_model(tmp_path: Path, obj: str, problem: str) -> None:
    with pytest.raises(MeshError, match=f'model tiny_box: .*{problem}'):
        load(tmp_path, None, {'tiny/box/box.obj': obj})


def test_a_mesh_missing_from_its_archive(tmp_path: Path) -> None:
    with pytest.raises(MeshError, match=r'model tiny_box: .*no member'):
        load(tmp_path, None, {'tiny/other.obj': CUBE_OBJ})


def test_an_unknown_model(tmp_path: Path) -> None:
    write_library(tmp_path, [BOX])
    with pytest.raises(CatalogueError, match="no model 'tiny_bax'; nearest is 'tiny_box'"):
        load_model(read_catalogue(tmp_path, ('Tiny',)), 'tiny_bax')
