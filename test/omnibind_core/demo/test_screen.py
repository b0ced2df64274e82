"""The screen at any size: nothing is wider or higher than the terminal, nothing needs colour."""

from __future__ import annotations

import io
from pathlib import Path
import re

from demo_views import busy_view
from demo_views import new_story
import pytest
from rich.cells import cell_len
from rich.console import Console

from omnibind_core.demo.picture import picture
from omnibind_core.demo.screen import bar
from omnibind_core.demo.screen import screen
from omnibind_core.demo.screen import sparkline
from omnibind_core.demo.view import View

ENOUGH = 18  # lines for all that is needed with six sensors


def _drawn(view: View, width: int, height: int, **given: object) -> list[str]:
    stream = io.StringIO()
    console = Console(file=stream, width=width, height=height, _environ={}, **given)  # type: ignore[arg-type]
    console.print(screen(view, width, height))
    return stream.getvalue().splitlines()


@pytest.mark.parametrize('height', [ENOUGH, 24, 36, 70])
@pytest.mark.parametrize('width', [20, 33, 48, 64, 80, 100, 112, 240])
def test_it_fits(width: int, height: int) -> None:
    lines = _drawn(busy_view(), width, height)
    assert len(lines) <= height
    assert max(cell_len(line) for line in lines) <= width
    text = '\n'.join(lines)
    for word in ('camera', 'lidar', 'touch', '/ 0:20'):
        assert word in text


def test_a_usual_terminal_shows_everything() -> None:
    text = '\n'.join(_drawn(busy_view(), 112, 36))
    for word in (
        'there  media device',
        'says   bed  ✗ wrong',
        '✕ unplugged at 0:08',
        '✕ not plugged in',
        '· quiet',
        'alone it would say',
        'weight until now',
        'sensors that come and go',
        '0:08  ✕ lidar unplugged',
        '1 of 2 things recognised',
        'answers a second',
    ):
        assert word in text
    assert '0.70' in text and '━' in text


def test_the_same_height_from_begin_to_end() -> None:
    """So that nothing jumps."""
    heights = {len(_drawn(view, 100, 30)) for view in (busy_view(), new_story().view('starting'))}
    assert len(heights) == 1


def test_few_lines_leave_out_what_is_least_needed() -> None:
    text = '\n'.join(_drawn(busy_view(), 80, ENOUGH))
    assert 'come and go' not in text
    assert 'touch' in text and 'things recognised' in text


def test_without_colour() -> None:
    """No colour is asked for, and what it says stands in words and shapes."""
    coloured = '\n'.join(
        _drawn(busy_view(), 100, 36, force_terminal=True, color_system='truecolor')
    )
    plain = '\n'.join(
        _drawn(busy_view(), 100, 36, force_terminal=True, color_system='truecolor', no_color=True)
    )
    colours = re.compile(r'\x1b\[[0-9;]*(?:38|48);')
    assert colours.search(coloured)
    assert not colours.search(plain)
    assert '✗ wrong' in plain


def test_bars() -> None:
    """To half a column, and never out of bounds."""
    assert bar(0.5, 10, '').plain == '━━━━━─────'
    assert bar(0.26, 10, '').plain == '━━╸───────'
    assert bar(0.0, 4, '').plain == '────'
    assert bar(7.0, 4, '').plain == '━━━━'
    assert sparkline([None, 0.0, 0.5, 1.0]).plain == ' ▁▅█'


def test_the_picture_is_the_same_again_and_asks_for_nothing() -> None:
    """No font or picture of another place; the only address is the format's name."""
    text = picture(busy_view())
    assert text == picture(busy_view())
    shipped = (Path(__file__).resolve().parents[3] / 'docs' / 'demo.svg').read_text()
    assert len(shipped) < 300_000
    for one in (text, shipped):
        addresses = set(re.findall(r'https?://[^"\s]+', one))
        assert addresses == {'http://www.w3.org/2000/svg'}
        assert 'url(#' in one and 'url("' not in one and '@font-face' not in one
        assert 'unplugged' in one
