"""Whether a table of embeddings and a bundle belong together."""

from __future__ import annotations

from pathlib import Path

from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.data.embedding_table import TableError
from omnibind_core.errors import SpaceError
from omnibind_core.inference.bundle import Bundle

_CLOSE = 1e-3


def check_table(path: Path, table: EmbeddingTable, bundle: Bundle) -> None:
    """Refuse a table of another space, dimension or labels.

    :param path: the table's file, for the error.
    :raises SpaceError: the vectors are of another space; names the file.
    :raises TableError: its labels are not the bundle's; names the file.
    """
    manifest = bundle.manifest
    if table.space != manifest.space:
        raise SpaceError(f'{path}: space', table.space, f"the bundle's {manifest.space}")
    if table.dimension != manifest.dimension:
        raise SpaceError(f'{path}: length of vectors', table.dimension, f'{manifest.dimension}')
    labels = bundle.labels()
    if table.classes != tuple(labels.class_ids):
        differ = sorted(set(table.classes) ^ set(labels.class_ids))
        what = ', '.join(differ[:5]) if differ else 'their order'
        raise TableError(
            f"{path}: its classes are not the bundle's ({what}); make the table again with "
            'this bundle'
        )
    if abs(table.labels - labels.embeddings).max() > _CLOSE:
        raise TableError(
            f"{path}: its labels' embeddings are not the bundle's; make the table again with "
            'this bundle'
        )
