"""What the README and the pages show exists and runs."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
import re
import shlex
import subprocess
import sys

import pytest

from omnibind_core.cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / 'README.md', *sorted((ROOT / 'docs').glob('*.md'))]


def typed(page: Path) -> list[list[str]]:
    """Every `omnibind` call in a page's shell blocks, with continued lines joined."""
    calls = []
    for block in re.findall(r'```(?:bash|)\n(.*?)```', page.read_text(), re.DOTALL):
        lines = block.replace('\\\n', ' ').splitlines()
        calls += [
            shlex.split(line, comments=True)[1:]
            for line in lines
            if line.strip().startswith('omnibind ') and '--help' not in line
        ]
    return calls


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
def test_commands_and_options_exist(page: Path) -> None:
    """Each option that is shown is one of the command's."""
    import argparse

    for words in typed(page):
        command = next(
            (found for found in COMMANDS if tuple(words[: len(found.words)]) == found.words), None
        )
        assert command is not None, words
        parser = argparse.ArgumentParser()
        import_module(command.module).add_arguments(parser)
        known = {option for action in parser._actions for option in action.option_strings}
        given = {word.split('=')[0] for word in words if word.startswith('--')}
        assert given <= known, (words, given - known)


def test_the_readmes_python_block_runs() -> None:
    """Over the bundle that the repository ships, without torch."""
    if not (ROOT / 'bundles' / 'omnihome').is_dir():
        pytest.skip('bundles/omnihome is not there')
    (block,) = re.findall(r'```python\n(.*?)```', (ROOT / 'README.md').read_text(), re.DOTALL)
    check = "\nimport sys\nassert 'torch' not in sys.modules"
    run = subprocess.run(
        [sys.executable, '-c', block + check],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.fullmatch(r"\w+ 0\.\d+ \[\('image', 1\.0\)\]\n", run.stdout)


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    """Files that are named exist, headings that are pointed at too."""
    text = re.sub(r'```.*?```', '', page.read_text(), flags=re.DOTALL)
    for target in re.findall(r'\]\(([^)\s]+)\)', text):
        if '://' in target:
            continue
        name, _, heading = target.partition('#')
        found = (page.parent / name).resolve() if name else page
        assert found.exists(), target
        if heading:
            assert heading in headings(found), target


def headings(page: Path) -> set[str]:
    """As links name them: lower case, words joined by hyphens, other signs left out."""
    titles = re.findall(r'^#+ (.*)$', page.read_text(), re.MULTILINE)
    return {re.sub(r'[^\w\- ]', '', title.lower()).replace(' ', '-') for title in titles}
