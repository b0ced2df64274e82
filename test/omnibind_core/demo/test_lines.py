"""Plain lines: what is new, once, and how it stands every few seconds."""

from __future__ import annotations

from dataclasses import replace

from demo_views import busy_view
from demo_views import new_story

from omnibind_core.demo.lines import EVERY
from omnibind_core.demo.lines import Lines
from omnibind_core.demo.lines import standing
from omnibind_core.demo.lines import tally_text
from omnibind_core.demo.view import Event
from omnibind_core.demo.view import View


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_each_event_is_told_once() -> None:
    told: list[str] = []
    lines = Lines(told.append, _Clock())
    view = View('a bag', events=(Event(3.0, 'gone', 'lidar unplugged'),))
    for _ in range(3):
        lines.show(view)
    lines.show(replace(view, events=(*view.events, Event(67.0, 'came', 'lidar is back'))))
    assert told == ['0:03  lidar unplugged', '1:07  lidar is back']


def test_a_note_is_told_when_it_changes() -> None:
    told: list[str] = []
    lines = Lines(told.append, _Clock())
    for note in ('starting', 'starting', '', 'evaluating'):
        lines.show(View('a bag', note=note))
    assert told == ['starting', 'evaluating']


def test_now_and_then_how_it_stands() -> None:
    """But not beside a change, and not more often."""
    told: list[str] = []
    clock = _Clock()
    lines = Lines(told.append, clock)
    view = replace(busy_view(), events=())
    lines.show(view)
    clock.now = EVERY - 0.1
    lines.show(view)
    assert told == []
    clock.now = EVERY
    lines.show(view)
    lines.show(view)
    assert told == [standing(view)]
    clock.now = 3 * EVERY
    lines.show(replace(view, note='evaluating'))
    assert told[1:] == ['evaluating']


def test_how_it_stands() -> None:
    """The truth, what is said and whether that is right, by whom, and who is gone."""
    text = standing(busy_view())
    assert text.startswith('0:11  there: media device; says bed 0.60 (wrong); by camera 0.70, ')
    assert 'thermal not plugged in' in text and 'lidar unplugged' in text
    assert 'touch' not in text


def test_abstaining_says_why() -> None:
    view = replace(busy_view(), why='no sensor has anything to sense', verdict='right', there='')
    assert 'there: nothing; abstains, rightly (no sensor has anything to sense)' in standing(view)


def test_the_count() -> None:
    text = tally_text(busy_view())
    assert '% right at things, 1 of 2 things recognised' in text
    assert tally_text(new_story().view()) == ''
