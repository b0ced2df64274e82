"""Folders of finished runs, as training leaves them, without training."""

from __future__ import annotations

from dataclasses import asdict
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import tiny_bundle

from omnibind_core.inference.bundle import open_bundle
from omnibind_core.inference.manifest import Calibration
from omnibind_core.training.fusion_run import write_fusion_run
from omnibind_core.training.student_run import write_student_run
from omnibind_core.training.teacher_vectors import TeacherVectors
from omnibind_core.training.teacher_vectors import VECTORS_NAME

MODALITIES = ('image', 'thermal')


def teacher_vectors(**changes: Any) -> TeacherVectors:
    """Vectors of two things and three labels, of the length of the random bundles."""
    random = np.random.default_rng(7)
    vectors = random.standard_normal((7, tiny_bundle.random_bundle_tool().DIMENSION))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    values = {
        'space': 'tiny-space',
        'teacher': 'tiny',
        'classes': ('mug', 'table_lamp', 'sofa'),
        'instances': ('a', 'b'),
        'view': np.zeros(2, np.int64),
        'label': np.array([0, 1]),
        'image': vectors[3:5],
        'caption': vectors[5:7],
        'labels': vectors[:3],
        'own_image': np.ones(2, bool),
        'own_caption': np.ones(2, bool),
        **changes,
    }
    return TeacherVectors(**values)


def write_runs(root: Path) -> dict[str, Any]:
    """A teacher, two students and a fusion; what `export_bundle` takes."""
    teacher = teacher_vectors()
    (root / 'teacher').mkdir(parents=True)
    teacher.save(root / 'teacher' / VECTORS_NAME)
    bundle = open_bundle(tiny_bundle.make(root / 'random'))
    digests = {}
    for name in MODALITIES:
        model = bundle.read_bytes(bundle.manifest.modalities[name].model)
        digests[name] = hashlib.sha256(model).hexdigest()
        (root / 'cad' / name).mkdir(parents=True)
        write_student_run(root / 'cad' / name, student_document(name, bundle), model)
    (root / 'fusion').mkdir()
    document = {
        'modalities': MODALITIES,
        'space': teacher.space,
        'dimension': teacher.dimension,
        'encoders': digests,
        'calibration': Calibration(temperature=0.3, abstain_below=0.2),
        'training': {'seed': 0},
    }
    model = tiny_bundle.random_bundle_tool().gated_fusion(np.array([10.0, 5.0]))
    write_fusion_run(root / 'fusion', document, model)
    return {
        'name': 'tiny',
        'encoders': [root / 'cad' / name for name in MODALITIES],
        'teacher': root / 'teacher',
        'fusion': root / 'fusion',
    }


def student_document(name: str, bundle: Any, **changes: Any) -> dict[str, Any]:
    """What `encoder.json` says of a random encoder."""
    teacher = teacher_vectors()
    return {
        'modality': name,
        'specification': asdict(bundle.specifications[name]),
        'space': teacher.space,
        'dimension': teacher.dimension,
        'temperature': 0.05,
        'fingerprint': 'f' * 64,
        'training': {'epochs': 3},
        **changes,
    }
