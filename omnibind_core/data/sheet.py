"""Contact sheets of a data set: one row for a view, one column for a modality."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import TYPE_CHECKING

from omnibind_core.data.manifest import Manifest
from omnibind_core.data.reader import read_raw
from omnibind_core.data.reading_picture import draw
from omnibind_core.data.record import Record
from omnibind_core.data.shard import Files
from omnibind_core.modalities.registry import modality
from omnibind_core.modalities.registry import NAMES

if TYPE_CHECKING:
    from PIL import Image

_CAPTION = 14
_GAP = 2


def sheet(
    manifest: Manifest, rows: Sequence[Mapping[str, Record]], *, title: str, size: int = 150
) -> Image.Image:
    """Readings in rows.

    :param rows: records by modality; a missing modality leaves its place empty.
    :param title: stands above.
    :param size: pixels of a reading's side.
    :raises ContainerError: a reading cannot be read; names the file.
    """
    from PIL import Image
    from PIL import ImageDraw
    from PIL import ImageFont

    columns = [name for name in NAMES if any(name in row for row in rows)]
    step = size + _GAP
    width = max(len(columns) * step, 400)
    picture = Image.new('RGB', (width, 2 * _CAPTION + len(rows) * (step + _CAPTION)), 'white')
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=11)
    pen.text((4, 0), title, fill='black', font=font)
    for column, name in enumerate(columns):
        pen.text((column * step + 4, _CAPTION), modality(name).title, fill='black', font=font)
    files = Files(manifest.root)
    for number, row in enumerate(rows):
        top = 2 * _CAPTION + number * (step + _CAPTION)
        first = next(iter(row.values()))
        what = 'nothing' if first.nothing else first.label
        caption = f'{what}: {first.instance}, view {first.view}, {" ".join(first.folds)}'
        pen.text((4, top), caption, fill=(90, 90, 90), font=font)
        for column, name in enumerate(columns):
            if name in row:
                tile = Image.fromarray(draw(name, read_raw(files, row[name]), size))
                picture.paste(tile, (column * step, top + _CAPTION))
    files.close()
    return picture


def rows_of_class(
    manifest: Manifest, label: str, *, fold: str = '', split: int = 0, count: int = 6
) -> list[Mapping[str, Record]]:
    """Views to show of a class: spread over its instances, one view after the other.

    :param label: the class; ``''`` for readings of nothing.
    :param fold: only of this fold; ``''`` = all, copies too.
    :param count: at most so many views.
    """
    views: dict[str, dict[int, dict[str, Record]]] = {}
    for record in manifest.records:
        if record.label == label and (not fold or record.folds[split] == fold):
            of_instance = views.setdefault(record.instance, {})
            of_instance.setdefault(record.view, {})[record.modality] = record
    found: list[Mapping[str, Record]] = []
    depth = 0
    while len(found) < count:
        layer = [
            of_instance[sorted(of_instance)[depth]]
            for of_instance in views.values()
            if len(of_instance) > depth
        ]
        if not layer:
            break
        found += layer
        depth += 1
    # spread over the first layer, so that a class of many instances is not shown by its first ones
    if len(found) > count and depth == 1:
        return [found[number * len(found) // count] for number in range(count)]
    return found[:count]
