"""The errors of OmniBind: each says what is wrong, which value it was, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LONGEST_VALUE = 300  # characters of a value that are shown: messages hold texts of any length


class OmniBindError(Exception):
    """Base of every error that OmniBind raises on purpose."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a configuration.

    :param key: path of the key, ``camera.max_rate``.
    :param given: what was found there, as text; ``''`` where nothing was.
    :param allowed: what may stand there.
    """

    key: str
    given: str
    allowed: str

    def __str__(self) -> str:
        given = f'got {self.given}' if self.given else 'missing'
        return f'{self.key}: {given}; allowed: {self.allowed}'


class ConfigError(OmniBindError):
    """A configuration has problems; it carries all of them, not just the first.

    :param source: the file or object that was read.
    :param problems: everything that is wrong with it.
    """

    def __init__(self, source: str, problems: Iterable[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        count = len(self.problems)
        head = f'{source}: {count} problem{"" if count == 1 else "s"}'
        super().__init__('\n'.join([head, *(f'  {problem}' for problem in self.problems)]))


class InputError(OmniBindError, ValueError):
    """A sensor's data cannot be used: wrong shape, type, size, or content.

    :param field: the part of the input at fault (``encoding``, ``shape``, ``samples``): the key
        under which nodes count what they refuse.
    :param given: what it was; the text of the error shows the beginning of it.
    :param allowed: what it may be.
    """

    def __init__(self, field: str, given: object, allowed: str) -> None:
        self.field = field
        self.given = given
        self.allowed = allowed
        shown = str(given)
        if len(shown) > LONGEST_VALUE:
            shown = f'{shown[:LONGEST_VALUE]} ... ({len(shown)} characters)'
        super().__init__(f'{field}: got {shown}; allowed: {allowed}')


class SpaceError(InputError):
    """Something of another embedding space; vectors of different spaces are never mixed."""


class UnavailableError(OmniBindError):
    """Something optional is needed but not installed; the message names the package."""


class BundleError(OmniBindError):
    """A model bundle is incomplete, altered or not of this version; the message names the file."""


class BackendError(OmniBindError):
    """A model cannot be loaded or run by the chosen back end."""
