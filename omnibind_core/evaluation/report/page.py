"""One HTML file that needs nothing else: no scripts, no fonts, no pictures from anywhere."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from omnibind_core.evaluation.report.style import data_address

_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1f2933; background: #f5f7fa; margin: 0; }
main { max-width: 1180px; margin: 0 auto; padding: 28px 24px 60px; }
h1 { font-size: 26px; margin: 0 0 4px; }
h2 { font-size: 18px; margin: 0 0 10px; }
p { max-width: 76em; margin: 6px 0; }
.faint { color: #616e7c; }
section { background: white; border: 1px solid #e4e7eb; border-radius: 8px; padding: 18px 20px;
  margin: 18px 0; overflow-x: auto; }
img { display: block; max-width: 100%; height: auto; margin: 8px auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 8px 0; }
th, td { text-align: right; padding: 4px 12px 4px 0; border-bottom: 1px solid #e4e7eb; }
th { font-weight: 600; color: #3e4c59; vertical-align: bottom; }
th:first-child, td:first-child { text-align: left; }
th.text, td.text { text-align: left; }
tr.ours td { font-weight: 600; }
.met { color: #25744a; font-weight: 600; } .missed { color: #b3282c; font-weight: 600; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 18px; margin: 8px 0; }
dt { color: #616e7c; } dd { margin: 0; overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 10px; }
.tile { border: 1px solid #e4e7eb; border-radius: 8px; padding: 12px 14px; background: #fbfcfd; }
.tile b { display: block; font-size: 21px; line-height: 1.4; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
.tile span { color: #616e7c; font-size: 13px; }
.note { border-left: 4px solid #d98a1f; background: #fdf6ec; padding: 8px 14px; margin: 8px 0; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(440px, 1fr)); gap: 10px; }
table.seen { border-collapse: separate; border-spacing: 3px; font-size: 12px; margin: 8px auto; }
table.seen th, table.seen td { padding: 0; border: 0; text-align: center; }
table.seen th:first-child { text-align: right; padding-right: 6px; vertical-align: middle; }
table.seen img { width: 68px; height: 68px; margin: 0; border-radius: 5px; }
table.seen .none { width: 68px; height: 68px; border-radius: 5px; background: #f0f2f5;
  color: #9aa5b1; line-height: 68px; }
table.seen .cap { width: 68px; overflow-wrap: anywhere; line-height: 1.2; padding: 2px 0; }
details summary { cursor: pointer; color: #3e4c59; }
@media print { body { background: white; } section { break-inside: avoid; border: 0; } }
"""


@dataclass(frozen=True)
class Section:
    """A part of a page.

    :param title: above it.
    :param body: HTML, escaped where it holds texts from outside.
    """

    title: str
    body: str


def page(title: str, subtitle: str, sections: Iterable[Section]) -> str:
    """A whole HTML page."""
    parts = [
        f'<section><h2>{escape(item.title)}</h2>\n{item.body}\n</section>' for item in sections
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n"
        f'<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n'
        f'<h1>{escape(title)}</h1>\n<p class="faint">{escape(subtitle)}</p>\n'
        + '\n'.join(parts)
        + '\n</main>\n</body>\n</html>\n'
    )


def image(content: bytes, text: str) -> str:
    """A picture within the page.

    :param content: SVG, PNG or JPEG.
    :param text: what it shows, for those who cannot see it.
    """
    return f'<img alt="{escape(text)}" src="{data_address(content)}">'


def table(head: Sequence[Any], rows: Iterable[Sequence[Any]], *, ours: int | None = None) -> str:
    """A table; the first column is text, the others are numbers or texts.

    :param head: names of the columns, cells like the others.
    :param rows: cells; a cell that is a tuple is ``(text, class of the cell)``.
    :param ours: number of the row that stands out.
    """
    lines = [''.join(_cell(name, 'th') for name in head)]
    kinds = ['']
    for number, row in enumerate(rows):
        lines.append(''.join(_cell(value) for value in row))
        kinds.append(' class="ours"' if number == ours else '')
    body = '\n'.join(f'<tr{kind}>{line}</tr>' for kind, line in zip(kinds, lines, strict=True))
    return f'<table>\n{body}\n</table>'


def facts(values: Mapping[str, Any]) -> str:
    """Names and values."""
    parts = [
        f'<dt>{escape(str(name))}</dt><dd>{escape(str(value))}</dd>'
        for name, value in values.items()
    ]
    return f'<dl>{"".join(parts)}</dl>'


def paragraph(text: str) -> str:
    """A paragraph of text."""
    return f'<p>{escape(text)}</p>'


def _cell(value: Any, tag: str = 'td') -> str:
    if isinstance(value, tuple):
        text, kind = value
        return f'<{tag} class="{escape(kind)}">{escape(str(text))}</{tag}>'
    return f'<{tag}>{escape(str(value))}</{tag}>'
