"""What `ros2 param describe` and `ros2 interface show` print reads like documentation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
import re
from typing import Any
from typing import get_args
from typing import get_type_hints

import pytest

from omnibind_core.configuration.option import Option
from omnibind_core.configuration.option import options_of
from omnibind_core.configuration.parameters import EncoderParameters
from omnibind_core.configuration.parameters import FusionParameters
from omnibind_core.modalities.registry import modality
from omnibind_core.modalities.registry import SENSOR_NAMES

ROOT = Path(__file__).resolve().parents[2]
INTERFACES = sorted([*(ROOT / 'msg').glob('*.msg'), *(ROOT / 'srv').glob('*.srv')])
# Numbers without a unit: shares and probabilities, between 0 and 1.
SHARE = re.compile(r'\b(share|probable)\b', re.IGNORECASE)


def described() -> Iterator[tuple[str, Option, Any]]:
    """Every parameter of every node: name, option, type."""
    classes = {'encoder': EncoderParameters, 'fusion': FusionParameters}
    classes |= {f'settings of {name}': modality(name).sensor for name in SENSOR_NAMES}
    for owner, cls in classes.items():
        hints = get_type_hints(cls)
        for name, option in options_of(cls).items():
            yield f'{owner}: {name}', option, hints[name]


PARAMETERS = list(described())
NAMES = [name for name, _, _ in PARAMETERS]


def test_there_are_parameters() -> None:
    """Or the tests below would pass for want of cases."""
    assert len(PARAMETERS) > 60
    assert len(INTERFACES) == 5


@pytest.mark.parametrize(('option', 'hint'), [rest for _, *rest in PARAMETERS], ids=NAMES)
def test_a_parameter_is_explained(option: Option, hint: Any) -> None:
    """Whole sentences; a unit and a range for every quantity."""
    assert len(option.text) >= 20
    assert option.text[0].isupper()
    assert option.text.endswith('.')
    assert '  ' not in option.text
    kind = next(iter(get_args(hint)), hint)
    if kind in (int, float):
        assert option.unit or SHARE.search(option.text)
        assert option.choices or None not in (option.minimum, option.maximum)
    if not option.unit and kind is float:
        assert (option.minimum, option.maximum) in ((0.0, 1.0), (0.0, 0.5))


def commented(path: Path) -> Iterator[tuple[str, bool]]:
    """Each field of an interface, and whether a comment stands above it or on its line.

    A comment holds for the fields that follow it without an empty line.
    """
    above = False
    for line in path.read_text().splitlines():
        text, _, comment = line.partition('#')
        if not text.strip():
            above = bool(comment.strip())
        elif text.strip() != '---':
            yield text.split()[1], above or bool(comment.strip())
        else:
            above = False


@pytest.mark.parametrize('path', INTERFACES, ids=lambda path: path.name)
def test_every_field_of_an_interface_has_a_comment(path: Path) -> None:
    """And the interface itself says what it is for."""
    assert path.read_text().startswith('# ')
    found = dict(commented(path))
    assert found
    assert [name for name, there in found.items() if not there] == []
