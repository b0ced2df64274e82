"""The page of results: whatever is finished, in the figures of the table, with what failed."""

from __future__ import annotations

from pathlib import Path

from fusion_results import small
from fusion_results import written

from omnibind_core.evaluation.results.page import results_page


def no_ablation(folder: Path) -> str:
    """Stands for the table of stage 1."""
    return f'| table of {folder.name} |\n'


def test_nothing_has_finished(tmp_path: Path) -> None:
    """Both sections are there and say so."""
    text = results_page(tmp_path, ablation=no_ablation)
    assert text.count('No run has finished yet.') == 2
    assert 'simulated' in text


def test_all_sections(tmp_path: Path) -> None:
    """Methods, goals, spoilt sensors, worst additions, train and test cells, notes."""
    written(tmp_path / 'fusion', small(0, 0), small(0, 1, ignored=('audio',)))
    other = small(0, 0, ignored=('image',))
    other['variant'] = 'class'
    written(tmp_path / 'fusion' / 'by_class', other)
    (tmp_path / 'cad' / 'thermal').mkdir(parents=True)
    (tmp_path / 'cad' / 'thermal' / 'run.json').write_text('{}')
    (tmp_path / 'notes.md').write_text('## What failed\n\nThis and that.\n')
    text = results_page(tmp_path, ablation=no_ablation, resamples=500)
    assert '| table of cad |' in text
    assert '2 trained fusions (split 0: seeds 0, 1)' in text
    for title in ('Best single sensor', 'Calibrated product', 'Adaptive fusion'):
        assert f'| {title} |' in text
    assert '**missed**' in text
    assert 'garbled, severity 5' in text
    assert 'The ten worst additions' in text
    assert 'a mix of both (2 runs)' in text
    assert 'any of the class (1 runs)' in text
    assert text.endswith('## What failed\n\nThis and that.\n')
    rows = [line for line in text.splitlines() if line.startswith('|')]
    for start in [n for n, line in enumerate(rows) if set(line) <= set('|-')]:
        width = rows[start].count('|')
        assert rows[start - 1].count('|') == width
        assert rows[start + 1].count('|') == width


def test_the_same_files_give_the_same_page(tmp_path: Path) -> None:
    """So that it can be checked in and compared."""
    written(tmp_path / 'fusion', small(0, 0))
    pages = {results_page(tmp_path, ablation=no_ablation, resamples=300) for _ in range(2)}
    assert len(pages) == 1
