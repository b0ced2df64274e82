"""Every step of "your own data", as typed; a program: OUT [MODALITY ...], or OUT quick."""

from __future__ import annotations

import json
from pathlib import Path
import sys

import numpy as np
import own_data
import tiny_students

from omnibind_core.cli.main import main
from omnibind_core.data.manifest import read_manifest
from omnibind_core.training.teacher_vectors import VECTORS_NAME

CAD = """\
precision: float32
batch: 16
augmentation: 0.1
epochs: 4
steps_per_epoch: 20
learning_rate: 5.0e-3
modalities:
  thermal: {epochs: 2, steps_per_epoch: 4}
"""
FUSION = """\
design: {members: 2, hidden: 4, set_hidden: 4}
epochs: 1
steps_per_epoch: 3
batch: 32
val_tuples: 128
"""


def call(*words: object) -> None:
    """One command; its failure is this program's."""
    code = main([str(word) for word in words])
    if code:
        raise SystemExit(f'{code}: omnibind {" ".join(map(str, words))}')


def steps(out: Path, modalities: list[str]) -> Path:
    """From plain files to a bundle."""
    import tiny_clip

    data = own_data.write(out / 'data', scans='laser_scan' in modalities)
    tiny_clip.save(out / 'clip')
    (out / 'cad.yaml').write_text(CAD)
    (out / 'fusion.yaml').write_text(FUSION)
    call('data', 'stats', data)
    call('data', 'sheet', data, '--out', out / 'sheets', '--views', 1, '--size', 32)
    given = ('--data', data, '--teacher')
    call('train', 'teacher', *given, out / 'clip', '--out', out / 'teacher')
    for name in modalities:
        words = ('--config', out / 'cad.yaml', '--out', out / 'cad' / name, '--workers', 0)
        call('train', 'cad', '--modality', name, *given, out / 'teacher', *words)
    words = ('--encoders', out / 'cad', '--config', out / 'fusion.yaml', '--drawn', 1)
    call('train', 'fusion', *given, out / 'teacher', *words, '--out', out / 'fusion')
    runs = ('--encoders', out / 'cad', '--fusion', out / 'fusion', '--teacher', out / 'teacher')
    call('export', *runs, '--name', 'own', '--out', out / 'bundle')
    call('bundle', 'verify', out / 'bundle')
    found = ('--json', out / 'subsets.json', '--html', out / 'subsets.html')
    call('evaluate', 'subsets', '--bundle', out / 'bundle', '--data', data, *found)
    return out / 'bundle'


def quick(out: Path) -> Path:
    """A laser scan student after two steps, without a fusion: the mean fuses."""
    data = own_data.write(out / 'data', scans=True)
    manifest = read_manifest(data)
    (out / 'teacher').mkdir()
    vectors = tiny_students.teacher_of(manifest.records, manifest.classes.names)
    vectors.save(out / 'teacher' / VECTORS_NAME)
    (out / 'cad.yaml').write_text('precision: float32\nepochs: 1\nsteps_per_epoch: 2\nbatch: 8\n')
    given = ('--data', data, '--teacher', out / 'teacher', '--config', out / 'cad.yaml')
    run = out / 'cad' / 'laser_scan'
    call('train', 'cad', '--modality', 'laser_scan', *given, '--out', run, '--workers', 0)
    runs = ('--encoders', run, '--teacher', out / 'teacher')
    call('export', *runs, '--name', 'quick', '--out', out / 'bundle')
    return out / 'bundle'


def recognised(bundle: Path) -> list[dict[str, object]]:
    """A scan of each class, recognised with a sensor that is blind and one that is not."""
    from omnibind_core.inference.recognizer import Recognizer

    recognizer = Recognizer.load(bundle)
    random = np.random.default_rng(1)
    found = []
    for number, label in enumerate(own_data.CLASSES):
        seen = recognizer.recognize({'laser_scan': own_data.scan(number, random)})
        weights = {part.modality: part.weight for part in seen.shares}
        found.append({'label': label, 'found': seen.class_ids[0], 'weights': weights})
    return found


if __name__ == '__main__':
    where, chosen = Path(sys.argv[1]), sys.argv[2:]
    made = quick(where) if chosen == ['quick'] else steps(where, chosen)
    result = [] if chosen == ['thermal'] else recognised(made)
    (where / 'recognised.json').write_text(json.dumps(result))
