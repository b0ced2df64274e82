"""What docs/bundle.md shows is what happens."""

from __future__ import annotations

from pathlib import Path
import re
import subprocess
import sys

import tiny_bundle

from omnibind_core.cli.main import COMMANDS

PAGE = Path(__file__).resolve().parents[2] / 'docs' / 'bundle.md'


def test_the_python_block_runs(tmp_path: Path) -> None:
    """As it stands there, over a bundle in its place."""
    (block,) = re.findall(r'```python\n(.*?)```', PAGE.read_text(), re.DOTALL)
    tiny_bundle.make(tmp_path / 'bundles' / 'omnihome')
    run = subprocess.run(
        [sys.executable, '-c', block], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert re.fullmatch(r"\w+ 0\.\d+ \[\('image', 1\.0\)\]\n", run.stdout)


def test_the_commands_exist() -> None:
    typed = re.findall(r'^omnibind (.*)', PAGE.read_text(), re.MULTILINE)
    assert len(typed) == 4
    known = [command.words for command in COMMANDS]
    for line in typed:
        assert any(tuple(line.split()[: len(words)]) == words for words in known)
