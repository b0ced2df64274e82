"""Class names and their numbers, and how the classes of several data sets become one list."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import ConfigError
from omnibind_core.errors import InputError
from omnibind_core.errors import Problem
from omnibind_core.modalities.text import normalise

FILE_NAME = 'classes.txt'
DROPPED = -1
_MOST = 100_000


@dataclass(frozen=True)
class ClassMap:
    """Class names in order; a class's number is its place.

    :param names: all different, in the form that :func:`~omnibind_core.modalities.text.normalise`
        gives.
    :raises ConfigError: for an empty list, an unusable name, or one that stands twice.
    """

    names: tuple[str, ...]

    def __post_init__(self) -> None:
        problems = []
        if not 1 <= len(self.names) <= _MOST:
            problems.append(Problem('classes', f'{len(self.names)} names', f'1 to {_MOST}'))
        seen: dict[str, int] = {}
        for number, name in enumerate(self.names[:_MOST]):
            key = f'classes[{number}]'
            try:
                usual = normalise(name)
            except InputError as error:
                problems.append(Problem(key, str(error.given), error.allowed))
                continue
            if usual != name:
                problems.append(Problem(key, repr(name), f'{usual!r}, its usual form'))
            if name in seen:
                problems.append(Problem(key, f'{name!r}, as classes[{seen[name]}]', 'once each'))
            seen.setdefault(name, number)
        if problems:
            raise ConfigError('classes', problems)

    def __len__(self) -> int:
        return len(self.names)

    def __contains__(self, name: object) -> bool:
        return name in self._numbers

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        return {name: number for number, name in enumerate(self.names)}

    def number(self, name: str) -> int:
        """The number of a class.

        :raises ConfigError: there is no such class; names the nearest.
        """
        found = self._numbers.get(name)
        if found is None:
            raise ConfigError('classes', [Problem('label', repr(name), nearest(name, self.names))])
        return found

    def numbers(self, names: Iterable[str]) -> NDArray[np.int64]:
        """The numbers of several classes, int64 ``[n]``.

        :raises ConfigError: as :meth:`number`.
        """
        return np.array([self.number(name) for name in names], np.int64)

    def merged(self, changes: Mapping[str, str]) -> tuple[ClassMap, NDArray[np.int64]]:
        """Classes renamed, put together or left out.

        :param changes: new name by old name, the same new name for those that become one, ``''``
            for those left out; what is not mentioned stays as it is.
        :returns: the new classes in the order of their first old one, and the new number of every
            old class, int64 ``[c]``, :data:`DROPPED` for those left out.
        :raises ConfigError: for an old name that does not exist, or when no class is left.
        """
        problems = [
            Problem(f'changes.{name}', repr(name), nearest(name, self.names))
            for name in changes
            if name not in self
        ]
        if problems:
            raise ConfigError('classes', problems)
        renamed = [changes.get(name, name) for name in self.names]
        result = ClassMap(tuple(dict.fromkeys(name for name in renamed if name)))
        numbers = [result.number(name) if name else DROPPED for name in renamed]
        return result, np.array(numbers, np.int64)


def union(maps: Iterable[ClassMap]) -> tuple[ClassMap, tuple[NDArray[np.int64], ...]]:
    """The classes of several data sets as one list; equal names are one class.

    :returns: all classes in order of appearance, and for each map the new number of its classes.
    """
    given = list(maps)
    result = ClassMap(tuple(dict.fromkeys(name for item in given for name in item.names)))
    return result, tuple(result.numbers(item.names) for item in given)


def nearest(name: str, names: Iterable[str]) -> str:
    """What may stand instead of a name that does not exist, for an error."""
    import difflib

    known = list(names)
    near = difflib.get_close_matches(name, known, n=1)
    some = ', '.join(known[:30]) + (', ...' if len(known) > 30 else '')
    return f'{near[0]!r} (nearest), or one of {some}' if near else f'one of {some}'


def read_classes(path: Path) -> ClassMap:
    """Read class names, one a line.

    :raises ConfigError: unreadable, or not usable as a class map.
    """
    try:
        if path.stat().st_size > 2**24:
            raise ConfigError(str(path), [Problem('(file)', 'over 16 MiB', 'one name a line')])
        text = path.read_text(encoding='utf-8')
    except UnicodeDecodeError as error:
        raise ConfigError(str(path), [Problem('(file)', 'not UTF-8', 'UTF-8 text')]) from error
    except OSError as error:
        reason = str(error.strerror)
        raise ConfigError(str(path), [Problem('(file)', reason, 'one name a line')]) from error
    return ClassMap(tuple(line.strip() for line in text.splitlines() if line.strip()))
