from __future__ import annotations

from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from omnibind_core.simulation.errors import MeshError
from omnibind_core.simulation.obj_text import parse_obj

TRIANGLE = b'v 0 0 0\nv 1 0 0\nv 0 1 0\n'


def test_every_way_of_writing_a_corner() -> None:
    text = parse_obj(
        TRIANGLE
        + b'vt 0 0\nvt 1 0 0\nvt 0.5\nvn 0 0 1\nvn 0 1 0\n'
        + b'f 1 2 3\nf 1/1 2/2 3/3\nf 1//1 2//2 3//1\nf 1/3/1 2/2/2 3/1/1\n',
        'm',
    )
    assert text.sizes.tolist() == [3, 3, 3, 3]
    none = -1
    assert text.corners.tolist() == [
        [0, none, none], [1, none, none], [2, none, none],
        [0, 0, none], [1, 1, none], [2, 2, none],
        [0, none, 0], [1, none, 1], [2, none, 0],
        [0, 2, 0], [1, 1, 1], [2, 0, 0],
    ]  # fmt: skip
    assert text.texture.tolist() == [[0, 0], [1, 0], [0.5, 0]]


def test_relative_indices_continuations_tabs_and_other_statements() -> None:
    text = parse_obj(
        b'  v 9 9 9\nv\t0 0 0\r\nv 1 0 0 0.5 0.5 0.5\nv 0 1 \\\n 0\n'
        b'g group\no object\nl 1 2\np 1\nusemtl  dark wood \ns 3\nf -3 -2 -1\n'
        b's off\nusemtl iron\nf 2 3 4\nf 2 3\nusemtl  dark wood\nf 2 3 4\nmtllib my file.mtl\n',
        'm',
    )
    assert text.corners[:3, 0].tolist() == [1, 2, 3]
    assert text.positions[2].tolist() == [1, 0, 0]
    assert text.material_names == ('', 'dark wood', 'iron')
    assert text.material.tolist() == [1, 2, 1]
    assert text.smooth.tolist() == [3, 0, 0]
    assert text.libraries == ('my file.mtl',)


@pytest.mark.parametrize(
    ('content', 'problem'),
    [
        (b'', 'no polygons'),
        (TRIANGLE, 'no polygons'),
        (TRIANGLE + b'f 1 2\n', 'no polygons'),
        (TRIANGLE + b'f 1 2 4\n', 'refers to v 4, but there are 3'),
        (TRIANGLE + b'f 1/1 2/1 3/1\n', 'refers to vt 1, but there are 0'),
        (TRIANGLE + b'f 1//1 2//1 3//1\n', 'refers to vn 1'),
        (TRIANGLE + b'f 0 1 2\n', 'index 0'),
        (TRIANGLE + b'f -4 1 2\n', 'refers back by 4'),
        (TRIANGLE + b'f 1 2/1 3\n', 'mixes ways'),
        (TRIANGLE + b'f a b c\n', 'not made of numbers'),
        (TRIANGLE + b'f 1/ 2/ 3/\n', 'empty indices'),
        (TRIANGLE + b'f 99999999999999999999 1 2\n', 'not made of numbers'),
        (b'v 0 0\nf 1 1 1\n', 'too few numbers'),
        (b'v 0 0 x\nf 1 1 1\n', 'not made of numbers'),
        (b'v 0 0 nan\nf 1 1 1\n', 'not finite'),
        (b'v 0 0 1e300\nf 1 1 1\n', 'not finite or too large'),
    ],
)
def test_malformed_files_say_what_is_wrong(content: bytes, problem: str) -> None:
    with pytest.raises(MeshError, match=problem) as caught:
        parse_obj(content, 'a_chair')
    assert caught.value.model == 'a_chair'


WORDS = [
    b'\n', b'\n', b'\nv ', b'\nv ', b'\nvt ', b'\nvn ', b'\nf ', b'\nf ', b'\nf ', b'\nusemtl ',
    b'\ns ', b'\nmtllib ', b'\ng ', b'\t', b'\\\n', b' ', b' 0', b' 1', b' 2', b' 3', b' -1',
    b' -9', b' 1/1', b' 1//1', b' 1/1/1', b'/', b'//', b' 1/', b' 1e400', b' nan', b' 0.5',
    b' off', b'\xff', b' 1_0', b' 99999999999999999999', b'#', b'-', b'\r',
]  # fmt: skip


@pytest.mark.malformed
@given(st.binary(max_size=40))
@example(bytes([6, 20, 20, 20]))
def test_anything_gives_a_mesh_or_the_typed_error(choice: bytes) -> None:
    # Each byte picks a word: far more often nearly an OBJ file than bytes at random would be.
    body = b''.join(WORDS[byte % len(WORDS)] for byte in choice)
    try:
        text = parse_obj(TRIANGLE + body, 'any')
    except MeshError:
        return
    assert text.sizes.min() >= 3
    assert text.sizes.sum() == len(text.corners)
    assert text.corners[:, 0].min() >= 0
    assert np.isfinite(text.positions).all()
    for column, count in enumerate((len(text.positions), len(text.texture), len(text.normals))):
        assert text.corners[:, column].max() < count
    assert text.material.max() < len(text.material_names)
