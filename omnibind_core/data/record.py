"""One labelled sensor reading of a data set, and the folds it belongs to."""

from __future__ import annotations

from dataclasses import dataclass

FOLDS = ('student', 'fusion', 'val', 'test')
"""What instances are for: students learn, the fusion learns, choices are made, the final figure."""

UNUSED = 'unused'
"""Fold of what takes no part in a split: an enlarged copy whose original is not a student there."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """One reading of one sensor.

    :param path: of its file, relative to the data set's folder, with slashes; a file in a shard is
        written as if the shard were a folder: ``shards/mug_3.tar/view_00.image.png``.
    :param modality: a name of :data:`omnibind_core.modalities.registry.NAMES`.
    :param label: class name; ``''`` when there is nothing to sense.
    :param instance: the one thing that was sensed; folds never share it. A reading of nothing
        belongs to an instance all the same, so that it has a fold.
    :param folds: fold in each split, :data:`FOLDS` or :data:`UNUSED`.
    :param view: readings of one instance with the same number were taken at the same time.
    :param nothing: there was nothing to sense: background, silence, no contact, no motion.
    :param copy_of: the instance that this one was made from by deforming it; ``''`` for originals.
        Copies are for students only.
    """

    path: str
    modality: str
    label: str
    instance: str
    folds: tuple[str, ...]
    view: int = 0
    nothing: bool = False
    copy_of: str = ''

    @property
    def shard(self) -> tuple[str, str]:
        """Path of the shard and the member's name in it; the first ``''`` for a plain file."""
        head, found, member = self.path.partition('.tar/')
        return (f'{head}.tar', member) if found else ('', self.path)
