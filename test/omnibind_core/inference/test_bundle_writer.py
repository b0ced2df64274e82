"""Bundles as they are written: complete and usable, or not there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from onnx_models import adding_model
import pytest
import tiny_bundle

from omnibind_core.errors import BackendError
from omnibind_core.errors import BundleError
from omnibind_core.inference.bundle import open_bundle
from omnibind_core.inference.bundle_writer import EncoderExport
from omnibind_core.inference.bundle_writer import FusionExport
from omnibind_core.inference.bundle_writer import identity
from omnibind_core.inference.bundle_writer import write_bundle
from omnibind_core.inference.manifest import Calibration

TOOL = tiny_bundle.random_bundle_tool()


@pytest.fixture(scope='module')
def parts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What :func:`write_bundle` takes, of a bundle that is there."""
    bundle = open_bundle(tiny_bundle.make(tmp_path_factory.mktemp('b') / 'b'))
    entries = bundle.manifest.modalities
    return {
        'name': 'made',
        'encoders': {
            name: EncoderExport(bundle.read_bytes(entry.model), bundle.specifications[name])
            for name, entry in entries.items()
        },
        'labels': bundle.labels(),
        'fusion': FusionExport(TOOL.gated_fusion(np.array([1.0, 2.0])), ('image', 'thermal')),
    }


def test_what_was_written_is_what_was_given(parts: dict[str, Any], tmp_path: Path) -> None:
    folder = write_bundle(
        tmp_path / 'new' / 'b',
        **parts,
        calibration=Calibration(temperature=0.2, abstain_below=0.3),
        licences=('Apache-2.0',),
    )
    bundle = open_bundle(folder)
    manifest = bundle.manifest
    assert bundle.labels() == parts['labels']
    assert manifest.bundle_id == f'made-{identity(manifest)[:12]}'
    assert manifest.calibration == Calibration(temperature=0.2, abstain_below=0.3)
    assert manifest.licences == ('Apache-2.0',)
    assert manifest.text is None
    assert manifest.fusion is not None
    for name, export in parts['encoders'].items():
        assert bundle.read_bytes(manifest.modalities[name].model) == export.model
        assert bundle.specifications[name] == export.specification
    assert set(bundle.files()) == {
        'image model',
        'thermal model',
        'fusion model',
        'label embeddings',
    }
    assert {path.name for path in folder.iterdir()} == {
        'bundle.json',
        *(entry.path for entry in bundle.files().values()),
    }


def test_the_id_names_what_recognitions_are_made_of(parts: dict[str, Any], tmp_path: Path) -> None:
    """And nothing else: summaries and licences may be worded anew."""
    written = iter(range(99))

    def name_of(**changes: Any) -> str:
        folder = write_bundle(tmp_path / str(next(written)), **{**parts, **changes})
        return open_bundle(folder).manifest.bundle_id

    first = name_of()
    worded = {
        name: replace(export, training={'note': 'worded anew'})
        for name, export in parts['encoders'].items()
    }
    assert name_of(encoders=worded, licences=('MIT',)) == first
    assert name_of(fusion=replace(parts['fusion'], training={'note': 'anew'})) == first
    encoders = parts['encoders']
    others: list[dict[str, Any]] = [
        {'fusion': None},
        {'fusion': replace(parts['fusion'], modalities=('thermal', 'image'))},
        {'fusion': replace(parts['fusion'], model=TOOL.gated_fusion(np.array([1.0, 3.0])))},
        {'calibration': Calibration(abstain_below=0.5)},
        {'labels': parts['labels'].select(parts['labels'].class_ids[:3])},
        {'encoders': {'image': encoders['image']}},
        {'encoders': {**encoders, 'image': replace(encoders['image'], temperature=0.5)}},
    ]
    names = [name_of(**changes) for changes in others]
    assert len({first, *names}) == len(others) + 1


@pytest.mark.parametrize(
    ('changes', 'error', 'expected'),
    [
        ({'model': adding_model(external=True)}, BundleError, r'image\.onnx: .*external data'),
        ({'model': adding_model()}, BackendError, r'image\.onnx: takes \(4,\)'),
        ({'model': b'nonsense'}, BundleError, r'image\.onnx: not a readable ONNX model'),
        ({'model': b''}, BundleError, r'image\.model\.size: got 0'),
        ({'temperature': 0.0}, BundleError, r'image\.temperature: got 0'),
        ({'training': {'loss': float('nan')}}, BundleError, 'cannot be written as JSON'),
        ({'training': {'loss': object()}}, BundleError, 'cannot be written as JSON'),
        ({'training': {'zeros': '0' * 64}}, BundleError, 'as its own seal'),
    ],
)
def test_an_unusable_encoder_is_refused(
    parts: dict[str, Any],
    tmp_path: Path,
    changes: dict[str, Any],
    error: type[Exception],
    expected: str,
) -> None:
    """By the name of its file, and nothing is left behind."""
    image = replace(parts['encoders']['image'], **changes)
    given = {**parts, 'encoders': {**parts['encoders'], 'image': image}}
    with pytest.raises(error, match=expected):
        write_bundle(tmp_path / 'b', **given)
    assert not list(tmp_path.iterdir())


def test_an_unusable_fusion_is_refused(parts: dict[str, Any], tmp_path: Path) -> None:
    """It has another signature, or other labels to work on."""
    wrong = FusionExport(parts['encoders']['image'].model, ('image',))
    with pytest.raises(BackendError, match=r'fusion\.onnx: inputs input; a fusion model'):
        write_bundle(tmp_path / 'b', **{**parts, 'fusion': wrong})
    with pytest.raises(BundleError, match=r'fusion\.modalities'):
        write_bundle(tmp_path / 'b', **{**parts, 'fusion': replace(wrong, modalities=())})
    assert not list(tmp_path.iterdir())


def test_an_encoder_of_another_dimension_is_refused(parts: dict[str, Any], tmp_path: Path) -> None:
    """Labels of length 32 are of another space than vectors of length 64."""
    labels = parts['labels']
    shorter = type(labels).normalised(
        class_ids=labels.class_ids,
        names=labels.names,
        vectors=labels.embeddings[:, :32],
        space='shorter',
    )
    with pytest.raises(BackendError, match=r'image\.onnx: makes vectors of length 64.* 32'):
        write_bundle(tmp_path / 'b', **{**parts, 'labels': shorter})


def test_whatever_is_in_the_place_stays(parts: dict[str, Any], tmp_path: Path) -> None:
    """A folder, a file, and a link that leads nowhere."""
    (tmp_path / 'folder').mkdir()
    (tmp_path / 'file').write_text('mine')
    (tmp_path / 'link').symlink_to(tmp_path / 'nowhere')
    for name in ('folder', 'file', 'link'):
        with pytest.raises(BundleError, match='exists already'):
            write_bundle(tmp_path / name, **parts)
    assert (tmp_path / 'file').read_text() == 'mine'
    assert sorted(path.name for path in tmp_path.iterdir()) == ['file', 'folder', 'link']
