"""What a configuration field means and allows, written once beside its default.

The same description validates a YAML file without ROS, becomes the ROS parameter's descriptor, and
is printed by ``omnibind check-config --explain``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import Field
from dataclasses import field
from dataclasses import fields
from dataclasses import MISSING
from typing import Any

_KEY = 'omnibind_option'


@dataclass(frozen=True)
class Option:
    """Description of one configuration field.

    :param text: what it does, one or two sentences.
    :param unit: unit of the value (``s``, ``Hz``, ``px``), empty where it has none.
    :param minimum: smallest allowed number (for sequences: of each element).
    :param maximum: largest allowed number (for sequences: of each element).
    :param choices: the only allowed values.
    :param live: may be changed while a node runs; otherwise it takes a restart.
    """

    text: str
    unit: str = ''
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Any, ...] = ()
    live: bool = False

    def allowed(self, kind: str) -> str:
        """What may stand here, for people; ``kind`` names the type."""
        unit = f' {self.unit}' if self.unit else ''
        if self.choices:
            return ', '.join(repr(choice) for choice in self.choices) + unit
        if self.minimum is not None and self.maximum is not None:
            return f'{kind} in [{self.minimum:g}, {self.maximum:g}]{unit}'
        if self.minimum is not None:
            return f'{kind} >= {self.minimum:g}{unit}'
        if self.maximum is not None:
            return f'{kind} <= {self.maximum:g}{unit}'
        return f'{kind}{unit}'


def option(
    default: Any = MISSING,
    text: str = '',
    *,
    unit: str = '',
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[Any, ...] = (),
    live: bool = False,
) -> Any:
    """A dataclass field with its :class:`Option`; without a default the key is required."""
    described = Option(text, unit, minimum, maximum, choices, live)
    return field(default=default, metadata={_KEY: described})


def option_of(item: Field[Any]) -> Option:
    """The description of a dataclass field; an empty one where none was given."""
    found = item.metadata.get(_KEY)
    return found if isinstance(found, Option) else Option('')


def options_of(cls: type[Any]) -> Mapping[str, Option]:
    """All fields of a configuration class with their descriptions, in order."""
    return {item.name: option_of(item) for item in fields(cls)}
