"""A bag whose recorder was cut off: what was written before is put into files that can be read.

An MCAP file (format 0) is a row of records, each with its length; what is at the end only speeds up
reading. When it is missing, the last record that is not complete is left out and an empty end is
put in its place. The bag itself is never changed.
"""

from __future__ import annotations

from pathlib import Path
import shutil
import struct

MAGIC = b'\x89MCAP0\r\n'
_HEAD = struct.Struct('<BQ')
_FOOTER, _DATA_END = 0x02, 0x0F
# No index and no checksum: a reader goes through the data.
_END = _HEAD.pack(_DATA_END, 4) + bytes(4) + _HEAD.pack(_FOOTER, 20) + bytes(20) + MAGIC


def repaired(path: Path, folder: Path) -> Path | None:
    """A readable copy of what is left of a bag that was cut off.

    :param path: the bag's folder, or one file of it.
    :param folder: where the copy may lie.
    :return: ``None``: there is nothing that could be repaired in this way.
    """
    files = [path] if path.suffix == '.mcap' else sorted(path.glob('*.mcap'))
    files = [file for file in files if file.is_file()]
    damaged = [file for file in files if not _complete(file)]
    beside = path / 'metadata.yaml'
    # Without what stands beside them, only one file can be opened by itself.
    alone = len(files) == 1
    if not (damaged or (alone and not beside.exists())) or not (alone or beside.exists()):
        return None
    for file in files:
        if file in damaged:
            if not _copy(file, folder / file.name):
                return None
        else:
            (folder / file.name).symlink_to(file.resolve())
    if alone:
        return folder / files[0].name
    shutil.copy(beside, folder / beside.name)
    return folder


def _complete(file: Path) -> bool:
    with file.open('rb') as stream:
        size = stream.seek(0, 2)
        stream.seek(max(size - len(MAGIC), 0))
        return size > len(_END) and stream.read() == MAGIC


def _copy(file: Path, to: Path) -> bool:
    """All records that are complete; false: it is no such file, or holds none."""
    with file.open('rb') as source:
        size = source.seek(0, 2)
        source.seek(0)
        if source.read(len(MAGIC)) != MAGIC:
            return False
        begin = end = len(MAGIC)
        while end + _HEAD.size <= size:
            source.seek(end)
            kind, length = _HEAD.unpack(source.read(_HEAD.size))
            after = end + _HEAD.size + length
            if kind in (0, _FOOTER, _DATA_END) or after > size:
                break
            end = after
        if end == begin:
            return False
        source.seek(0)
        with to.open('wb') as target:
            left = end
            while left and (piece := source.read(min(left, 1 << 20))):
                target.write(piece)
                left -= len(piece)
            target.write(_END)
    return True
