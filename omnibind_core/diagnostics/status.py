"""A node's state for people: a level, one sentence, and values; and how it is judged."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from enum import IntEnum
from typing import NamedTuple


class Level(IntEnum):
    """The levels of ``diagnostic_msgs/DiagnosticStatus``, by their numbers."""

    OK = 0
    WARN = 1
    ERROR = 2
    STALE = 3


@dataclass(frozen=True)
class Status:
    """What a node says about itself.

    :param level: how bad it is.
    :param message: one sentence that says why.
    :param values: details by name, as text, in the order in which they are shown.
    """

    level: Level
    message: str
    values: Mapping[str, str] = field(default_factory=dict)


class Finding(NamedTuple):
    """One thing that was noticed: how bad it is, and a sentence."""

    level: Level
    message: str


def judged(
    findings: Iterable[Finding | None], values: Mapping[str, str], *, fine: str = 'all is well'
) -> Status:
    """The worst finding as a status; the first of several that are equally bad speaks for all.

    :param findings: ``None`` where a check found nothing.
    :param values: details, of which every further finding becomes one (``also``).
    :param fine: what is said when nothing was found.
    """
    found = [finding for finding in findings if finding is not None]
    if not found:
        return Status(Level.OK, fine, dict(values))
    worst = max(found, key=lambda finding: finding.level)
    others = [finding.message for finding in found if finding is not worst]
    also = {'also': '; '.join(others)} if others else {}
    return Status(worst.level, worst.message, {**values, **also})


def below(
    what: str, value: float, minimum: float, unit: str, level: Level = Level.WARN
) -> Finding | None:
    """A finding when a value is below its threshold; a threshold of 0 is switched off."""
    if minimum <= 0 or value >= minimum:
        return None
    return Finding(level, f'{what} is {value:.3g} {unit}, below {minimum:g} {unit}')


def above(
    what: str, value: float | None, maximum: float, unit: str, level: Level = Level.WARN
) -> Finding | None:
    """A finding when a value is above its threshold; a threshold of 0 is switched off."""
    if maximum <= 0 or value is None or value <= maximum:
        return None
    return Finding(level, f'{what} is {value:.3g} {unit}, above {maximum:g} {unit}')
