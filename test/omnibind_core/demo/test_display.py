"""Which display a stream gets, and that a terminal is given back as it was."""

from __future__ import annotations

import io
from typing import Any

from demo_views import busy_view
import pytest

from omnibind_core.demo.display import LineDisplay
from omnibind_core.demo.display import open_display
from omnibind_core.demo.display import TerminalDisplay
from omnibind_core.demo.view import Event
from omnibind_core.demo.view import View
from omnibind_core.errors import UnavailableError

XTERM = {'TERM': 'xterm-256color'}


class _Stream(io.StringIO):
    """A text stream that may be a terminal."""

    def __init__(self, terminal: bool = True, encoding: str = 'utf-8') -> None:
        super().__init__()
        self._terminal = terminal
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def isatty(self) -> bool:
        return self._terminal


@pytest.mark.parametrize(
    ('stream', 'environment', 'plain'),
    [
        (_Stream(terminal=False), XTERM, False),
        (_Stream(), {'TERM': 'dumb'}, False),
        (_Stream(), {}, False),
        (_Stream(encoding='ascii'), XTERM, False),
        (_Stream(), XTERM, True),
    ],
)
def test_lines_where_nothing_can_be_drawn(stream: Any, environment: Any, plain: bool) -> None:
    assert isinstance(open_display(stream, environment, plain=plain), LineDisplay)


def test_a_terminal_is_drawn_on_and_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Second screen and hidden cursor in between; the last view stays. Closing twice is fine."""
    for name in ('NO_COLOR', 'COLUMNS', 'LINES'):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv('TERM', 'xterm-256color')
    stream = _Stream()
    display = open_display(stream, XTERM, plain=False)
    assert isinstance(display, TerminalDisplay)
    display.open()
    display.show(busy_view())
    begun = stream.getvalue()
    assert '\x1b[?1049h' in begun and '\x1b[?25l' in begun
    assert '\x1b[?25h' not in begun
    display.close()
    display.close()
    after = stream.getvalue()[len(begun) :]
    assert after.count('\x1b[?1049l') == after.count('\x1b[?25h') == 1
    assert after.rindex('things recognised') > after.index('\x1b[?1049l')


def test_no_control_characters_in_lines() -> None:
    """Whatever a bag calls its things."""
    stream = _Stream(terminal=False)
    display = open_display(stream, XTERM, plain=False)
    display.open()
    display.show(View('a bag', events=(Event(1.0, 'there', 'now there: \x1b[2Jcup\r\ncafé'),)))
    display.close()
    text = stream.getvalue()
    assert text == '0:01  now there: ?[2Jcup??caf?\n'


def test_without_rich_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, 'rich.console', None)
    with pytest.raises(UnavailableError, match=r'install "omnibind\[demo\]", or say --plain'):
        open_display(_Stream(), XTERM, plain=False)
