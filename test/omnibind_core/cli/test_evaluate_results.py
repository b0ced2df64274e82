"""`omnibind evaluate results`, as typed."""

from __future__ import annotations

import argparse
from pathlib import Path

from fusion_results import small
from fusion_results import written
import pytest

from omnibind_core.cli import evaluate_results
from omnibind_core.errors import ConfigError
from omnibind_core.evaluation.results.fusion_result import ResultError


def run(*words: object) -> int:
    parser = argparse.ArgumentParser()
    evaluate_results.add_arguments(parser)
    return evaluate_results.run(parser.parse_args([str(word) for word in words]))


def test_the_page_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From the runs that are there; written again when more have finished."""
    runs, out = tmp_path / 'results', tmp_path / 'results.md'
    written(runs / 'fusion', small(0, 0))
    assert run('--runs', runs, '--out', out, '--resamples', 300) == 0
    assert '1 trained fusions' in out.read_text()
    written(runs / 'fusion', small(1, 0, data=1))
    assert run('--runs', runs, '--out', out, '--resamples', 300) == 0
    assert '2 trained fusions' in out.read_text()
    assert 'results.md' in capsys.readouterr().out


def test_what_is_refused(tmp_path: Path) -> None:
    """Missing folders, few draws, damaged runs; an older page stays."""
    with pytest.raises(ConfigError, match=r'--runs(.|\n)*--out(.|\n)*--resamples'):
        run('--runs', tmp_path / 'no', '--out', tmp_path / 'no' / 'x.md', '--resamples', 5)
    out = tmp_path / 'results.md'
    out.write_text('old')
    (tmp_path / 'fusion').mkdir()
    (tmp_path / 'fusion' / 'a.json').write_text('[]')
    with pytest.raises(ResultError, match=r'a\.json'):
        run('--runs', tmp_path, '--out', out)
    assert out.read_text() == 'old'
