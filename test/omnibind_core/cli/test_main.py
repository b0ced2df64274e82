"""The command line: quick to start, clear when wrong."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
import subprocess
import sys

import pytest

from omnibind_core import __version__
from omnibind_core.cli.main import COMMANDS
from omnibind_core.cli.main import main

HEAVY = ('torch', 'rclpy', 'onnxruntime', 'numpy', 'yaml', 'PIL', 'scipy')


@pytest.mark.parametrize(
    'code', ['import omnibind_core', "from omnibind_core.cli.main import main; main(['--help'])"]
)
def test_starting_costs_nothing(code: str) -> None:
    """Neither torch nor ROS nor numpy is imported, and it takes less than 0.3 s.

    The best of five runs counts: a bound on what the code does, not on what else the machine does.
    """
    program = f"""
import sys, time
begin = time.perf_counter()
{code}
seconds = time.perf_counter() - begin
print(seconds, *[name for name in {HEAVY!r} if name in sys.modules])
"""
    seconds = []
    for _ in range(5):
        # -S: without site-packages' start-up hooks, which are not ours.
        output = subprocess.run(
            [sys.executable, '-S', '-c', program],
            check=True,
            capture_output=True,
            text=True,
            env={'PYTHONPATH': str(Path(__file__).resolve().parents[3])},
        ).stdout.splitlines()[-1]
        elapsed, *imported = output.split()
        assert not imported
        seconds.append(float(elapsed))
    assert min(seconds) < 0.3


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """With one line each."""
    assert main(['--help']) == 0
    output = capsys.readouterr().out
    for command in COMMANDS:
        assert ' '.join(command.words) in output
        assert command.text in output


@pytest.mark.parametrize('command', COMMANDS, ids=lambda command: ' '.join(command.words))
def test_each_command_has_help_with_an_example(
    command: object, capsys: pytest.CaptureFixture[str]
) -> None:
    """The example is a call of the command itself."""
    with pytest.raises(SystemExit) as stop:
        main([*command.words, '--help'])  # type: ignore[attr-defined]
    assert stop.value.code == 0
    output = capsys.readouterr().out
    module = import_module(command.module)  # type: ignore[attr-defined]
    assert module.EXAMPLE in output
    assert module.EXAMPLE.startswith(f'omnibind {" ".join(command.words)}')  # type: ignore[attr-defined]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """The package's version."""
    assert main(['--version']) == 0
    assert __version__ in capsys.readouterr().out


@pytest.mark.parametrize('given', [['fly'], ['fly', 'high']])
def test_an_unknown_command_is_one_sentence(
    given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """On stderr, exit code 2."""
    assert main(given) == 2
    captured = capsys.readouterr()
    assert captured.out == ''
    assert captured.err.startswith('error: no command')
    assert len(captured.err.splitlines()) == 1


def test_bad_input_is_one_message_and_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing file is named."""
    assert main(['check-config', str(tmp_path / 'none.yaml')]) == 1
    assert 'none.yaml' in capsys.readouterr().err
