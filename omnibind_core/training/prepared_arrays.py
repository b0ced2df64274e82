"""Readings prepared once and kept as one array on disk, so that epochs and runs share the work.

The array is found by what it was made from: the data set's files, the modality, the input
specification, and the code that prepared it. It is kept as float16: sensors give 8 to 16 bits.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.atomic_file import write_atomically
from omnibind_core.data.loader import Preparation
from omnibind_core.data.loader import prepared
from omnibind_core.data.manifest import FILE_NAME
from omnibind_core.data.manifest import Manifest
from omnibind_core.data.record import Record
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.modalities.base import InputSpecification

_VERSION = 1
_LARGEST = 60_000.0  # float16 ends at 65,504


@dataclass(frozen=True, eq=False)
class PreparedArrays:
    """Readings of one modality, row by row.

    :param records: all of the data set's readings of the modality, in its order.
    :param arrays: float16 ``[n, *shape]``, read from disk as needed.
    :param informative: bool ``[n]``: whether preprocessing saw something to sense.
    :param key: identifies data, modality, specification and code.
    """

    records: tuple[Record, ...]
    arrays: NDArray[np.float16]
    informative: NDArray[np.bool_]
    key: str


def prepared_arrays(
    manifest: Manifest,
    modality: str,
    specification: InputSpecification,
    folder: Path,
    *,
    workers: int = 2,
    observe: Callable[[int, int], None] | None = None,
) -> PreparedArrays:
    """All of a data set's readings of one modality, from the cache or prepared now.

    :param folder: of the cache; made if it is not there. Several processes may share it.
    :param workers: processes that prepare; 0 = this one.
    :param observe: called as ``observe(done, total)`` after each reading that is prepared.
    :raises ConfigError: there is no reading of the modality.
    :raises ContainerError: a reading cannot be used; names the file.
    """
    records = tuple(item for item in manifest.records if item.modality == modality)
    if not records:
        problem = Problem('modality', f'no reading of {modality}', 'a modality that it has')
        raise ConfigError(str(manifest.root), [problem])
    key = _key(manifest, records, modality, specification)
    array_file, facts_file = folder / f'{key}.npy', folder / f'{key}.json'
    shape = (len(records), *specification.shape)
    informative = _facts(facts_file, len(records))
    arrays = None if informative is None else _mapped(array_file, shape)
    if informative is None or arrays is None:
        folder.mkdir(parents=True, exist_ok=True)
        preparation = Preparation(manifest.root, specifications={modality: specification})
        _prepare(preparation, records, shape, (array_file, facts_file), workers, observe)
        informative, arrays = _facts(facts_file, len(records)), _mapped(array_file, shape)
        assert informative is not None
        assert arrays is not None
    return PreparedArrays(records, arrays, informative, key)


def _prepare(
    preparation: Preparation,
    records: Sequence[Record],
    shape: tuple[int, ...],
    files: tuple[Path, Path],
    workers: int,
    observe: Callable[[int, int], None] | None,
) -> None:
    array_file, facts_file = files
    draft = array_file.with_name(f'.{array_file.name}.{os.getpid()}.part')
    informative = []
    try:
        arrays = np.lib.format.open_memmap(draft, mode='w+', dtype=np.float16, shape=shape)
        for row, reading in enumerate(prepared(preparation, records, workers=workers)):
            arrays[row] = np.clip(reading.array, -_LARGEST, _LARGEST)
            informative.append(reading.informative)
            if observe is not None:
                observe(row + 1, len(records))
        arrays.flush()
        del arrays
        draft.replace(array_file)
    finally:
        draft.unlink(missing_ok=True)
    # last: where this file is, the array is complete
    write_atomically(facts_file, json.dumps({'informative': informative}) + '\n')


def _facts(file: Path, count: int) -> NDArray[np.bool_] | None:
    """Which readings are informative, or ``None`` if there is no complete file."""
    try:
        informative = json.loads(file.read_text(encoding='utf-8'))['informative']
    except (OSError, ValueError, KeyError, TypeError):
        return None
    found = np.asarray(informative)
    return found if found.dtype == np.bool_ and found.shape == (count,) else None


def _mapped(file: Path, shape: tuple[int, ...]) -> NDArray[np.float16] | None:
    """The array on disk, or ``None`` if it is not there or not complete."""
    try:
        found = np.load(file, mmap_mode='r', allow_pickle=False)
    except (OSError, ValueError):
        return None
    return found if found.dtype == np.float16 and found.shape == shape else None


def _key(
    manifest: Manifest,
    records: Sequence[Record],
    modality: str,
    specification: InputSpecification,
) -> str:
    """Modality and a digest of everything the arrays depend on."""
    files = sorted({item.shard[0] or item.path for item in records})
    stamps = []
    for name in files:
        status = (manifest.root / name).stat()
        stamps.append([name, status.st_size, status.st_mtime_ns])
    described: dict[str, Any] = {
        'version': _VERSION,
        'manifest': hashlib.sha256((manifest.root / FILE_NAME).read_bytes()).hexdigest(),
        'files': stamps,
        'specification': asdict(specification),  # type: ignore[call-overload]
        'code': _code_digest(),
    }
    text = json.dumps(described, sort_keys=True, default=str)
    return f'{modality}-{hashlib.sha256(text.encode()).hexdigest()[:24]}'


def _code_digest() -> str:
    """SHA-256 over the sources that decode and prepare readings."""
    import omnibind_core.data
    import omnibind_core.modalities

    digest = hashlib.sha256()
    for package, pattern in (
        (omnibind_core.modalities, '*.py'),
        (omnibind_core.data, 'codec.py'),
        (omnibind_core.data, 'reader.py'),
    ):
        for file in sorted(Path(package.__path__[0]).glob(pattern)):
            digest.update(file.name.encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()
