"""Where the demo is shown: a terminal that is drawn anew, or plain lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol
from typing import TextIO
from typing import TYPE_CHECKING

from omnibind_core.demo.lines import Lines
from omnibind_core.demo.view import View
from omnibind_core.errors import UnavailableError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live


class Display(Protocol):
    """Takes views; whoever opens it closes it, whatever happens."""

    #: Whether a view takes the place of the last one, so that small steps may be shown.
    in_place: bool

    def open(self) -> None:
        """Begin; nothing was shown before."""

    def show(self, view: View) -> None:
        """Show this from now on."""

    def close(self) -> None:
        """Leave the terminal as it was; may be called again."""


class LineDisplay:
    """Lines for a pipe or a file.

    :param stream: what they are written to.
    """

    in_place = False

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines = Lines(self._say)

    def open(self) -> None:
        """There is nothing to begin."""

    def show(self, view: View) -> None:
        """Write what is new."""
        self._lines.show(view)

    def close(self) -> None:
        """There is nothing to leave."""

    def _say(self, line: str) -> None:
        # What a terminal would take for a command has no place in a log.
        plain = ''.join(letter if letter.isprintable() else '?' for letter in line)
        self._stream.write(plain.encode('ascii', 'replace').decode() + '\n')
        self._stream.flush()


class TerminalDisplay:
    """The whole terminal, on its second screen; the last view stays when it is closed.

    :param console: of the terminal.
    """

    in_place = True

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._last: View | None = None

    def open(self) -> None:
        """Take the terminal over."""
        from rich.live import Live

        self._live = Live(console=self._console, screen=True, auto_refresh=False)
        self._live.start()

    def show(self, view: View) -> None:
        """Draw it in the place of the last one."""
        from omnibind_core.demo.screen import screen

        if self._live is not None:
            self._last = view
            width, height = self._console.size
            self._live.update(screen(view, width, height), refresh=True)

    def close(self) -> None:
        """Give the terminal back, with its cursor, and leave the last view there."""
        from omnibind_core.demo.screen import screen

        live, self._live = self._live, None
        if live is None:
            return
        live.stop()
        if self._last is not None:
            width, height = self._console.size
            self._console.print(screen(self._last, width, height))


def open_display(stream: TextIO, environment: Mapping[str, str], *, plain: bool) -> Display:
    """The display for a stream.

    :param environment: ``TERM``; ``NO_COLOR`` is obeyed by ``rich``.
    :param plain: lines, also on a terminal.
    :raises UnavailableError: a terminal, but ``rich`` is not installed.
    """
    encoding = (getattr(stream, 'encoding', None) or '').lower()
    dumb = environment.get('TERM', '') in ('', 'dumb', 'unknown')
    if plain or not stream.isatty() or dumb or not encoding.startswith('utf'):
        return LineDisplay(stream)
    try:
        from rich.console import Console
    except ImportError:
        raise UnavailableError(
            'the view in the terminal needs the package rich; install "omnibind[demo]", or say '
            '--plain'
        ) from None
    return TerminalDisplay(Console(file=stream, highlight=False))
