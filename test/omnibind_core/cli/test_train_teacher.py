"""`omnibind train teacher`, with a tiny checkpoint."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest
import tiny_clip
import tiny_readings

from omnibind_core.cli import train_teacher
from omnibind_core.errors import ConfigError
from omnibind_core.simulation.errors import CurationError
from omnibind_core.training.teacher_vectors import read_teacher_vectors

pytest.importorskip('torch')
pytest.importorskip('transformers')


def arguments(*given: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    train_teacher.add_arguments(parser)
    return parser.parse_args(given)


def test_example_is_understood() -> None:
    """The command line in the help."""
    words = train_teacher.EXAMPLE.split()
    assert words[:3] == ['omnibind', 'train', 'teacher']
    assert arguments(*words[3:]).out == Path('runs/teacher_0')


def test_from_a_checkpoint_to_a_run_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Vectors in the checkpoint's space, figures of the val fold on the terminal."""
    manifest = tiny_readings.tiny_data_set(tmp_path / 'data', modalities=('image', 'text'))
    tiny_clip.save(tmp_path / 'clip')
    (tmp_path / 'd.csv').write_text('class,definition\ncup,a thing to drink from\n')
    common = ('--data', str(manifest.root), '--out', str(tmp_path / 'run'))
    teacher = ('--teacher', str(tmp_path / 'clip'))
    definitions = ('--definitions', str(tmp_path / 'd.csv'))
    assert train_teacher.run(arguments(*common, *teacher, *definitions)) == 0
    printed = capsys.readouterr().out
    vectors = read_teacher_vectors(tmp_path / 'run' / 'teacher.safetensors')
    facts = json.loads((tmp_path / 'run' / 'teacher.json').read_text())
    assert vectors.dimension == tiny_clip.DIMENSION
    assert f'teacher clip+supervised adapter, space {vectors.space}' in printed
    for name in ('zero-shot, val', 'adapter, val'):
        assert f'{facts["figures"][name]["top1"]:.3f}' in printed
    assert (tmp_path / 'teacher_cache').is_dir()
    assert not (tmp_path / 'run' / 'projection.safetensors').exists()
    bare = facts['rows_with_bare_prompt']
    assert f'16 rows, {bare} with the bare prompt' in printed
    with pytest.raises(ConfigError, match='split: got 5; allowed: 0 to 1'):
        train_teacher.run(arguments(*common, *teacher, '--split', '5'))
    with pytest.raises(ConfigError, match='only for the teacher conse'):
        train_teacher.run(arguments(*common, *teacher, '--dimension', '8'))
    with pytest.raises(CurationError, match=r'none\.csv does not exist'):
        train_teacher.run(arguments(*common, '--definitions', str(tmp_path / 'none.csv')))
