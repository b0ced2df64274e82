"""Materials of a Wavefront MTL file, with their textures.

Format: the MTL part of the Wavefront object file specification (Ramey et al. 1995); only what the
household models use: ``Kd``, ``Ks``, ``Ns``, ``d``, ``Tr``, ``map_Kd``.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
import io
import math

import numpy as np
from numpy.typing import NDArray

from omnibind_core.simulation.errors import MeshError
from omnibind_core.simulation.errors import ModelSourceError
from omnibind_core.simulation.mesh import Material
from omnibind_core.simulation.model_archive import ModelArchive

TEXTURE_BYTES = 16 * 2**20
TEXTURE_PIXELS = 2**22
"""Most pixels of a texture; the largest of the curated libraries has 2**20."""

_OPTION_VALUES = {'-blendu': 1, '-blendv': 1, '-cc': 1, '-clamp': 1, '-texres': 1, '-bm': 1}
_OPTION_VALUES |= {'-boost': 1, '-imfchan': 1, '-mm': 2, '-o': 3, '-s': 3, '-t': 3}


@dataclass
class _Draft:
    material: Material
    texture: str = ''


@dataclass(frozen=True)
class MaterialLibrary:
    """What was read from one MTL file.

    :param materials: by name.
    :param warnings: textures that are missing or unreadable, one sentence each.
    """

    materials: Mapping[str, Material] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def read_materials(archive: ModelArchive, member: str, model: str) -> MaterialLibrary:
    """Read an MTL member and the textures it names.

    :param archive: the model library.
    :param member: name of the ``.mtl`` member.
    :param model: id of the model, for errors.
    :raises MeshError: the member is unreadable or a number in it is malformed.
    """
    try:
        drafts = parse_mtl(archive.read(member), model)
    except ModelSourceError as error:
        raise MeshError(model, str(error)) from None
    folder = member.rpartition('/')[0]
    loaded: dict[str, tuple[NDArray[np.uint8], NDArray[np.uint8] | None] | str] = {}
    materials = {}
    warnings: dict[str, None] = {}
    for name, draft in drafts.items():
        material = draft.material
        if draft.texture:
            if draft.texture not in loaded:
                loaded[draft.texture] = _texture(archive, folder, draft.texture)
            found = loaded[draft.texture]
            if isinstance(found, str):
                warnings[found] = None
            else:
                material = replace(material, texture=found[0], alpha=found[1])
        materials[name] = material
    return MaterialLibrary(materials, tuple(warnings))


def parse_mtl(content: bytes, model: str) -> dict[str, _Draft]:
    """Materials by name, textures still as references.

    :raises MeshError: a number is malformed.
    """
    drafts: dict[str, _Draft] = {}
    current: _Draft | None = None
    for line in content.decode('latin-1').splitlines():
        key, _, rest = line.strip().partition(' ')
        key, rest = key.lower(), rest.strip()
        if key == 'newmtl':
            current = drafts.setdefault(rest, _Draft(Material(name=rest)))
        elif current is not None and rest:
            _apply(current, key, rest, model)
    return drafts


def _apply(draft: _Draft, key: str, rest: str, model: str) -> None:
    if key == 'kd':
        draft.material = replace(draft.material, diffuse=_colour(rest, model, key))
    elif key == 'ks':
        draft.material = replace(draft.material, specular=_colour(rest, model, key))
    elif key == 'ns':
        (value,) = _floats(rest.split()[:1], model, key)
        draft.material = replace(draft.material, shininess=float(np.clip(value, 0.0, 1000.0)))
    elif key in {'d', 'tr'}:
        (value,) = _floats([part for part in rest.split() if part != '-halo'][:1], model, key)
        opacity = value if key == 'd' else 1.0 - value
        draft.material = replace(draft.material, opacity=float(np.clip(opacity, 0.0, 1.0)))
    elif key == 'map_kd':
        draft.texture = _reference(rest)


def _colour(rest: str, model: str, key: str) -> tuple[float, float, float]:
    values = [min(max(value, 0.0), 1.0) for value in _floats(rest.split()[:3], model, key)]
    if len(values) not in {1, 3}:
        raise MeshError(model, f'material colour {key} {rest[:60]!r} has not three numbers')
    red, green, blue = values if len(values) == 3 else values * 3
    return red, green, blue


def _floats(parts: Iterable[str], model: str, key: str) -> list[float]:
    try:
        values = [float(part) for part in parts]
    except ValueError:
        values = []
    if not values or not all(math.isfinite(value) for value in values):
        raise MeshError(model, f'material value {key} is not made of numbers')
    return values


def _reference(rest: str) -> str:
    """The file name at the end of a map statement; names with spaces occur, options may precede."""
    parts = rest.split()
    start = 0
    while start < len(parts) and parts[start] in _OPTION_VALUES:
        wanted = _OPTION_VALUES[parts[start]]
        start += 1
        while wanted and start < len(parts) - 1 and _is_value(parts[start]):
            start, wanted = start + 1, wanted - 1
    return ' '.join(parts[start:])


def _is_value(text: str) -> bool:
    return text in {'on', 'off'} or text.lstrip('+-').replace('.', '', 1).isdigit()


def _texture(
    archive: ModelArchive, folder: str, reference: str
) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None] | str:
    """Pixels and opacity of a texture, or the warning why there are none."""
    from PIL import Image

    member = archive.resolve(folder, reference)
    if member is None:
        return f'texture {reference!r} is missing; the plain colour stands in'
    try:
        with Image.open(io.BytesIO(archive.read(member, TEXTURE_BYTES))) as image:
            if image.width * image.height > TEXTURE_PIXELS:
                return f'texture {reference!r} has {image.size} pixels, too many; left out'
            has_alpha = 'A' in image.getbands() or 'transparency' in image.info
            pixels = np.asarray(image.convert('RGBA'))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        return f'texture {reference!r} is unreadable ({error}); the plain colour stands in'
    except ModelSourceError as error:
        return f'texture {reference!r} is unreadable ({error}); the plain colour stands in'
    alpha = np.ascontiguousarray(pixels[..., 3]) if has_alpha else None
    if alpha is not None and alpha.min() >= 250:
        alpha = None
    return np.ascontiguousarray(pixels[..., :3]), alpha
