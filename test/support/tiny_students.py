"""Small tasks for students: patterns that tell classes apart, and teachers made on the spot."""

from __future__ import annotations

from collections.abc import Sequence
import hashlib

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.record import FOLDS
from omnibind_core.data.record import Record
from omnibind_core.modalities.thermal import ThermalSpecification
from omnibind_core.training.cad import CadTask
from omnibind_core.training.cad_settings import CadSettings
from omnibind_core.training.prepared_arrays import PreparedArrays
from omnibind_core.training.teacher_vectors import TeacherVectors

CLASSES = ('bed', 'cup', 'lamp', 'sofa')
SPECIFICATION = ThermalSpecification(size=32)


def unit(values: NDArray[np.floating]) -> NDArray[np.float32]:
    """Rows of length 1."""
    return np.asarray(values / np.linalg.norm(values, axis=-1, keepdims=True), np.float32)


def teacher_of(
    records: Sequence[Record], classes: Sequence[str], *, dimension: int = 16, seed: int = 0
) -> TeacherVectors:
    """Labels in random directions; pictures and captions are near their label, by instance."""
    random = np.random.default_rng(seed)
    labels = unit(random.standard_normal((len(classes), dimension)))
    keys = sorted({(item.instance, item.view, item.label) for item in records if item.label})
    numbers = np.array([list(classes).index(label) for _, _, label in keys], np.int64)
    near = labels[numbers]
    caption = {
        name: random.standard_normal(dimension) for name in dict.fromkeys(k[0] for k in keys)
    }
    captions = np.stack([caption[key[0]] for key in keys])
    return TeacherVectors(
        space='tiny',
        teacher='tiny teacher',
        classes=tuple(classes),
        instances=tuple(key[0] for key in keys),
        view=np.array([key[1] for key in keys], np.int64),
        label=numbers,
        image=unit(near + 0.2 * random.standard_normal(near.shape)),
        caption=unit(near + 0.2 * captions),
        labels=labels,
        own_image=np.ones(len(keys), np.bool_),
        own_caption=np.ones(len(keys), np.bool_),
    )


def patterns(*, instances: int = 8, views: int = 3, seed: int = 0) -> PreparedArrays:
    """Thermal pictures whose warm quarter is their class's, with noise; and one of nothing each."""
    random = np.random.default_rng(seed)
    records, arrays, informative = [], [], []
    for number, label in enumerate(CLASSES):
        for instance in range(instances):
            for view in range(views + 1):
                nothing = view == views
                records.append(
                    Record(
                        path=f'{label}_{instance}/{view}.png',
                        modality='thermal',
                        label='' if nothing else label,
                        instance=f'{label}_{instance}',
                        folds=(FOLDS[instance % 4] if instance >= 4 else 'student',),
                        view=view,
                        nothing=nothing,
                    )
                )
                picture = 0.3 * random.standard_normal((1, 32, 32))
                if not nothing:
                    row, column = divmod(number, 2)
                    picture[:, 16 * row : 16 * row + 16, 16 * column : 16 * column + 16] += 1.0
                arrays.append(picture)
                informative.append(not nothing)
    key = f'thermal-{hashlib.sha256(str((instances, views, seed)).encode()).hexdigest()[:16]}'
    return PreparedArrays(
        tuple(records), np.stack(arrays).astype(np.float16), np.array(informative), key
    )


def tiny_task(**changes: object) -> CadTask:
    """A task that takes a second to learn."""
    settings = CadSettings(
        **{  # type: ignore[arg-type]
            'epochs': 3,
            'steps_per_epoch': 4,
            'batch': 16,
            'precision': 'float32',
            'augmentation': 0.0,
            **changes,
        }
    )
    prepared = patterns()
    return CadTask(
        prepared=prepared,
        specification=SPECIFICATION,
        teacher=teacher_of(prepared.records, CLASSES),
        split=0,
        settings=settings,
    )
