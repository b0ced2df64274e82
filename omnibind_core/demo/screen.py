"""The demo's screen: a view as something that `rich` draws, at any width and height."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import HORIZONTALS
from rich.console import Group
from rich.console import RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from omnibind_core.demo.lines import tally_text
from omnibind_core.demo.story import SLICE
from omnibind_core.demo.view import clock
from omnibind_core.demo.view import Event
from omnibind_core.demo.view import Kind
from omnibind_core.demo.view import SensorRow
from omnibind_core.demo.view import State
from omnibind_core.demo.view import Verdict
from omnibind_core.demo.view import View
from omnibind_core.demo.view import WORDS
from omnibind_core.overlay import palette
from omnibind_core.overlay.palette import Colour

WIDEST = 112  # columns; more would tear apart what belongs together
FRAME = 4  # columns of border and padding
_BAR = 12  # columns of a weight's bar beside its history
_HISTORY = 26  # columns at most


def _style(colour: Colour, more: str = '') -> str:
    return f'{more} #{colour[0]:02x}{colour[1]:02x}{colour[2]:02x}'.strip()


_SOFT, _TRACK = _style(palette.SOFT), _style((72, 79, 88))
_GOOD, _BAD, _WARN = _style(palette.GOOD), _style(palette.BAD), _style(palette.WARN)
_ACCENT, _HELD = _style(palette.ACCENT), _style(palette.HELD)
_STATES: dict[State, tuple[str, str]] = {
    'fresh': ('●', _GOOD),
    'held': ('◐', _HELD),
    'nothing': ('○', _SOFT),
    'missing': ('○', _WARN),
    'late': ('○', _WARN),
    'lost': ('✕', _BAD),
    'quiet': ('·', _SOFT),
    'unplugged': ('✕', _BAD),
    'absent': ('✕', _SOFT),
    'off': ('✕', _SOFT),
}
# The height differs too, for whoever sees no colours.
_VERDICTS: dict[Verdict, tuple[str, str]] = {
    'right': ('█', _GOOD),
    'wrong': ('▄', _BAD),
    'abstained': ('▁', _SOFT),
    'unknown': ('▁', _ACCENT),
    '': (' ', _SOFT),
}
_EVENTS: dict[Kind, tuple[str, str]] = {
    'gone': ('✕', _BAD),
    'came': ('●', _GOOD),
    'there': ('▸', _SOFT),
}
_HEIGHTS = '▁▂▃▄▅▆▇█'


def screen(view: View, width: int, height: int) -> RenderableType:
    """The whole screen.

    :param width: columns there are.
    :param height: lines there are; what is least needed is left out where they are few.
    """
    inside = max(min(width, WIDEST) - FRAME, 16)
    head = _head(view, inside)
    answer = _answer(view, inside)
    sensors = _sensors(view.sensors, inside)
    foot = _foot(view, inside)
    # Border, a line for each row, headings of sensors and events.
    needed = 2 + len(head) + 5 + len(view.sensors) + 1 + len(foot)
    spare = height - needed
    gaps = spare >= 4
    room = spare - (4 if gaps else 0) - 1
    parts: list[RenderableType] = [*head]
    blocks: list[list[RenderableType]] = [[*answer], [sensors]]
    if room >= 1:
        blocks.append(_events(view.events, min(room, 7), inside))
    blocks.append([*foot])
    for block in blocks:
        parts += [*([Text('')] if gaps else []), *block]
    return Panel(
        Group(*parts),
        box=HORIZONTALS,
        border_style=_TRACK,
        padding=(0, 1),
        width=inside + FRAME,
        title=_title(view, inside),
        title_align='left',
    )


def bar(share: float, width: int, style: str) -> Text:
    """A bar whose filled part is ``share`` of ``width``, to half a column."""
    halves = round(min(max(share, 0.0), 1.0) * width * 2)
    text = Text('━' * (halves // 2) + '╸' * (halves % 2), style=style, no_wrap=True)
    return text.append('─' * (width - len(text)), style=_TRACK)


def sparkline(weights: Sequence[float | None]) -> Text:
    """The height is the weight; a gap where the sensor took no part."""
    text = Text()
    for weight in weights:
        if weight is None:
            text.append(' ')
        else:
            text.append(_HEIGHTS[min(int(weight * 8), 7)], style=_ACCENT if weight else _TRACK)
    return text


def _title(view: View, width: int) -> Text:
    name = Text().append(' OmniBind ', style=_style(palette.TEXT, 'bold'))
    if width > 50:
        name.append(f'{view.title} ', style=_SOFT)
    name.truncate(width - 2, overflow='ellipsis')
    return name


def _head(view: View, width: int) -> list[RenderableType]:
    """How far the bag is: what was said then, and below it what was there."""
    times = f' {clock(view.at)} / {clock(view.length)}'
    room = max(width - len(times), 4)
    strip = Text(no_wrap=True)
    count = max(round(view.length / SLICE), 1)
    for column in range(room):
        first = column * count // room
        passed = view.verdicts[first : max((column + 1) * count // room, first + 1)]
        shape, style = ('·', _TRACK)
        if passed:
            shape, style = _VERDICTS[max(passed, key=passed.count)]
        strip.append(shape, style=style)
    return [strip.append(times, style='bold'), _stretches(view, room)]


def _stretches(view: View, width: int) -> Text:
    """The names of what was there, each where it began."""
    text = Text(no_wrap=True)
    scale = width / max(view.length, 1e-3)
    ends = [*(at for at, _ in view.changes[1:]), max(view.at, 0.0)]
    for (begin, name), end in zip(view.changes, ends, strict=False):
        room = round(end * scale) - round(begin * scale)
        word = f'▏{name}' if name and room > 3 else '▏'
        shown = word if len(word) <= room else word[: max(room - 1, 1)] + '…' * (room > 1)
        text.append(shown[:room].ljust(room), style=_SOFT)
    return text


def _answer(view: View, width: int) -> list[RenderableType]:
    there = 'unknown' if view.there is None else view.there or 'nothing'
    line = Text('there  ', style=_SOFT, no_wrap=True).append(there, style='bold')
    said = Text('says   ', style=_SOFT, no_wrap=True)
    if not view.verdict:
        said.append(view.note or 'no answer', style=_SOFT)
    elif view.why:
        said.append('nothing', style='bold')
        good = view.verdict == 'right'
        said.append('  rightly' if good else '  ', style=_GOOD)
        said.append(f'{", " if good else ""}{view.why}', style=_SOFT)
    else:
        style = {'right': _GOOD, 'wrong': _BAD}.get(view.verdict, _ACCENT)
        said.append(view.says, style=f'bold {style}')
        mark = {'right': '  ✓ right', 'wrong': '  ✗ wrong'}.get(view.verdict, '')
        said.append(mark, style=style)
    for text in (line, said):
        text.truncate(width, overflow='ellipsis')
    rows = Table.grid(padding=(0, 1))
    names = min(22, width // 3)
    rows.add_column(width=names, no_wrap=True, overflow='ellipsis')
    rows.add_column(no_wrap=True)
    rows.add_column(justify='right', no_wrap=True)
    length = max(width - names - 8, 4)
    for number in range(3):
        if number < len(view.guesses):
            guess = view.guesses[number]
            sure = number == 0 and not view.why
            style = _ACCENT if sure else _HELD
            rows.add_row(
                Text(guess.name, style='' if number == 0 else _SOFT),
                bar(guess.score, length, style),
                Text(f'{guess.score:.2f}', style='bold' if sure else _SOFT),
            )
        else:
            rows.add_row('', bar(0.0, length, _TRACK), '')
    return [line, said, rows]


def _sensors(sensors: Sequence[SensorRow], width: int) -> RenderableType:
    rows = Table.grid(padding=(0, 1))
    states = 20 if width >= 64 else 1
    names = min(13, max(width // 4, 6))
    alone = 25 if width >= 76 else 0
    length = width - names - states - 8 - (alone + 1 if alone else 0)
    history = min(length - _BAR - 1, _HISTORY) if length - _BAR - 1 >= _HISTORY // 3 else 0
    length = max(length - (history + 1 if history else 0), 3)
    rows.add_column(width=names, no_wrap=True, overflow='ellipsis')
    rows.add_column(width=states, no_wrap=True, overflow='ellipsis')
    rows.add_column(width=length, no_wrap=True)
    rows.add_column(width=4, justify='right', no_wrap=True)
    head = ['sensor', 'state' if states > 1 else '', 'weight', '']
    if alone:
        rows.add_column(width=alone, no_wrap=True, overflow='ellipsis')
        head.append('  alone it would say')
    if history:
        rows.add_column(width=history, no_wrap=True)
        head.append('weight until now'[-history:].rjust(history))
    rows.add_row(*(Text(word, style=_SOFT) for word in head))
    for row in sensors:
        rows.add_row(*_sensor(row, states, length, alone, history))
    return rows


def _sensor(
    row: SensorRow, states: int, length: int, alone: int, history: int
) -> list[RenderableType]:
    shape, style = _STATES[row.state]
    gone = row.state in ('unplugged', 'absent', 'lost', 'off')
    word = WORDS[row.state]
    if row.since is not None:
        word += f' at {clock(row.since)}'
    state = Text(shape if states == 1 else f'{shape} {word}', style=style)
    weight = Text(f'{row.weight:.2f}' if row.weight > 0.0 else '', style='bold')
    cells: list[RenderableType] = [
        Text(row.name, style=_SOFT if gone else 'bold'),
        state,
        bar(row.weight, length, _ACCENT if row.state == 'fresh' else _HELD),
        weight,
    ]
    if alone:
        says = Text('  ')
        if row.says:
            says.append(row.says, style='').append(f' {row.score:.2f}', style=_SOFT)
        cells.append(says)
    if history:
        cells.append(sparkline(row.weights[-history:]))
    return cells


def _events(events: Sequence[Event], count: int, width: int) -> list[RenderableType]:
    """The newest below; always the same height, so that nothing jumps."""
    title = Text('sensors that come and go', style=_SOFT, no_wrap=True)
    title.truncate(width, overflow='ellipsis')
    lines: list[RenderableType] = [title]
    shown = [event for event in events if event.kind != 'there'][-count:]
    for event in shown:
        shape, style = _EVENTS[event.kind]
        text = Text(no_wrap=True).append(f'{clock(event.at):>5}  ', style=_SOFT)
        text.append(f'{shape} ', style=style)
        text.append(event.text)
        text.truncate(width, overflow='ellipsis')
        lines.append(text)
    return lines + [Text('')] * (count - len(shown))


def _foot(view: View, width: int) -> list[RenderableType]:
    lines = [Text(tally_text(view) or 'nothing is counted yet', no_wrap=True)]
    if view.rate > 0.0 and view.latency is not None and not view.note:
        speed = f'{view.rate:.0f} answers a second, {1e3 * view.latency:.0f} ms after the sensors'
        lines.append(Text(speed, style=_SOFT, no_wrap=True))
    else:
        lines.append(Text(view.note, style=_ACCENT, no_wrap=True))
    legend = Text()
    for verdict in ('right', 'wrong', 'abstained'):
        shape, style = _VERDICTS[verdict]
        legend.append(f'  {shape}', style=style).append(f' {verdict}', style=_SOFT)
    if len(lines[1]) + len(legend) <= width:
        lines[1].append(' ' * (width - len(lines[1]) - len(legend))).append(legend)
    for line in lines:
        line.truncate(width, overflow='ellipsis')
    return [*lines]
