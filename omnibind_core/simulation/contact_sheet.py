"""Contact sheets: many small pictures with captions, because people curate by looking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omnibind_core.simulation.camera import frame
from omnibind_core.simulation.mesh import Mesh
from omnibind_core.simulation.ray_caster import RayCaster
from omnibind_core.simulation.shading import Lighting
from omnibind_core.simulation.shading import shade
from omnibind_core.simulation.surface import to_srgb

if TYPE_CHECKING:
    from PIL import Image

_PAPER = (0.82, 0.84, 0.88)
_INK = (20, 20, 20)
_CAPTION_LINES = 2


@dataclass(frozen=True, eq=False)
class Tile:
    """One picture of a sheet.

    :param picture: uint8 ``[h, w, 3]``.
    :param caption: text below it, wrapped to two lines.
    :param inset: uint8 ``[h, w, 3]``, shown small in a corner, or ``None``.
    """

    picture: NDArray[np.uint8]
    caption: str = ''
    inset: NDArray[np.uint8] | None = None


def thumbnail(
    mesh: Mesh,
    size: int = 160,
    *,
    azimuth: float = 30.0,
    elevation: float = 20.0,
    lighting: Lighting | None = None,
) -> NDArray[np.uint8]:
    """A picture of a mesh before plain paper, uint8 ``[size, size, 3]``.

    :param mesh: what to draw; it fills the picture.
    :param size: pixels a side; four rays go through each.
    :param azimuth: degrees, 0 = from the front.
    :param elevation: degrees above the horizon.
    :param lighting: all light there is.
    """
    camera = frame(
        mesh.vertices,
        width=2 * size,
        height=2 * size,
        fov=35.0,
        azimuth=azimuth,
        elevation=elevation,
    )
    light = shade(RayCaster(mesh), *camera.rays(), lighting).over(_PAPER)
    fine = np.clip(light, 0.0, 1.0).reshape(size, 2, size, 2, 3)
    return to_srgb(fine.mean(axis=(1, 3)))


def contact_sheet(tiles: Sequence[Tile], *, columns: int = 9, size: int = 160) -> Image.Image:
    """Tiles in rows, each with its caption.

    :param tiles: any number, also none.
    :param columns: tiles a row.
    :param size: pixels a tile.
    """
    from PIL import Image
    from PIL import ImageDraw
    from PIL import ImageFont

    font = ImageFont.load_default(size=10)
    step = size + 12 * _CAPTION_LINES + 4
    rows = max(1, -(-len(tiles) // columns))
    sheet = Image.new('RGB', (columns * size, rows * step), (255, 255, 255))
    draw = ImageDraw.Draw(sheet)
    for index, tile in enumerate(tiles):
        x, y = index % columns * size, index // columns * step
        sheet.paste(_fit(Image.fromarray(tile.picture), size), (x, y))
        if tile.inset is not None:
            small = _fit(Image.fromarray(tile.inset), size // 3)
            sheet.paste(small, (x + size - small.width, y + size - small.height))
        text = '\n'.join(_wrap(tile.caption, int(size / 5.4)))
        draw.multiline_text((x + 2, y + size), text, fill=_INK, font=font, spacing=1)
    return sheet


def _fit(image: Image.Image, size: int) -> Image.Image:
    image.thumbnail((size, size))
    return image


def _wrap(text: str, width: int) -> list[str]:
    return [text[start : start + width] for start in range(0, len(text), width)][:_CAPTION_LINES]
