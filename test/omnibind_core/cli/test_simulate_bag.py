"""`omnibind simulate bag` on a household of boxes."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
import shutil

import pytest
from tiny_bag import tiny_bag

from omnibind_core.cli import simulate_bag
from omnibind_core.errors import ConfigError
from omnibind_core.simulation.bag.settings import read_bag_settings
from omnibind_core.simulation.household import read_household
from omnibind_core.simulation.omnihome import read_omnihome

pytest.importorskip('embreex')
pytest.importorskip('taxim')
pytest.importorskip('rosbags')

SHORT = {
    'stops': [{'seconds': 0.5, 'thing': 'any'}],
    'thermal': {},
    'outages': [],
    'lies': [],
}


def run(*words: object) -> int:
    parser = argparse.ArgumentParser()
    simulate_bag.add_arguments(parser)
    return simulate_bag.run(parser.parse_args([str(word) for word in words]))


def test_a_bag(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Made, told and summed up; the configuration's place follows from the profile."""
    config = tiny_bag(tmp_path / 'config', **SHORT)
    out, report = tmp_path / 'made', tmp_path / 'x.json'
    words = ('--profile', 'lite', '--config', config, '--out', out, '--json', report)
    assert run(*words) == 0
    summary = json.loads(report.read_text())
    assert summary['duration_s'] == 0.5
    assert summary['size'] == sum(path.stat().st_size for path in out.iterdir())
    said = capsys.readouterr()
    assert summary['sha256'] in said.out
    assert f'{summary["messages"]} messages of 1 things' in said.out
    assert '1/1 stops' in said.err


def test_the_default_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is the one of the profile, where the command is given."""
    tiny_bag(tmp_path / 'config', **SHORT).rename(tmp_path / 'config' / 'bag_lite.yaml')
    monkeypatch.chdir(tmp_path)
    assert run('--profile', 'lite', '--out', 'made') == 0
    assert (tmp_path / 'made' / 'made.mcap').is_file()


def test_another_profile(tmp_path: Path) -> None:
    """Than the file says: refused, nothing is made."""
    config = tiny_bag(tmp_path / 'config', **SHORT)
    with pytest.raises(ConfigError, match='full, as --profile says'):
        run('--profile', 'full', '--config', config, '--out', tmp_path / 'made')
    assert not (tmp_path / 'made').exists()


def test_a_bag_for_each_seed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same as with that seed in the configuration; what exists is left as it is."""
    out = tmp_path / 'many'
    config = tiny_bag(tmp_path / 'config', **SHORT, seed=7)
    words = ('--profile', 'lite', '--config', config)
    assert run(*words, '--out', out / '7') == 0
    alone = (out / '7' / '7.mcap').read_bytes()
    changed = tiny_bag(tmp_path / 'other', **SHORT, seed=3)
    others = ('--profile', 'lite', '--config', changed, '--out', out, '--json', tmp_path / 'j')
    assert run(*others, '--seeds', '7-8') == 0
    assert sorted(path.name for path in out.iterdir()) == ['7', '8']
    assert len(json.loads((tmp_path / 'j').read_text())) == 1
    assert 'exists and is left' in capsys.readouterr().out
    shutil.rmtree(out / '7')
    assert run(*others, '--seeds', '7') == 0
    assert (out / '7' / '7.mcap').read_bytes() == alone
    assert (out / '8' / '8.mcap').read_bytes() != alone


def test_things_to_choose_settings_with(tmp_path: Path) -> None:
    """Of the validation fold, and the bag says so."""
    config = tiny_bag(tmp_path / 'config', **SHORT)
    out = tmp_path / 'made'
    words = ('--profile', 'lite', '--config', config, '--out', out)
    assert run(*words, '--fold', 'val') == 0
    told = json.loads((out / 'bag.json').read_text())
    assert told['settings']['fold'] == 'val'
    planned = read_household(read_omnihome(read_bag_settings(config).household)).planned
    folds = {item.instance: item.folds[0] for item in planned}
    assert [folds[item['instance']] for item in told['truth'] if item['instance']] == ['val']


@pytest.mark.parametrize('seeds', ['', '5-4', '-1', 'a-b', '1-', '1-2-3', '0-1000', '1.5'])
def test_no_seeds(tmp_path: Path, seeds: str) -> None:
    config = tiny_bag(tmp_path / 'config', **SHORT)
    words = ('--profile', 'lite', '--config', config, '--out', tmp_path / 'made')
    with pytest.raises(ConfigError, match='--seeds'):
        run(*words, '--seeds', seeds)
