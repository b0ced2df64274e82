"""Records as arrays that models take: read, decoded, and prepared by the product's own code.

A plain iterable, without torch. Several processes prepare readings ahead while the caller works;
what comes out, and in which order, does not depend on how many there are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from dataclasses import field
import multiprocessing
from pathlib import Path
from typing import Any

from omnibind_core.data.errors import ContainerError
from omnibind_core.data.reader import read_raw
from omnibind_core.data.record import Record
from omnibind_core.data.shard import Files
from omnibind_core.errors import ConfigError
from omnibind_core.errors import InputError
from omnibind_core.errors import Problem
from omnibind_core.modalities.base import Prepared
from omnibind_core.modalities.registry import modality
from omnibind_core.modalities.registry import SENSOR_NAMES

_CHUNK = 16
_AHEAD = 4  # chunks for each process: enough to never wait, a bounded amount of memory


@dataclass(frozen=True)
class Preparation:
    """What readings are prepared for.

    :param root: folder of the data set.
    :param specifications: a modality's input specification, by name; our defaults elsewhere.
    :param sensors: a modality's sensor settings, by name; our defaults elsewhere.
    """

    root: Path
    specifications: Mapping[str, Any] = field(default_factory=dict)
    sensors: Mapping[str, Any] = field(default_factory=dict)

    def raw(self, files: Files, record: Record) -> Any:
        """One record's reading before it is prepared; what changes readings overrides this."""
        return read_raw(files, record)

    def prepare(self, files: Files, record: Record) -> Prepared:
        """One record's reading as an array.

        :param files: the data set's files.
        :raises ContainerError: its file is missing, damaged, or not usable; names the file.
        """
        found = modality(record.modality)
        specification = self.specifications.get(record.modality) or found.specification()
        sensor = self.sensors.get(record.modality) or found.sensor()
        raw = self.raw(files, record)
        try:
            return found.prepare(raw, specification, sensor)
        except InputError as error:
            raise ContainerError(f'{files.root / record.path}: {error}') from error


def prepared(
    preparation: Preparation, records: Sequence[Record], *, workers: int = 0
) -> Iterator[Prepared]:
    """The records' arrays, in their order.

    :param preparation: what for.
    :param records: of sensors; any number.
    :param workers: processes; 0 = in this one, as it is asked for.
    :raises ContainerError: as soon as a reading's turn comes that cannot be used.
    :raises ConfigError: for texts, which have no array before the tokenizer.
    """
    for name in sorted({record.modality for record in records} - set(SENSOR_NAMES)):
        raise ConfigError('loader', [Problem('modality', repr(name), ', '.join(SENSOR_NAMES))])
    chunks = [records[start : start + _CHUNK] for start in range(0, len(records), _CHUNK)]
    if workers <= 0:
        files = Files(preparation.root)
        try:
            for record in records:
                yield preparation.prepare(files, record)
        finally:
            files.close()
        return
    # Started afresh, not forked: threads of numerical libraries do not survive a fork.
    context = multiprocessing.get_context('spawn')
    with ProcessPoolExecutor(
        workers, mp_context=context, initializer=_begin, initargs=(preparation,)
    ) as pool:
        waiting: deque[Future[list[Prepared]]] = deque()
        try:
            for chunk in chunks:
                waiting.append(pool.submit(_work, chunk))
                if len(waiting) >= workers * _AHEAD:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


@dataclass
class _Worker:
    """What one process keeps between chunks."""

    preparation: Preparation
    files: Files


# The one place where a pool's task finds what its process was begun with.
_worker: list[_Worker] = []


def _begin(preparation: Preparation) -> None:
    _worker[:] = [_Worker(preparation, Files(preparation.root))]


def _work(records: Sequence[Record]) -> list[Prepared]:
    own = _worker[0]
    return [own.preparation.prepare(own.files, record) for record in records]
