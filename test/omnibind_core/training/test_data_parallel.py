"""Two processes with half a batch each compute what one with the whole batch computes."""

from __future__ import annotations

import csv
import os
from pathlib import Path
import subprocess
import sys
from typing import Any

from data_parallel_jobs import both_jobs
from data_parallel_jobs import one_process
import pytest
import torch
from two_processes import together

from omnibind_core.training.gathering import gathered
from omnibind_core.training.student_run import read_student_run
from omnibind_core.training.synchronised_norm import synchronise_norms

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope='module')
def found_together(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What each of two processes found."""
    return together(both_jobs, tmp_path_factory.mktemp('together'))


def part(found: dict[str, Any], job: str) -> dict[str, Any]:
    return {name[len(job) + 1 :]: value for name, value in found.items() if name.startswith(job)}


def test_loss_gradients_and_statistics_equal_those_of_one_process(
    found_together: list[dict[str, Any]],
) -> None:
    """L_in, L_cr and L_se over the gathered batch, through a network with normalisation."""
    alone = one_process()
    for found in (part(item, 'step') for item in found_together):
        assert set(found) == set(alone)
        for name, value in alone.items():
            scale = max(float(value.abs().max()), 1e-3)
            assert float((found[name] - value).abs().max()) <= 2e-4 * scale, name
    assert float(alone['loss']) > 0.1
    assert max(float(v.abs().max()) for n, v in alone.items() if n.startswith('gradient')) > 0.01


def test_gathered_rows_and_slopes(found_together: list[dict[str, Any]]) -> None:
    for rank, found in enumerate(part(item, 'gather') for item in found_together):
        assert found['both'][:, 0].tolist() == [1.0, 1.0, 2.0, 2.0]
        # both processes have the same loss, so each row's slope comes twice
        assert found['slope'][:, 0].tolist() == [2.0 * (2 * rank + 1), 2.0 * (2 * rank + 2)]
        assert found['numbers'].tolist() == [0, 7, 1, 7]


def test_one_process_is_left_alone() -> None:
    values = torch.ones(2, 3)
    assert gathered(values) is values
    network = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.BatchNorm2d(4))
    given = torch.randn(3, 1, 8, 8)
    expected = network(given)
    synchronise_norms(network)
    network[1].reset_running_stats()
    assert torch.equal(network(given), expected)


TRAINING = """
import os, sys
from pathlib import Path
import torch
from tiny_students import tiny_task
from omnibind_core.training.cad import train_cad
torch.set_num_threads(1)
task = tiny_task(epochs=2, dropout=0.0)
finished = train_cad(task, Path(sys.argv[1]), devices=int(os.environ.get('WORLD_SIZE', '1')))
assert (finished is None) == (os.environ.get('RANK', '0') != '0')
"""


@pytest.mark.slow
def test_whole_training_in_two_processes(tmp_path: Path) -> None:
    """Started by torchrun: the same curve, and one encoder, written by the first process."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / 'test' / 'support')])
    environment = {**os.environ, 'PYTHONPATH': paths, 'OMP_NUM_THREADS': '1'}
    script = tmp_path / 'training.py'
    script.write_text(TRAINING)
    start = ['-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', '2']
    for words, name in (([], 'alone'), (start, 'together')):
        command = [sys.executable, *words, str(script), str(tmp_path / name)]
        subprocess.run(command, env=environment, check=True)
    rows = []
    for name in ('alone', 'together'):
        with (tmp_path / name / 'metrics.csv').open() as stream:
            rows.append(list(csv.DictReader(stream)))
    for alone, together_ in zip(*rows, strict=True):
        for column, value in alone.items():
            if column.startswith('train_') or column in ('epoch', 'step', 'learning_rate'):
                assert float(together_[column]) == pytest.approx(float(value), rel=1e-3), column
    assert read_student_run(tmp_path / 'together').document.training['epochs'] == 2


@pytest.mark.parametrize('shape', [(5,), ()])
def test_synchronised_norm_needs_channels(shape: tuple[int, ...]) -> None:
    network = torch.nn.Sequential(torch.nn.BatchNorm1d(5))
    synchronise_norms(network)
    with pytest.raises(ValueError, match='2 axes'):
        network(torch.zeros(shape))
