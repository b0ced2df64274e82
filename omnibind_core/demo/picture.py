"""The demo's screen as an SVG file that needs nothing else."""

from __future__ import annotations

import io

from rich.console import Console
from rich.terminal_theme import TerminalTheme

from omnibind_core.demo.screen import screen
from omnibind_core.demo.screen import WIDEST
from omnibind_core.demo.view import View
from omnibind_core.overlay import palette

HEIGHT = 36  # lines
# rich's own form names a font on the web. Every text carries its length, so that any font whose
# letters are equally wide fits.
_FORM = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font: bold 18px "DejaVu Sans", Arial, sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def picture(view: View) -> str:
    """The same view gives the same bytes; no font is fetched from anywhere."""
    console = Console(
        record=True,
        width=WIDEST,
        file=io.StringIO(),
        force_terminal=True,
        color_system='truecolor',
        legacy_windows=False,
        _environ={},
    )
    console.print(screen(view, WIDEST, HEIGHT))
    ground, ink = palette.BACKGROUND, palette.TEXT
    theme = TerminalTheme(ground, ink, [ground] * 8)
    return console.export_svg(
        title='omnibind demo', theme=theme, code_format=_FORM, unique_id='omnibind'
    )
