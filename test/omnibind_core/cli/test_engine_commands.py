"""`omnibind engine build | list | clean`, with a TensorRT that is not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from strict_rig import Rig
from strict_rig import rig
import tiny_bundle

from omnibind_core.cli.main import main
from omnibind_core.inference.tensorrt import toolkit


@pytest.fixture()
def gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    """A GPU, and an engine cache in a temporary folder."""
    made = rig()
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'cache'))
    monkeypatch.setattr(toolkit, 'installed_toolkit', lambda: made.toolkit)
    return made


def test_build_list_clean(gpu: Rig, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Built once; listed with what it is for; a broken one is named; removed."""
    bundle = str(tiny_bundle.make(tmp_path / 'b'))
    report = tmp_path / 'report.json'
    assert main(['engine', 'build', bundle, '--max-batch', '2', '--json', str(report)]) == 0
    assert json.loads(report.read_text())['engines'] == {'image': 'built', 'thermal': 'built'}
    assert main(['engine', 'build', bundle, '--max-batch', '2', '--json', str(report)]) == 0
    assert json.loads(report.read_text())['engines']['image'] == 'was there'
    assert gpu.trt.builds == 2
    gpu.cuda.check_clean()
    capsys.readouterr()
    assert main(['engine', 'list', '--json', str(report)]) == 0
    listed = capsys.readouterr().out
    assert 'image.onnx' in listed
    assert 'tensorrt 11.4.0.106, Strict GPU 8.6' in listed
    entries = json.loads(report.read_text())
    assert len(entries) == 3  # two engines and the timings
    file = Path(next(entry['file'] for entry in entries if entry['file'].endswith('.engine')))
    file.write_bytes(file.read_bytes()[:-1])
    assert main(['engine', 'list']) == 0
    assert f'BROKEN  {file.name}' in capsys.readouterr().out
    assert main(['engine', 'clean', '--broken', '--json', str(report)]) == 0
    assert json.loads(report.read_text()) == [str(file)]
    assert main(['engine', 'clean']) == 0
    assert '2 files removed' in capsys.readouterr().out


def test_what_cannot_be_kept_is_an_error(
    gpu: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """To keep it is what the command is for."""
    import os

    bundle = str(tiny_bundle.make(tmp_path / 'b', modalities=('image',)))

    def full(descriptor: int) -> None:
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(os, 'fsync', full)
    assert main(['engine', 'build', bundle]) == 1
    assert 'No space left on device' in capsys.readouterr().err


@pytest.mark.parametrize(
    ('words', 'said'),
    [
        (['--modalities', 'audio'], "no encoder for 'audio'"),
        (['--max-batch', '0'], 'max_batch: got 0'),
    ],
)
def test_bad_input(
    gpu: Rig, tmp_path: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One clear sentence."""
    bundle = str(tiny_bundle.make(tmp_path / 'b', modalities=('image',)))
    assert main(['engine', 'build', bundle, *words]) == 1
    assert said in capsys.readouterr().err


def test_without_tensorrt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is missing, and exit code 1."""
    try:
        toolkit.installed_toolkit()
    except toolkit.UnavailableError:
        bundle = str(tiny_bundle.make(tmp_path / 'b', modalities=('image',)))
        assert main(['engine', 'build', bundle]) == 1
        assert 'tensorrt is not installed' in capsys.readouterr().err
    else:
        pytest.skip('there is a GPU with TensorRT')
