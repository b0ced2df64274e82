"""From a data set and a teacher to a run folder that students are trained from.

The folder holds ``teacher.safetensors`` (the vectors), ``teacher.json`` (how they came about, and
figures on the val fold; the test fold is embedded, never looked at), ``adapter.safetensors`` and,
for ConSE, ``projection.safetensors``.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import dataclass
import json
from pathlib import Path
import time
from typing import Any

import numpy as np

from omnibind_core.configuration.option import option
from omnibind_core.data.atomic_file import write_atomically
from omnibind_core.data.manifest import Manifest
from omnibind_core.data.origin import is_simulated
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.inference.text_labels import label_vectors
from omnibind_core.models.teachers.adapter import AdaptedTeacher
from omnibind_core.models.teachers.conse import ConSE
from omnibind_core.models.teachers.teacher import Teacher
from omnibind_core.training.adapter_fit import AdapterOptions
from omnibind_core.training.embed_data_set import assemble
from omnibind_core.training.embed_data_set import pairs_of
from omnibind_core.training.image_features import image_features
from omnibind_core.training.pictures import Pictures
from omnibind_core.training.relation_statistics import relations_of
from omnibind_core.training.teacher_vectors import FACTS_NAME
from omnibind_core.training.teacher_vectors import TeacherVectors
from omnibind_core.training.teacher_vectors import VECTORS_NAME

ADAPTER_NAME = 'adapter.safetensors'
PROJECTION_NAME = 'projection.safetensors'
_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class TeacherOptions:
    """What a teacher's vectors of a data set are made of."""

    adapter: bool = option(True, 'Whether an adapter is fitted to the labels of the student fold.')
    cross_fit: int = option(
        0,
        'Parts of the student fold (whole instances): the vectors of each come from an adapter '
        'fitted to the others. 0: one adapter for all, which knows its own training pictures.',
        minimum=0,
        maximum=100,
    )
    whole_captions: bool = option(False, "Leave the class's noun in captions.")

    def __post_init__(self) -> None:
        """Check what concerns several fields.

        :raises ConfigError: they contradict each other.
        """
        if self.cross_fit == 1 or (self.cross_fit and not self.adapter):
            allowed = '0, or 2 and more with an adapter'
            problem = Problem('cross_fit', str(self.cross_fit), allowed)
            raise ConfigError(type(self).__name__, [problem])


def train_teacher(
    manifest: Manifest,
    teacher: Teacher,
    folder: Path,
    *,
    split: int,
    cache_folder: Path,
    options: TeacherOptions | None = None,
    fitting: AdapterOptions | None = None,
    definitions: Mapping[str, str] | None = None,
    report: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Embed a data set, adapt the teacher to its student fold, and write the run folder.

    :param folder: made if it is not there; files of the same names are replaced.
    :param split: number of the split.
    :param cache_folder: of features, shared by runs.
    :param definitions: by class: what is meant by it; for labels and captions.
    :param report: called with how many more pictures are embedded.
    :returns: the facts, as in ``teacher.json``.
    :raises ConfigError: the student fold has no pictures to fit an adapter to.
    :raises ContainerError: a reading is missing or damaged; names the file.
    :raises CacheError: the cache folder holds something else.
    """
    started = time.monotonic()
    chosen = options or TeacherOptions()
    pairs = pairs_of(manifest, split)
    records = [record for record in pairs.images if record is not None]
    features = image_features(manifest.root, records, teacher, cache_folder, report=report)
    embedded = time.monotonic()
    pictured = np.array([record is not None for record in pairs.images], np.bool_)
    pictures = Pictures(
        features=features,
        plain=teacher.embed_features(features),
        labels=pairs.labels[pictured],
        folds=np.array(pairs.folds, dtype=object)[pictured],
        copies=np.array(pairs.copies)[pictured],
        groups=tuple(record.copy_of or record.instance for record in records),
        of_labels=label_vectors(
            teacher.embed_texts, manifest.classes.names, definitions=definitions
        ),
    )
    val = pictures.folds == 'val'
    figures = {'zero-shot, val': pictures.figures(pictures.plain, val)}
    used, image = teacher, pictures.plain
    if chosen.adapter:
        used = AdaptedTeacher(teacher, pictures.fitted(pictures.folds == 'student', fitting))
        image = used.embed_features(features)
        figures['adapter, val'] = pictures.figures(image, val)
    if chosen.cross_fit:
        image = pictures.cross_fitted(teacher, image, chosen.cross_fit, fitting)
        originals = (pictures.folds == 'student') & ~pictures.copies
        figures['adapter, student fold, cross-fitted'] = pictures.figures(image, originals)
    vectors = assemble(
        manifest,
        pairs,
        used,
        image,
        cache_folder,
        definitions=definitions,
        whole_captions=chosen.whole_captions,
    )
    # without the copies: near to their originals, they would pass for relations within the class
    student = np.flatnonzero((np.array(pairs.folds) == 'student') & ~np.array(pairs.copies))
    facts = {
        'version': _VERSION,
        'teacher': used.name,
        'space': used.space,
        'dimension': used.dimension,
        'simulated': is_simulated(manifest),
        'split': split,
        'options': asdict(chosen),
        'conse': asdict(teacher.options) if isinstance(teacher, ConSE) else None,
        'adapter': asdict(fitting or AdapterOptions()) if chosen.adapter else None,
        'definitions': bool(definitions),
        'rows': len(vectors),
        'rows_without_picture': int((~vectors.own_image).sum()),
        'rows_with_bare_prompt': int((~vectors.own_caption).sum()),
        'figures': figures,
        'relations': {
            name: asdict(found) for name, found in relations_of(vectors, student).items()
        },
        'seconds_embedding': round(embedded - started, 1),
        'seconds': round(time.monotonic() - started, 1),
    }
    _write(folder, vectors, used, facts)
    return facts


def _write(folder: Path, vectors: TeacherVectors, used: Teacher, facts: dict[str, Any]) -> None:
    """Everything into the folder; the facts last, so that where they are, all is."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FACTS_NAME).unlink(missing_ok=True)
    (folder / ADAPTER_NAME).unlink(missing_ok=True)
    frozen = used
    if isinstance(used, AdaptedTeacher):
        frozen = used.teacher
        write_atomically(folder / ADAPTER_NAME, used.adapter.to_bytes())
    if isinstance(frozen, ConSE):
        write_atomically(folder / PROJECTION_NAME, frozen.projection.to_bytes())
    vectors.save(folder / VECTORS_NAME)
    write_atomically(folder / FACTS_NAME, json.dumps(facts, indent=2) + '\n')
