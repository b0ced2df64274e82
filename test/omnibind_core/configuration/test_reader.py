"""Mappings into dataclasses: every problem at once, with key, given and allowed."""

from __future__ import annotations

from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field

from hypothesis import given
from hypothesis import strategies as st
import pytest

from omnibind_core.configuration.option import option
from omnibind_core.configuration.reader import read
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem


@dataclass(frozen=True)
class Lens:
    """A nested configuration."""

    focal: float = option(text='Focal length.', unit='mm', minimum=1.0, maximum=500.0)
    name: str = option('', 'Name.')


@dataclass(frozen=True)
class Camera:
    """A configuration with one field of each kind."""

    lens: Lens
    mode: str = option('day', 'Mode.', choices=('day', 'night'))
    rate: float = option(10.0, 'Rate.', unit='Hz', minimum=0.0, maximum=100.0)
    count: int = option(1, 'Count.', minimum=1)
    enabled: bool = option(True, 'Enabled.')
    box: tuple[int, int] = option((0, 0), 'Box.', minimum=0)
    names: tuple[str, ...] = option((), 'Names.')
    limit: float | None = option(None, 'Limit.')
    gains: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.mode == 'night' and self.rate > 50:
            raise ConfigError('Camera', [Problem('rate', f'{self.rate:g}', '<= 50 at night')])


GOOD = {
    'lens': {'focal': 35, 'name': 'wide'},
    'mode': 'night',
    'rate': 5,
    'count': 3,
    'enabled': False,
    'box': [1, 2],
    'names': ['a', 'b'],
    'limit': 2.5,
    'gains': {'red': 1, 'blue': 2.0},
}


def problems_of(given_: object) -> dict[str, Problem]:
    """The problems of a mapping, by key."""
    with pytest.raises(ConfigError) as caught:
        read(Camera, given_, source='camera.yaml')
    return {problem.key: problem for problem in caught.value.problems}


def test_a_valid_mapping_becomes_the_dataclass() -> None:
    """Whole numbers are taken for floats; lists become tuples."""
    camera = read(Camera, GOOD, source='camera.yaml')
    assert camera == Camera(
        lens=Lens(35.0, 'wide'),
        mode='night',
        rate=5.0,
        count=3,
        enabled=False,
        box=(1, 2),
        names=('a', 'b'),
        limit=2.5,
        gains={'red': 1.0, 'blue': 2.0},
    )
    assert isinstance(camera.rate, float)


def test_defaults_fill_what_is_not_given() -> None:
    """Only what has no default is required."""
    assert read(Camera, {'lens': {'focal': 1.0}}, source='x') == Camera(lens=Lens(1.0))


def test_every_problem_is_reported_at_once_with_key_given_and_allowed() -> None:
    """Seven mistakes, seven problems."""
    found = problems_of(
        {
            'lens': {'focal': 0.5, 'colour': 'red'},
            'mode': 'dusk',
            'rate': 'fast',
            'count': True,
            'box': [1, 2, 3],
            'names': 'ab',
            'raet': 3,
        }
    )
    assert set(found) == {
        'lens.focal', 'lens.colour', 'mode', 'rate', 'count', 'box', 'names', 'raet',
    }  # fmt: skip
    assert found['lens.focal'].given == '0.5'
    assert found['lens.focal'].allowed == 'a number in [1, 500] mm'
    assert found['mode'].allowed == "'day', 'night'"
    assert found['rate'].given == "'fast'"
    assert found['count'].given == 'True'
    assert found['raet'].allowed.startswith('rate (nearest)')


def test_a_missing_key_says_what_may_stand_there() -> None:
    """Required keys are named with their path."""
    found = problems_of({'lens': {}})
    assert found['lens.focal'].given == ''
    assert 'lens.focal: missing; allowed: a number in [1, 500] mm' in str(found['lens.focal'])


def test_checks_across_fields_are_reported_with_the_path() -> None:
    """What `__post_init__` finds gets the key path of where it stands."""
    found = problems_of({**GOOD, 'rate': 60.0})
    assert found['rate'].allowed == '<= 50 at night'


@pytest.mark.parametrize('value', [float('nan'), float('inf'), -float('inf')])
def test_numbers_must_be_finite(value: float) -> None:
    """NaN would pass every comparison."""
    assert 'rate' in problems_of({**GOOD, 'rate': value})


def test_no_mapping_at_all() -> None:
    """A list or a text is one problem, not a crash."""
    assert '(file)' in problems_of(['lens'])
    assert '(file)' in problems_of(None)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8) | st.sampled_from(list(GOOD)), inner, max_size=6)
    ),
    max_leaves=12,
)


@given(given_=PLAIN)
@pytest.mark.malformed
def test_anything_gives_the_dataclass_or_a_config_error(given_: object) -> None:
    """No value of YAML's types leads to any other exception."""
    try:
        camera = read(Camera, given_, source='x')
    except ConfigError as error:
        assert error.problems
        assert all(problem.key and problem.allowed for problem in error.problems)
    else:
        assert read(Camera, asdict(camera), source='again') == camera
