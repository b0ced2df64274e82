"""What a scenario found: figures, what was wanted, and whether that was met."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
import math
import operator
from typing import Any

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    '<=': operator.le,
    '>=': operator.ge,
    '=': operator.eq,
}


@dataclass(frozen=True)
class Target:
    """One thing that is wanted.

    :param what: it is about, in a few words.
    :param found: the figure.
    :param limit: what it is held against.
    :param unit: of both.
    :param sign: ``<=``, ``>=`` or ``=``.
    """

    what: str
    found: float
    limit: float
    unit: str = ''
    sign: str = '<='

    @property
    def met(self) -> bool:
        """Whether the figure is as wanted; one that is not a number is not."""
        return _COMPARE[self.sign](self.found, self.limit)

    def line(self) -> str:
        """Figure, wanted, met or missed."""
        unit = f' {self.unit}' if self.unit else ''
        verdict = 'met' if self.met else 'MISSED'
        wanted = f'{self.sign} {self.limit:g}{unit}'
        return f'{self.what}: {self.found:.4g}{unit}, wanted {wanted}: {verdict}'

    def document(self) -> dict[str, Any]:
        """For a JSON file."""
        return {
            'what': self.what,
            'found': _plain(self.found),
            'sign': self.sign,
            'limit': self.limit,
            'unit': self.unit,
            'met': self.met,
        }


@dataclass(frozen=True)
class Outcome:
    """The result of one scenario.

    :param name: of the scenario.
    :param figures: everything measured, by name.
    :param targets: what was wanted.
    :param notes: lines about figures that nothing is wanted of.
    :param failure: why it could not be measured; empty: it was.
    """

    name: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    targets: Sequence[Target] = ()
    notes: Sequence[str] = ()
    failure: str = ''

    @property
    def met(self) -> bool:
        """Whether it was measured, and everything is as wanted."""
        return not self.failure and all(target.met for target in self.targets)

    def lines(self) -> list[str]:
        """For people."""
        if self.failure:
            return [f'{self.name}: FAILED: {self.failure}']
        texts = [*(target.line() for target in self.targets), *self.notes]
        return [f'{self.name}: {text}' for text in texts]

    def document(self) -> dict[str, Any]:
        """For a JSON file."""
        document: dict[str, Any] = _plain(self.figures)
        document['wanted'] = [target.document() for target in self.targets]
        document['met'] = self.met
        if self.failure:
            document['failure'] = self.failure
        return document


def _plain(value: Any) -> Any:
    """As JSON takes it: no more digits than mean something, and nothing that is not finite."""
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else None
    return value
