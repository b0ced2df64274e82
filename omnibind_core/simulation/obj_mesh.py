"""One household model as a mesh: its OBJ, materials and textures, at its real size, z up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnibind_core.simulation.catalogue import Catalogue
from omnibind_core.simulation.catalogue import Model
from omnibind_core.simulation.errors import MeshError
from omnibind_core.simulation.errors import ModelSourceError
from omnibind_core.simulation.material_library import MaterialLibrary
from omnibind_core.simulation.material_library import read_materials
from omnibind_core.simulation.mesh import Material
from omnibind_core.simulation.mesh import Mesh
from omnibind_core.simulation.model_archive import ModelArchive
from omnibind_core.simulation.obj_text import ObjText
from omnibind_core.simulation.obj_text import parse_obj
from omnibind_core.simulation.smooth_normals import corner_normals
from omnibind_core.simulation.triangulation import triangulate

__all__ = ['Material', 'Mesh', 'load_mesh', 'load_model']

STRETCH = 1.15
"""Ratio between the axes' scales above which a mesh is reported as stretched to its size."""

_TO_Z_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])


def load_model(catalogue: Catalogue, model_id: str) -> Mesh:
    """Load a model of the catalogue by its id.

    :raises CatalogueError: no such model.
    :raises ModelSourceError: its library is missing or damaged.
    :raises MeshError: its mesh cannot be read.
    """
    model = catalogue.model(model_id)
    with catalogue.open(model.library) as archive:
        return load_mesh(archive, model)


def load_mesh(archive: ModelArchive, model: Model) -> Mesh:
    """Load a model's mesh: triangulated, scaled to the catalogue's size, turned z up.

    Missing textures and material files leave a plain colour and a warning in the mesh.

    :param archive: the model's library, open.
    :param model: its entry in the catalogue.
    :raises MeshError: unreadable, without polygons, or without extent.
    """
    try:
        content = archive.read(model.mesh)
    except ModelSourceError as error:
        raise MeshError(model.model_id, str(error)) from None
    text = parse_obj(content, model.model_id)
    materials, warnings = _materials(archive, model, text)
    corners, owner = triangulate(text.positions[text.corners[:, 0]], text.sizes)
    index = text.corners[corners]
    turn, scale, stretched = _placement(text.positions[index[..., 0]], model)
    if stretched:
        warnings = (*warnings, stretched)
    vertices, faces = _compact(text.positions, index[..., 0])
    placed = _place(vertices, turn, scale)
    keep = _not_degenerate(placed, faces)
    if not keep.any():
        raise MeshError(model.model_id, 'all triangles have zero area')
    faces, index, owner = faces[keep], index[keep], owner[keep]
    normals = _normals(text, index, owner, placed, faces, turn, scale)
    uv = np.zeros((*faces.shape, 2))
    has_uv = index[..., 1] >= 0
    uv[has_uv] = text.texture[index[..., 1][has_uv]]
    return Mesh(
        name=model.model_id,
        vertices=placed.astype(np.float32),
        faces=faces.astype(np.int32),
        normals=normals.astype(np.float32),
        uv=uv.astype(np.float32),
        material=text.material[owner].astype(np.int32),
        materials=materials,
        warnings=warnings,
    )


def _materials(
    archive: ModelArchive, model: Model, text: ObjText
) -> tuple[tuple[Material, ...], tuple[str, ...]]:
    folder, _, file = model.mesh.rpartition('/')
    libraries: list[MaterialLibrary] = []
    warnings: list[str] = []
    for reference in text.libraries:
        member = archive.resolve(folder, reference)
        if member is None:
            stand_in = f'{folder}/{file.rpartition(".")[0]}.mtl'
            warnings.append(f'material file {reference!r} is missing')
            member = stand_in if stand_in in archive else None
        if member is not None:
            libraries.append(read_materials(archive, member, model.model_id))
    known = {name: item for library in libraries for name, item in library.materials.items()}
    warnings += [warning for library in libraries for warning in library.warnings]
    used = set(np.unique(text.material).tolist())
    for number, name in enumerate(text.material_names):
        if number in used and name and name not in known:
            warnings.append(f'material {name!r} is not defined; plain grey stands in')
    found = tuple(known.get(name) or _stand_in(name) for name in text.material_names)
    return found, tuple(warnings)


def _stand_in(name: str) -> Material:
    """For a material that is named but not defined: light grey, see-through where it is glass."""
    return Material(name=name, opacity=0.25 if 'glass' in name.lower() else 1.0)


def _placement(
    corners: NDArray[np.float64], model: Model
) -> tuple[NDArray[np.float64], NDArray[np.float64], str]:
    """Rotation ``[3, 3]`` to z up, scale ``[3]`` along the turned axes, a warning or ``''``."""
    turn = _TO_Z_UP @ np.reshape(model.rotation, (3, 3))
    turned = corners.reshape(-1, 3) @ turn.T
    extent = turned.max(axis=0) - turned.min(axis=0)
    solid = extent > 1e-6 * extent.max()
    if np.count_nonzero(solid) < 2:
        raise MeshError(model.model_id, 'the mesh has no extent')
    width, depth, height = model.size
    given = _scale((width, depth, height), extent, solid)
    swapped = _scale((depth, width, height), extent, solid)
    if _stretch(given) <= STRETCH:
        return turn, given, ''
    if _stretch(swapped) <= STRETCH and _stretch(given) > 2.0:
        return turn, swapped, 'the catalogue has width and depth the wrong way round; swapped'
    return turn, given, f'stretched by {_stretch(given):.2f} to the catalogue size'


def _scale(
    size: tuple[float, float, float], extent: NDArray[np.float64], solid: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Scale along each axis ``[3]``; a flat axis follows the others."""
    scale = np.divide(size, extent, out=np.zeros(3), where=solid)
    scale[~solid] = np.median(scale[solid])
    return scale


def _stretch(scale: NDArray[np.float64]) -> float:
    return float(scale.max() / scale.min())


def _compact(
    positions: NDArray[np.float64], faces: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Only the vertices that some face uses."""
    used, inverse = np.unique(faces, return_inverse=True)
    return positions[used], inverse.reshape(faces.shape)


def _place(
    vertices: NDArray[np.float64], turn: NDArray[np.float64], scale: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Turned and scaled, centred in x and y, standing on z = 0."""
    placed = vertices @ turn.T * scale
    low, high = placed.min(axis=0), placed.max(axis=0)
    origin = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])
    # Rounded at once: whether a triangle has an area is decided on what the mesh will hold.
    return np.asarray((placed - origin).astype(np.float32), np.float64)


def _not_degenerate(vertices: NDArray[np.float64], faces: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which triangles have an area."""
    corners = vertices[faces]
    area = np.linalg.norm(
        np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
    )
    return np.asarray(area > 1e-12 * float(np.ptp(vertices, axis=0).max()) ** 2, np.bool_)


def _normals(
    text: ObjText,
    index: NDArray[np.int64],
    owner: NDArray[np.int64],
    vertices: NDArray[np.float64],
    faces: NDArray[np.int64],
    turn: NDArray[np.float64],
    scale: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The file's normals where it has usable ones, else from its smoothing groups."""
    normals = corner_normals(vertices, faces, text.smooth[owner])
    given = index[..., 2] >= 0
    if given.any():
        # Normals transform with the inverse transpose of the map of points, here diag(scale) turn.
        own = text.normals[index[..., 2][given]] @ turn.T / scale
        length = np.linalg.norm(own, axis=1)
        usable = length > 1e-6
        own[usable] /= length[usable, None]
        own[~usable] = normals[given][~usable]
        normals[given] = own
    return normals
