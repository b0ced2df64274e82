"""The table of docs/learning.md, "Your own data", is one that is read."""

from __future__ import annotations

from pathlib import Path
import re

from omnibind_core.data.manifest import read_manifest
from omnibind_core.data.manifest import REQUIRED
from omnibind_core.data.record import FOLDS
from omnibind_core.modalities.registry import NAMES

PAGE = Path(__file__).resolve().parents[2] / 'docs' / 'learning.md'
SECTION = PAGE.read_text().partition('## Your own data')[2].partition('\n## ')[0]


def test_the_table_is_read(tmp_path: Path) -> None:
    """As it stands there."""
    (table,) = (block for block in re.findall(r'```\n(.*?)```', SECTION, re.DOTALL))
    (tmp_path / 'manifest.csv').write_text(table)
    manifest = read_manifest(tmp_path, check_files=False)
    assert [record.modality for record in manifest.records] == ['image', 'thermal', 'image']
    assert table.startswith(','.join(REQUIRED) + '\n')


def test_every_modality_and_fold_is_named() -> None:
    """And no other column than there are."""
    for name in (*NAMES, *FOLDS):
        assert f'`{name}`' in SECTION
    assert re.findall(r'^\| `(\w+)`', SECTION, re.MULTILINE) == list(REQUIRED)
