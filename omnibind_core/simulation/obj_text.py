"""Statements of a Wavefront OBJ file as arrays: positions, texture coordinates, normals, polygons.

Format: the Wavefront object file specification (Ramey et al. 1995). Lines, points, curves and
groups are skipped; negative (relative) indices, continuation lines and polygons are read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
import itertools

import numpy as np
from numpy.typing import NDArray

from omnibind_core.simulation.errors import MeshError


@dataclass(frozen=True)
class ObjText:
    """Content of an OBJ file; ``p`` polygons with ``c`` corners in all.

    :param positions: ``[n, 3]``; ``texture`` ``[m, 2]``; ``normals`` ``[k, 3]``.
    :param sizes: corners of each polygon, all >= 3, ``[p]``.
    :param corners: indices of position, texture coordinate, normal, -1 = none, ``[c, 3]``.
    :param material: index into ``material_names`` of each polygon, ``[p]``.
    :param smooth: smoothing group of each polygon, 0 = flat, ``[p]``.
    :param libraries: file names of the ``mtllib`` statements.
    """

    positions: NDArray[np.float64]
    texture: NDArray[np.float64]
    normals: NDArray[np.float64]
    sizes: NDArray[np.int64]
    corners: NDArray[np.int64]
    material: NDArray[np.int64]
    smooth: NDArray[np.int64]
    material_names: tuple[str, ...]
    libraries: tuple[str, ...]


@dataclass
class _Statements:
    v: list[bytes] = field(default_factory=list)
    vt: list[bytes] = field(default_factory=list)
    vn: list[bytes] = field(default_factory=list)
    faces: list[bytes] = field(default_factory=list)
    face_material: list[int] = field(default_factory=list)
    face_smooth: list[int] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=lambda: {'': 0})
    libraries: list[str] = field(default_factory=list)
    material: int = 0
    smooth: int = 0


def parse_obj(content: bytes, model: str) -> ObjText:
    """Read an OBJ file.

    :param content: the file's bytes.
    :param model: id of the model, for errors.
    :raises MeshError: it has no polygons, or a statement is malformed or refers to nothing.
    """
    found = _statements(content, model)
    positions = _columns(found.v, 3, model, 'v')
    texture = _columns(found.vt, 2, model, 'vt')
    normals = _columns(found.vn, 3, model, 'vn')
    sizes, corners = _corners(found.faces, model)
    keep = sizes >= 3
    if not keep.any():
        raise MeshError(model, 'the mesh has no polygons')
    corners = corners[np.repeat(keep, sizes)]
    for column, count, what in zip(
        range(3), (len(positions), len(texture), len(normals)), ('v', 'vt', 'vn'), strict=True
    ):
        worst = int(corners[:, column].max())
        if worst >= count:
            raise MeshError(model, f'a face refers to {what} {worst + 1}, but there are {count}')
    if corners[:, 0].min() < 0:
        raise MeshError(model, 'a face has a corner without position')
    return ObjText(
        positions=positions,
        texture=texture,
        normals=normals,
        sizes=sizes[keep],
        corners=corners,
        material=np.array(found.face_material, np.int64)[keep],
        smooth=np.array(found.face_smooth, np.int64)[keep],
        material_names=tuple(found.names),
        libraries=tuple(found.libraries),
    )


def _statements(content: bytes, model: str) -> _Statements:
    if b'\\' in content:
        content = content.replace(b'\\\r\n', b' ').replace(b'\\\n', b' ')
    found = _Statements()
    for raw in content.splitlines():
        head = raw[:2]
        if head == b'v ':
            found.v.append(raw[2:])
        elif head == b'f ':
            _add_face(found, raw[2:], model)
        elif head == b'vt':
            found.vt.append(raw[3:])
        elif head == b'vn':
            found.vn.append(raw[3:])
        elif head and head != b'# ':
            _other(found, raw, model)
    return found


def _add_face(found: _Statements, corners: bytes, model: str) -> None:
    if b'-' in corners:
        corners = _absolute(found, corners, model)
    found.faces.append(corners)
    found.face_material.append(found.material)
    found.face_smooth.append(found.smooth)


def _other(found: _Statements, raw: bytes, model: str) -> None:
    """Statements that are rare, or written with tabs or leading blanks."""
    key, _, rest = raw.replace(b'\t', b' ').strip().partition(b' ')
    if key == b'usemtl':
        name = rest.strip().decode('latin-1')
        found.material = found.names.setdefault(name, len(found.names))
    elif key == b's':
        found.smooth = int(rest) if rest.strip().isdigit() and len(rest) < 10 else 0
    elif key == b'mtllib':
        found.libraries.append(rest.strip().decode('latin-1'))
    elif key == b'v':
        found.v.append(rest)
    elif key == b'f':
        _add_face(found, rest, model)


def _absolute(found: _Statements, corners: bytes, model: str) -> bytes:
    """Relative indices (-1 = the newest) as absolute ones."""
    counts = (len(found.v), len(found.vt), len(found.vn))
    tokens = []
    for token in corners.split():
        parts = []
        for part, count in zip(token.split(b'/'), counts, strict=False):
            if part.startswith(b'-'):
                (back,) = _convert(int, [part], np.dtype(np.int64), model, 'f')
                if back < -count:
                    raise MeshError(model, f'a face refers back by {-back}, of {count}')
                parts.append(b'%d' % (count + back + 1))
            else:
                parts.append(part)
        tokens.append(b'/'.join(parts))
    return b' '.join(tokens)


def _columns(lines: list[bytes], wanted: int, model: str, what: str) -> NDArray[np.float64]:
    """The first ``wanted`` numbers of each line, ``[n, wanted]``; a missing last one is 0."""
    rows = [line.split() for line in lines]
    short = [index for index, row in enumerate(rows) if len(row) < wanted]
    for index in short:
        if what != 'vt' or not rows[index]:
            raise MeshError(model, f'statement {what} {lines[index][:60]!r} has too few numbers')
        rows[index] = [*rows[index], b'0']
    tokens = list(itertools.chain.from_iterable(row[:wanted] for row in rows))
    values = _convert(float, tokens, np.dtype(np.float64), model, what)
    if not np.isfinite(values).all() or (len(values) and np.abs(values).max() > 1e12):
        raise MeshError(model, f'a statement {what} has a number that is not finite or too large')
    return values.reshape(-1, wanted)


def _corners(lines: list[bytes], model: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Corners per line ``[p]`` and zero-based index triples ``[c, 3]``."""
    sizes = np.zeros(len(lines), np.int64)
    groups: dict[str, list[int]] = {'v': [], 'v/vt': [], 'v//vn': [], 'v/vt/vn': []}
    for index, line in enumerate(lines):
        count = len(line.split())
        slashes = line.count(b'/')
        sizes[index] = count
        if slashes == 0:
            groups['v'].append(index)
        elif slashes == count:
            groups['v/vt'].append(index)
        elif slashes == 2 * count:
            groups['v//vn' if b'//' in line else 'v/vt/vn'].append(index)
        else:
            raise MeshError(model, f'face {line[:60]!r} mixes ways of writing its corners')
    starts = np.cumsum(sizes) - sizes
    corners = np.full((int(sizes.sum()), 3), -1, np.int64)
    columns = {'v': [0], 'v/vt': [0, 1], 'v//vn': [0, 2], 'v/vt/vn': [0, 1, 2]}
    for form, members in groups.items():
        if not members:
            continue
        text = b' '.join([lines[index] for index in members]).replace(b'//', b' ')
        tokens = text.replace(b'/', b' ').split()
        values = _convert(int, tokens, np.dtype(np.int64), model, 'f')
        own = sizes[members]
        if len(values) != own.sum() * len(columns[form]):
            raise MeshError(model, f'faces written as {form} have empty indices')
        if len(values) and values.min() < 1:
            raise MeshError(model, f'a face has the index {values.min()}; they count from 1')
        offsets = np.arange(own.sum()) - np.repeat(np.cumsum(own) - own, own)
        target = np.repeat(starts[members], own) + offsets
        corners[target[:, None], columns[form]] = values.reshape(-1, len(columns[form])) - 1
    return sizes, corners


def _convert(
    kind: Callable[[bytes], float],
    tokens: list[bytes],
    dtype: np.dtype[np.float64] | np.dtype[np.int64],
    model: str,
    what: str,
) -> NDArray[np.float64]:
    try:
        return np.fromiter(map(kind, tokens), dtype, len(tokens))
    except (ValueError, OverflowError):
        raise MeshError(model, f'a statement {what} is not made of numbers') from None
