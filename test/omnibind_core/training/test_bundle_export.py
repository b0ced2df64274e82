"""Finished runs into a bundle."""

from __future__ import annotations

import json
from pathlib import Path
import shutil
from typing import Any

import numpy as np
import pytest
from tiny_runs import teacher_vectors
from tiny_runs import write_runs

from omnibind_core.errors import BundleError
from omnibind_core.errors import OmniBindError
from omnibind_core.errors import SpaceError
from omnibind_core.inference.bundle import open_bundle
from omnibind_core.inference.bundle_verify import verify_bundle
from omnibind_core.inference.classification import posterior
from omnibind_core.inference.classification import product_of_posteriors
from omnibind_core.inference.manifest import Calibration
from omnibind_core.inference.recognition import Token
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.models.teachers.errors import TeacherError
from omnibind_core.training.bundle_export import export_bundle
from omnibind_core.training.errors import TrainingError
from omnibind_core.training.fusion_run import read_fusion_run
from omnibind_core.training.fusion_run import write_fusion_run
from omnibind_core.training.teacher_vectors import FACTS_NAME
from omnibind_core.training.teacher_vectors import VECTORS_NAME


@pytest.fixture
def runs(tmp_path: Path) -> dict[str, Any]:
    return write_runs(tmp_path / 'runs')


