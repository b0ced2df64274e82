"""Features of a data set's pictures, each computed once: found again by the content of its file."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.embedding_cache import content_key
from omnibind_core.data.embedding_cache import EmbeddingCache
from omnibind_core.data.embedding_cache import missing_keys
from omnibind_core.data.reader import contents
from omnibind_core.data.reader import read_raw
from omnibind_core.data.record import Record
from omnibind_core.data.shard import Files
from omnibind_core.models.teachers.teacher import Teacher

BATCH = 32
_BATCHES_A_FILE = 16  # what a kill costs at most


def image_features(
    root: Path,
    records: Sequence[Record],
    teacher: Teacher,
    folder: Path,
    *,
    report: Callable[[int], None] | None = None,
) -> NDArray[np.float32]:
    """A teacher's features of pictures, from its cache or computed now; float32 ``[n, f]``.

    A killed run goes on where it was: what was computed is written every few hundred pictures.

    :param root: folder of the data set.
    :param records: of pictures.
    :param folder: of the cache; each kind of features has a folder of its own in it.
    :param report: called with how many more are done.
    :raises ContainerError: a picture is missing or damaged; names the file.
    :raises CacheError: the folder holds something else.
    """
    say = report or (lambda _: None)
    space = teacher.image_space
    cache = EmbeddingCache(folder / space, space=space, dimension=teacher.feature_dimension)
    files = Files(root)
    try:
        keys = [content_key(*contents(files, record)) for record in records]
        first = {key: row for row, key in reversed(list(enumerate(keys)))}
        todo = missing_keys(cache, keys)
        say(len(keys) - len(todo))
        for number, start in enumerate(range(0, len(todo), BATCH), start=1):
            batch = todo[start : start + BATCH]
            pictures = [read_raw(files, records[first[key]]) for key in batch]
            cache.put(batch, teacher.image_features(pictures))
            say(len(batch))
            if number % _BATCHES_A_FILE == 0:
                cache.flush()
    finally:
        cache.flush()
        files.close()
    return cache.get(keys)[0]
