"""What the teachers say of every thing and view of a data set: what students learn from.

Notation: ``n`` pairs of instance and view, ``c`` classes, ``d`` dimension of the space.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.atomic_file import write_atomically
from omnibind_core.models.teachers.errors import TeacherError

VECTORS_NAME = 'teacher.safetensors'
FACTS_NAME = 'teacher.json'
"""The vectors in a teacher's run folder."""

MOST_BYTES = 2**32
_VERSION = 1
_SHOWN = 3


@dataclass(frozen=True, kw_only=True, eq=False)
class TeacherVectors:
    """Vectors of pictures and captions by instance and view, and of the labels.

    Every pair that any modality has a labelled reading of has a row. Where it has no picture of its
    own, the mean of its instance's pictures stands in, else of its class's in the student fold,
    else the label's vector; where nothing remains of its caption, the label's bare prompt does.
    Whoever evaluates a teacher has to leave those rows out.

    :param space: of all vectors.
    :param teacher: which one, with the adapter if it has one.
    :param classes: ``[c]``.
    :param instances: name of the thing ``[n]``.
    :param view: int64 ``[n]``.
    :param label: number of the class, int64 ``[n]``.
    :param image: float32 ``[n, d]``, unit.
    :param caption: of the instance's caption without its class's noun, float32 ``[n, d]``, unit.
    :param labels: of the classes' prompts, float32 ``[c, d]``, unit.
    :param own_image: bool ``[n]``: whether it is a picture of this instance and view.
    :param own_caption: bool ``[n]``: whether it is a caption and not the bare prompt.
    :raises TeacherError: for shapes that do not fit, and a pair that occurs twice.
    """

    space: str
    teacher: str
    classes: tuple[str, ...]
    instances: tuple[str, ...]
    view: NDArray[np.int64]
    label: NDArray[np.int64]
    image: NDArray[np.float32]
    caption: NDArray[np.float32]
    labels: NDArray[np.float32]
    own_image: NDArray[np.bool_]
    own_caption: NDArray[np.bool_]

    def __post_init__(self) -> None:
        count = len(self.instances)
        size = self.labels.shape[1] if self.labels.ndim == 2 else 0
        wanted = {
            'view': (count,),
            'label': (count,),
            'image': (count, size),
            'caption': (count, size),
            'labels': (len(self.classes), size),
            'own_image': (count,),
            'own_caption': (count,),
        }
        for name, shape in wanted.items():
            found = getattr(self, name)
            if found.shape != shape:
                raise TeacherError(f'teacher vectors: {name} is {found.shape}, not {shape}')
        if count and not 0 <= self.label.min() <= self.label.max() < len(self.classes):
            raise TeacherError(f'teacher vectors: labels outside 0 to {len(self.classes) - 1}')
        if len(self._places) != count:
            raise TeacherError('teacher vectors: a pair of instance and view occurs twice')

    @cached_property
    def _places(self) -> dict[tuple[str, int], int]:
        return {key: row for row, key in enumerate(self.keys)}

    @property
    def keys(self) -> list[tuple[str, int]]:
        """Instance and view of each row."""
        return list(zip(self.instances, self.view.tolist(), strict=True))

    @property
    def dimension(self) -> int:
        """Length ``d`` of the vectors."""
        return int(self.labels.shape[1])

    def __len__(self) -> int:
        return len(self.instances)

    def rows(self, keys: Sequence[tuple[str, int]]) -> NDArray[np.int64]:
        """The rows of some pairs of instance and view, int64 ``[m]``.

        :raises TeacherError: for a pair that has none; names it.
        """
        places = self._places
        missing = [key for key in keys if key not in places]
        if missing:
            some = ', '.join(f'{name} view {view}' for name, view in missing[:_SHOWN])
            raise TeacherError(
                f'the teacher {self.teacher} has no vectors of {len(missing)} readings, as of '
                f'{some}; make its vectors for this data set'
            )
        return np.array([places[key] for key in keys], np.int64)

    def save(self, path: Path) -> None:
        """Write one safetensors file, completely or not at all.

        :raises OSError: as usual.
        """
        from safetensors.numpy import save

        names = {
            'version': _VERSION,
            'space': self.space,
            'teacher': self.teacher,
            'classes': self.classes,
            'instances': self.instances,
        }
        arrays = {name: np.ascontiguousarray(getattr(self, name)) for name in _ARRAYS}
        write_atomically(path, save(arrays, {'omnibind': json.dumps(names)}))


_ARRAYS = {
    'view': np.int64,
    'label': np.int64,
    'image': np.float32,
    'caption': np.float32,
    'labels': np.float32,
    'own_image': np.bool_,
    'own_caption': np.bool_,
}


def read_teacher_vectors(path: Path) -> TeacherVectors:
    """Vectors from the file that :meth:`TeacherVectors.save` wrote.

    :raises TeacherError: it is missing or holds something else; names it.
    """
    from safetensors import safe_open
    from safetensors import SafetensorError

    try:
        if path.stat().st_size > MOST_BYTES:
            raise TeacherError(f'{path}: larger than {MOST_BYTES} bytes')
        with safe_open(path, framework='numpy') as file:
            names = json.loads((file.metadata() or {})['omnibind'])
            arrays = {name: file.get_tensor(name) for name in _ARRAYS}
        wrong = [name for name, kind in _ARRAYS.items() if arrays[name].dtype != kind]
        if wrong or names['version'] != _VERSION:
            raise TeacherError(f'{path}: of another version; make the vectors again')
        texts = {name: str(names[name]) for name in ('space', 'teacher')}
        lists = {name: tuple(map(str, names[name])) for name in ('classes', 'instances')}
        return TeacherVectors(**texts, **lists, **arrays)  # type: ignore[arg-type]
    except OSError as error:
        raise TeacherError(f'{path}: {error.strerror or error}') from None
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise TeacherError(f'{path}: no teacher vectors: {error}; make them again') from None
