from __future__ import annotations

import io
from pathlib import Path
import zipfile

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from PIL import Image
import pytest
from tiny_models import CHECKER
from tiny_models import png

from omnibind_core.simulation.errors import MeshError
from omnibind_core.simulation.material_library import MaterialLibrary
from omnibind_core.simulation.material_library import parse_mtl
from omnibind_core.simulation.material_library import read_materials
from omnibind_core.simulation.model_archive import ModelArchive


def read(tmp_path: Path, mtl: str, **files: bytes) -> MaterialLibrary:
    path = tmp_path / 'Tiny.sh3f'
    with zipfile.ZipFile(path, 'w') as archive:
        archive.writestr('box/box.mtl', mtl)
        for name, content in files.items():
            archive.writestr(f'box/{name.replace("__", ".")}', content)
    with ModelArchive(path) as archive:
        return read_materials(archive, 'box/box.mtl', 'a_box')


def test_colours_and_opacity(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        '# c\nKd 9 9 9\nnewmtl glass pane\n Kd 0.1 0.2 0.3\nKs 2 0.5 -1\nNs 96.1\nd 0.25\nNi 1\n'
        'newmtl plain\nKd 0.5\nTr 0.9\nnewmtl halo\nd -halo 0.5\n',
    ).materials
    glass = found['glass pane']
    assert glass.diffuse == (0.1, 0.2, 0.3)
    assert glass.specular == (1.0, 0.5, 0.0)
    assert (glass.shininess, glass.opacity) == (96.1, 0.25)
    assert glass.texture is None
    assert found['plain'].diffuse == (0.5, 0.5, 0.5)
    assert found['plain'].opacity == pytest.approx(0.1)
    assert found['halo'].opacity == 0.5


@pytest.mark.parametrize(
    'line',
    ['map_Kd wood.png', 'map_Kd -s 2 2 1 -clamp on wood.png', 'map_Kd C:\\My Pics\\wood.png'],
)
def test_textures_are_found(tmp_path: Path, line: str) -> None:
    material = read(tmp_path, f'newmtl m\n{line}\n', wood__png=png(CHECKER)).materials['m']
    assert material.texture is not None
    np.testing.assert_array_equal(material.texture, CHECKER)
    assert material.alpha is None


def test_a_texture_with_alpha(tmp_path: Path) -> None:
    alpha = np.array([[0, 255], [128, 255]], np.uint8)
    file = png(np.dstack([CHECKER, alpha]))
    material = read(tmp_path, 'newmtl leaf\nmap_Kd leaf.png\n', leaf__png=file).materials['leaf']
    assert material.alpha is not None
    np.testing.assert_array_equal(material.alpha, alpha)


def test_missing_and_broken_textures_leave_the_plain_colour_and_a_warning(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        'newmtl a\nKd 1 0 0\nmap_Kd gone.jpg\n'
        'newmtl b\nmap_Kd bad.png\nnewmtl c\nmap_Kd gone.jpg\n',
        bad__png=b'no picture',
    )
    assert found.materials['a'].diffuse == (1.0, 0.0, 0.0)
    assert all(material.texture is None for material in found.materials.values())
    assert len(found.warnings) == 2
    assert "'gone.jpg' is missing" in found.warnings[0]
    assert "'bad.png' is unreadable" in found.warnings[1]


def test_a_texture_with_too_many_pixels_is_left_out(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new('1', (4096, 2048)).save(buffer, 'PNG')
    found = read(tmp_path, 'newmtl a\nmap_Kd big.png\n', big__png=buffer.getvalue())
    assert found.materials['a'].texture is None
    assert 'too many' in found.warnings[0]


@pytest.mark.parametrize('line', ['Kd a b c', 'Kd 1 2', 'Ns', 'Ns x', 'd nan', 'Ks inf 0 0'])
def test_malformed_numbers(line: str) -> None:
    content = f'newmtl m\n{line}\n'.encode()
    if line == 'Ns':
        assert parse_mtl(content, 'm')['m'].material.shininess == 0.0
        return
    with pytest.raises(MeshError, match='model a_box: material'):
        parse_mtl(content, 'a_box')


WORDS = [
    '\nnewmtl ', '\nKd ', '\nKd ', '\nKs ', '\nNs ', '\nd ', '\nTr ', '\nmap_Kd ', '\nillum ',
    '\n#', '\n', ' 0', ' 1', ' 0.5', ' -1', ' 2e9', ' 1e400', ' nan', ' -halo', ' -s', ' -clamp',
    ' on', ' a.png', '\\', '/', '\t', 'é', ' ', '..',
]  # fmt: skip


@pytest.mark.malformed
@given(st.binary(max_size=40))
def test_any_text_gives_materials_or_the_typed_error(choice: bytes) -> None:
    content = 'newmtl m' + ''.join(WORDS[byte % len(WORDS)] for byte in choice)
    try:
        drafts = parse_mtl(content.encode('latin-1'), 'any')
    except MeshError:
        return
    for draft in drafts.values():
        assert all(0.0 <= value <= 1.0 for value in draft.material.diffuse)
        assert all(0.0 <= value <= 1.0 for value in draft.material.specular)
        assert 0.0 <= draft.material.opacity <= 1.0
        assert 0.0 <= draft.material.shininess <= 1000.0
