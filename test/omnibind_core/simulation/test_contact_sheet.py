from __future__ import annotations

import numpy as np
import pytest
from tiny_models import box_triangles
from tiny_models import mesh_of

from omnibind_core.simulation.contact_sheet import contact_sheet
from omnibind_core.simulation.contact_sheet import thumbnail
from omnibind_core.simulation.contact_sheet import Tile
from omnibind_core.simulation.mesh import Material


def plain(colour: tuple[int, int, int], size: int = 40) -> np.ndarray:
    return np.full((size, size, 3), colour, np.uint8)


def test_tiles_lie_in_rows() -> None:
    tiles = [Tile(plain((200, 10 * i, 0)), f'number {i}') for i in range(5)]
    sheet = np.asarray(contact_sheet(tiles, columns=3, size=40))
    assert sheet.shape == (2 * 68, 120, 3)
    for index in range(5):
        row, column = divmod(index, 3)
        assert sheet[row * 68 + 20, column * 40 + 20].tolist() == [200, 10 * index, 0]
    assert (sheet[68:108, 80:] == 255).all()
    captions = sheet[40:68]
    assert (captions < 100).any()


def test_an_inset_sits_in_the_corner() -> None:
    sheet = contact_sheet([Tile(plain((9, 9, 9)), '', plain((200, 0, 0)))], columns=1, size=40)
    pixels = np.asarray(sheet)
    assert pixels[38, 38].tolist() == [200, 0, 0]
    assert pixels[5, 5].tolist() == [9, 9, 9]


def test_no_tiles_and_long_captions() -> None:
    assert contact_sheet([], columns=4, size=40).size == (160, 68)
    assert contact_sheet([Tile(plain((0, 0, 0)), 'word ' * 500)], size=40).size == (360, 68)


def test_a_thumbnail_shows_the_object_in_the_middle_of_the_paper() -> None:
    pytest.importorskip('embreex')
    red = Material('red', diffuse=(1.0, 0.0, 0.0))
    picture = thumbnail(mesh_of(*box_triangles((0, 0, 0), (1, 1, 1)), material=red), 48)
    assert picture.shape == (48, 48, 3)
    assert picture.dtype == np.uint8
    middle, corner = picture[24, 24].astype(int), picture[0, 0].astype(int)
    assert middle[0] > 2 * middle[1:].max()
    assert np.ptp(corner) < 20
    shown = (picture[..., 0].astype(int) - picture[..., 1] > 60).mean()
    assert 0.3 < shown < 0.95
