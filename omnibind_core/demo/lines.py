"""The demo where there is no terminal: a plain line when something happens, and now and then."""

from __future__ import annotations

from collections.abc import Callable
import time

from omnibind_core.demo.view import clock
from omnibind_core.demo.view import Event
from omnibind_core.demo.view import percent
from omnibind_core.demo.view import View
from omnibind_core.demo.view import WORDS

EVERY = 5.0  # s between lines when nothing happens


class Lines:
    """Says what is new since the last view. Plain text, no control characters.

    :param say: takes a line.
    :param now: a clock, seconds.
    """

    def __init__(
        self, say: Callable[[str], None], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._say = say
        self._clock = now
        self._told: set[Event] = set()
        self._note = ''
        self._at = now()

    def show(self, view: View) -> None:
        """Say what is new, and every few seconds how it stands."""
        if view.note and view.note != self._note:
            self._say(view.note)
        self._note = view.note
        new = [event for event in view.events if event not in self._told]
        self._told.update(new)
        for event in new:
            self._say(f'{clock(event.at)}  {event.text}')
        if new or self._clock() - self._at >= EVERY:
            # Beside a change there is nothing to say yet that holds, nor after the end.
            if not new and view.verdict and not view.note:
                self._say(standing(view))
            self._at = self._clock()


def standing(view: View) -> str:
    """What is there, what is said, and by whom, in one line."""
    there = '' if view.there is None else f'there: {view.there or "nothing"}; '
    if view.guesses and not view.why:
        said = f'says {view.guesses[0].name} {view.guesses[0].score:.2f} ({view.verdict})'
    else:
        good = ', rightly' if view.verdict == 'right' else ''
        said = f'abstains{good} ({view.why or "no answer"})'
    parts = [f'{row.name} {row.weight:.2f}' for row in view.sensors if row.weight > 0.0]
    silent = [
        f'{row.name} {WORDS[row.state]}'
        for row in view.sensors
        if row.state in ('unplugged', 'absent', 'lost', 'late', 'off')
    ]
    told = [said, *([f'by {", ".join(parts)}'] if parts else []), *silent]
    return f'{clock(view.at)}  {there}{"; ".join(told)}'


def tally_text(view: View) -> str:
    """The count until now; empty where there is no truth."""
    count = view.tally
    if not count.answers:
        return ''
    return (
        f'{percent(count.right)} right at things, '
        f'{count.recognised} of {count.things} things recognised, '
        f'{percent(count.abstained_at_nothing)} abstain at nothing'
    )