def edit(path: Path, **changes: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_the_bundle_is_what_the_runs_are(runs: dict[str, Any], tmp_path: Path) -> None:
    """Models byte by byte, temperatures, labels, calibration; and it passes every check."""
    made = export_bundle(tmp_path / 'new' / 'b', **runs, licences=['Apache-2.0'])
    assert made.notes == ()
    bundle, teacher = open_bundle(made.folder), teacher_vectors()
    manifest = bundle.manifest
    assert (manifest.space, manifest.dimension) == (teacher.space, teacher.dimension)
    assert list(manifest.modalities) == ['image', 'thermal']
    for folder in runs['encoders']:
        entry = manifest.modalities[folder.name]
        assert bundle.read_bytes(entry.model) == (folder / 'encoder.onnx').read_bytes()
        assert (entry.temperature, entry.training) == (0.05, {'epochs': 3})
    assert manifest.fusion is not None
    fusion = bundle.read_bytes(manifest.fusion.model)
    assert fusion == (runs['fusion'] / 'fusion.onnx').read_bytes()
    assert manifest.fusion.modalities == ('image', 'thermal')
    assert manifest.calibration == Calibration(temperature=0.3, abstain_below=0.2)
    assert manifest.labels.names == ('mug', 'table lamp', 'sofa')
    assert manifest.labels.class_ids == teacher.classes
    np.testing.assert_array_equal(bundle.labels().embeddings, teacher.labels)
    assert manifest.licences == ('Apache-2.0',)
    assert not [check.problem for check in verify_bundle(made.folder) if check.problem]


def test_a_folder_of_runs_stands_for_them(runs: dict[str, Any], tmp_path: Path) -> None:
    """As `train fusion` takes it."""
    one = export_bundle(tmp_path / 'one', **{**runs, 'encoders': [tmp_path / 'runs' / 'cad']})
    other = export_bundle(tmp_path / 'other', **runs)
    assert open_bundle(one.folder).manifest == open_bundle(other.folder).manifest


def test_without_a_fusion_the_mean_fuses(runs: dict[str, Any], tmp_path: Path) -> None:
    made = export_bundle(tmp_path / 'b', **{**runs, 'fusion': None})
    assert made.notes == ('no fusion was named: the mean fuses',)
    assert Recognizer.load(made.folder).fusion == 'mean'


def test_what_does_not_quite_fit_is_noted(runs: dict[str, Any], tmp_path: Path) -> None:
    """A sensor that the fusion does not know, and one that it knows in vain."""
    edit(runs['fusion'] / 'fusion.json', modalities=['image', 'audio'])
    made = export_bundle(tmp_path / 'b', **runs)
    assert [note.split(':')[0] for note in made.notes] == [
        'the fusion was not trained with thermal',
        'the fusion also knows audio, of which there is no encoder',
    ]


@pytest.mark.parametrize(
    ('path', 'changes', 'error', 'expected'),
    [
        ('cad/thermal/encoder.json', {'space': 'other'}, SpaceError, 'thermal: space: got other'),
        ('cad/thermal/encoder.json', {'dimension': 32}, SpaceError, 'of length 32'),
        ('cad/thermal/encoder.json', {'modality': 'sonar'}, TrainingError, 'sonar'),
        ('cad/thermal/encoder.json', {'sha256': '0' * 64}, TrainingError, r'encoder\.onnx'),
        ('cad/thermal/encoder.json', {'temperature': 'hot'}, TrainingError, 'temperature'),
        ('cad/thermal/encoder.json', {'specification': {'size': 64}}, OmniBindError, r'takes \(1'),
        ('fusion/fusion.json', {'space': 'other'}, SpaceError, 'fusion: space: got other'),
        ('fusion/fusion.json', {'encoders': {'image': '0' * 64}}, TrainingError, 'another encoder'),
        ('fusion/fusion.json', {'modalities': []}, BundleError, r'fusion\.modalities'),
        ('fusion/fusion.json', {'schema': 9}, TrainingError, 'schema: got 9'),
    ],
)
def test_runs_that_do_not_belong_together_are_refused(
    runs: dict[str, Any],
    tmp_path: Path,
    path: str,
    changes: dict[str, object],
    error: type[Exception],
    expected: str,
) -> None:
    """By the name of the run, and nothing is written."""
    edit(tmp_path / 'runs' / path, **changes)
    with pytest.raises(error, match=expected):
        export_bundle(tmp_path / 'b', **runs)
    assert [item.name for item in tmp_path.iterdir()] == ['runs']


def test_two_runs_of_one_modality_are_refused(runs: dict[str, Any], tmp_path: Path) -> None:
    image = runs['encoders'][0]
    with pytest.raises(TrainingError, match='are both of image'):
        export_bundle(tmp_path / 'b', **{**runs, 'encoders': [image, image]})


def test_missing_and_foreign_files_are_named(runs: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / 'empty').mkdir()
    with pytest.raises(TrainingError, match='empty: no finished run'):
        export_bundle(
            tmp_path / 'b', **{**runs, 'encoders': [*runs['encoders'], tmp_path / 'empty']}
        )
    with pytest.raises(TrainingError, match=r'empty/fusion\.json is missing'):
        export_bundle(tmp_path / 'b', **{**runs, 'fusion': tmp_path / 'empty'})
    with pytest.raises(TeacherError, match=VECTORS_NAME):
        export_bundle(tmp_path / 'b', **{**runs, 'teacher': tmp_path / 'empty'})
    with pytest.raises(TrainingError, match='no finished run'):
        export_bundle(tmp_path / 'b', **{**runs, 'encoders': []})
    assert not (tmp_path / 'b').exists()


def test_an_existing_target_stays(runs: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / 'b').mkdir()
    (tmp_path / 'b' / 'mine').write_text('mine')
    with pytest.raises(BundleError, match='exists already'):
        export_bundle(tmp_path / 'b', **runs)
    assert [item.name for item in (tmp_path / 'b').iterdir()] == ['mine']


def test_an_untrained_adaptive_fusion_is_the_calibrated_product(
    runs: dict[str, Any], tmp_path: Path
) -> None:
    """The real module, exported, through bundle and recognizer, against numpy in float64."""
    pytest.importorskip('torch')
    from omnibind_core.models.adaptive_fusion import AdaptiveFusion
    from omnibind_core.models.fusion_export import export_fusion

    temperatures = {'image': 0.11, 'thermal': 0.3}
    fusion = AdaptiveFusion(
        modalities=tuple(temperatures), dimension=64, temperatures=tuple(temperatures.values())
    )
    document = read_fusion_run(runs['fusion']).document
    written = {name: getattr(document, name) for name in ('modalities', 'space', 'dimension')}
    shutil.rmtree(runs['fusion'])
    runs['fusion'].mkdir()
    write_fusion_run(runs['fusion'], {**written, 'training': {}}, export_fusion(fusion))
    folder = export_bundle(tmp_path / 'b', **runs).folder
    assert not [check for check in verify_bundle(folder) if check.problem]

    recognizer = Recognizer.load(folder)
    random = np.random.default_rng(0)
    labels = recognizer.labels.embeddings.astype(np.float64)
    for _ in range(20):
        vectors = labels[random.integers(0, 3, 2)] + 0.1 * random.standard_normal((2, 64))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        tokens = [
            Token(name, name, vector.astype(np.float32))
            for name, vector in zip(temperatures, vectors, strict=True)
        ]
        expected = product_of_posteriors(
            vectors @ labels.T, list(temperatures.values()), np.ones(2, bool)
        )
        found = recognizer.fuse(tokens, top_k=3)
        by_row = [found.scores[found.class_ids.index(name)] for name in recognizer.labels.class_ids]
        np.testing.assert_allclose(by_row, expected, atol=1e-5)
        alone = posterior(vectors @ labels.T, list(temperatures.values()))
        for share, own in zip(found.shares, alone, strict=True):
            assert share.score == pytest.approx(own.max(), abs=1e-5)


def test_simulated_data_is_said_to_be(tmp_path: Path) -> None:
    """As the teacher's run says it; a damaged document is named."""
    runs = write_runs(tmp_path / 'runs')
    document = runs['teacher'] / FACTS_NAME
    document.write_text('{"simulated": true}')
    bundle = open_bundle(export_bundle(tmp_path / 'a', **runs).folder)
    assert all(entry.training['simulated'] is True for entry in bundle.manifest.modalities.values())
    document.write_text('{"simulated": tr')
    with pytest.raises(TrainingError, match=r'teacher\.json'):
        export_bundle(tmp_path / 'b', **runs)
    assert not (tmp_path / 'b').exists()
