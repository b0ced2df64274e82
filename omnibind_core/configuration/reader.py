"""Mappings into frozen dataclasses, collecting every problem instead of stopping at the first."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import fields
from dataclasses import is_dataclass
from dataclasses import MISSING
import difflib
import math
from pathlib import Path
import types
from typing import Any
from typing import get_args
from typing import get_origin
from typing import get_type_hints
from typing import TypeVar
from typing import Union

from omnibind_core.configuration.option import Option
from omnibind_core.configuration.option import option_of
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem

T = TypeVar('T')

_NAMES = {bool: 'true or false', int: 'a whole number', float: 'a number', str: 'a text'}
_MANY = {int: 'whole numbers', float: 'numbers', str: 'texts'}


def read(cls: type[T], given: Any, *, source: str, key: str = '') -> T:
    """Build ``cls`` (a dataclass) from a mapping.

    :param cls: a dataclass whose fields are described by :func:`option`.
    :param given: what the file holds.
    :param source: file name, for the error.
    :param key: path of ``given`` within the file.
    :raises ConfigError: with every problem found, each with key path, given value, allowed values.
    """
    problems: list[Problem] = []
    value = collect(cls, given, key, problems)
    if problems or value is None:
        raise ConfigError(source, problems)
    return value


def collect(cls: type[T], given: Any, key: str, problems: list[Problem]) -> T | None:
    """As :func:`read`, but append the problems to a list; ``None`` where there were any."""
    if not isinstance(given, Mapping):
        problems.append(Problem(key or '(file)', _show(given), 'a mapping of keys to values'))
        return None
    before = len(problems)
    hints = get_type_hints(cls)
    values: dict[str, Any] = {}
    known = {item.name: item for item in fields(cls)}  # type: ignore[arg-type]
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=1)
            hint = f'{near[0]} (nearest), or ' if near else ''
            problems.append(
                Problem(_join(key, name), 'an unknown key', f'{hint}one of {", ".join(known)}')
            )
    for name, item in known.items():
        described = option_of(item)
        if name not in given:
            if item.default is MISSING and item.default_factory is MISSING:
                allowed = described.allowed(kind_name(hints[name]))
                problems.append(Problem(_join(key, name), '', allowed))
            continue
        values[name] = _convert(hints[name], given[name], _join(key, name), described, problems)
    if len(problems) > before:
        return None
    try:
        return cls(**values)
    except ConfigError as error:  # __post_init__ checks that concern several fields
        problems.extend(
            Problem(_join(key, problem.key), problem.given, problem.allowed)
            for problem in error.problems
        )
        return None


def _convert(hint: Any, value: Any, key: str, described: Option, problems: list[Problem]) -> Any:
    if hint is Any:
        return value
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        inner = [choice for choice in get_args(hint) if choice is not type(None)]
        if value is None and len(inner) < len(get_args(hint)):
            return None
        return _convert(inner[0], value, key, described, problems)
    if isinstance(hint, type) and is_dataclass(hint):
        return collect(hint, value, key, problems)
    if origin is tuple:
        return _sequence(hint, value, key, described, problems)
    if origin in (dict, Mapping):
        if not isinstance(value, Mapping):
            problems.append(Problem(key, _show(value), 'a mapping of keys to values'))
            return None
        element = get_args(hint)[1]
        return {
            str(name): _convert(element, item, _join(key, name), described, problems)
            for name, item in value.items()
        }
    return _scalar(hint, value, key, described, problems)


def _sequence(
    hint: Any, value: Any, key: str, described: Option, problems: list[Problem]
) -> tuple[Any, ...] | None:
    arguments = get_args(hint)
    if isinstance(value, str) or not isinstance(value, Sequence):
        problems.append(Problem(key, _show(value), kind_name(hint)))
        return None
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        kinds = [arguments[0]] * len(value)
    elif len(arguments) != len(value):
        problems.append(Problem(key, f'{len(value)} values', f'{len(arguments)} values'))
        return None
    else:
        kinds = list(arguments)
    return tuple(
        _convert(kind, item, f'{key}[{index}]', described, problems)
        for index, (kind, item) in enumerate(zip(kinds, value, strict=True))
    )


def _scalar(hint: Any, value: Any, key: str, described: Option, problems: list[Problem]) -> Any:
    kind = kind_name(hint)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if hint is Path and isinstance(value, str):
        value = Path(value)
    # bool is a subclass of int, but `true` is no number
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        problems.append(Problem(key, _show(value), described.allowed(kind)))
        return None
    if isinstance(value, float) and not math.isfinite(value):
        problems.append(Problem(key, _show(value), described.allowed('a finite number')))
        return None
    outside = (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and (
            (described.minimum is not None and value < described.minimum)
            or (described.maximum is not None and value > described.maximum)
        )
    )
    if outside or (described.choices and value not in described.choices):
        problems.append(Problem(key, _show(value), described.allowed(kind)))
        return None
    return value


def kind_name(hint: Any) -> str:
    """The name of a type, for people."""
    if get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        return f'a list of {_MANY.get(inner, kind_name(inner))}'
    if get_origin(hint) in (Union, types.UnionType):
        return kind_name(get_args(hint)[0])
    if isinstance(hint, type) and is_dataclass(hint):
        return 'a mapping'
    return _NAMES.get(hint, getattr(hint, '__name__', str(hint)))


def _show(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f'{text[:57]}...'


def _join(key: str, name: object) -> str:
    shown = str(name) or "''"
    return f'{key}.{shown}' if key else shown
