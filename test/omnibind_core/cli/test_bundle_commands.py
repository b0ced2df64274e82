"""`omnibind export` and `omnibind bundle ...`, as they are typed."""

from __future__ import annotations

import json
from pathlib import Path
import sys

import pytest
import tiny_bundle
from tiny_runs import write_runs

from omnibind_core.cli.main import main


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return tiny_bundle.make(tmp_path / 'bundle')


def test_export_then_show_then_verify(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From runs to a bundle that passes its checks."""
    write_runs(tmp_path / 'runs')
    out, report = tmp_path / 'bundles' / 'tiny', tmp_path / 'report.json'
    command = ['export', '--encoders', str(tmp_path / 'runs' / 'cad')]
    command += ['--fusion', str(tmp_path / 'runs' / 'fusion'), '--name', 'tiny']
    command += ['--teacher', str(tmp_path / 'runs' / 'teacher'), '--out', str(out)]
    assert main([*command, '--json', str(report)]) == 0
    assert f'{out}: written' in capsys.readouterr().out
    made = json.loads(report.read_text())
    assert made['modalities'] == ['image', 'thermal']
    assert (made['fusion'], made['notes']) == (True, [])
    sizes = [path.stat().st_size for path in out.iterdir() if path.name != 'bundle.json']
    assert made['bytes'] == sum(sizes)
    assert main(['bundle', 'verify', str(out)]) == 0
    assert 'checks passed' in capsys.readouterr().out
    assert main(command) == 1
    assert capsys.readouterr().err == (
        f'error: {out}: exists already; choose another folder or remove it\n'
    )


def test_show_names_everything(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / 'contents.json'
    assert main(['bundle', 'show', str(bundle), '--training', '--json', str(path)]) == 0
    shown = capsys.readouterr().out
    contents = json.loads((bundle / 'bundle.json').read_text())
    for text in (
        contents['bundle_id'],
        contents['space'],
        'mug, chair, lamp, plant, bottle',
        '3x128x128',
        'image.onnx',
        'fusion.onnx',
        'none: random',
        'add-text',
    ):
        assert text in shown
    assert json.loads(path.read_text()) == contents


def test_verify_goes_on_after_what_is_wrong(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = bytearray((bundle / 'thermal.onnx').read_bytes())
    content[99] ^= 1
    (bundle / 'thermal.onnx').write_bytes(content)
    path = tmp_path / 'checks.json'
    assert main(['bundle', 'verify', str(bundle), '--json', str(path)]) == 1
    output = capsys.readouterr()
    assert output.err.startswith(f'error: {bundle}: ')
    assert 'thermal.onnx' in output.err
    result = json.loads(path.read_text())
    assert not result['ok']
    wrong = {(check['part'], check['claim']) for check in result['checks'] if check['problem']}
    assert ('thermal.onnx', 'SHA-256') in wrong
    assert ('image.onnx', 'runs') not in wrong
    assert f'{sum(bool(check["problem"]) for check in result["checks"])} of' in output.err


@pytest.mark.parametrize('command', ['show', 'verify', 'add-text'])
def test_what_is_no_bundle_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    more = ['--teacher', 'conse'] if command == 'add-text' else []
    assert main(['bundle', command, str(tmp_path), *more]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f'error: {tmp_path / "bundle.json"}: ')
    assert error.count('\n') == 1


def test_none_of_them_needs_torch(bundle: Path) -> None:
    """They run on a robot too."""
    import subprocess

    script = (
        'import sys\n'
        'from omnibind_core.cli.main import main\n'
        f'main(["bundle", "show", {str(bundle)!r}])\n'
        f'main(["bundle", "verify", {str(bundle)!r}])\n'
        'heavy = {"torch", "onnx", "lightning", "transformers"} & set(sys.modules)\n'
        'assert not heavy, heavy\n'
    )
    subprocess.run([sys.executable, '-c', script], check=True, capture_output=True)
