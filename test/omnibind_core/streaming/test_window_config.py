"""The window's configuration: defaults of the design, limits, nanoseconds."""

from __future__ import annotations

import pytest

from omnibind_core.configuration.option import options_of
from omnibind_core.configuration.reader import read
from omnibind_core.errors import ConfigError
from omnibind_core.streaming.config import Limits
from omnibind_core.streaming.config import WindowConfig


def test_defaults() -> None:
    assert WindowConfig().limits() == Limits(
        window=80_000_000,
        max_wait=150_000_000,
        hold=None,
        sensor_timeout=2_000_000_000,
        max_ahead=1_000_000_000,
        sporadic=frozenset(),
        max_sensors=64,
    )
    assert WindowConfig().max_rate == 0.0


def test_every_option_says_what_it_does_and_changes_live() -> None:
    for name, described in options_of(WindowConfig).items():
        assert len(described.text) > 20, name
        assert described.live, name
        assert name == 'sporadic' or described.minimum is not None
        assert described.unit or name in ('sporadic', 'max_sensors')


@pytest.mark.parametrize(('hold', 'limit'), [(0.0, 0), (0.25, 250_000_000), (-1.0, None)])
def test_hold(hold: float, limit: int | None) -> None:
    assert WindowConfig(hold=hold).limits().hold == limit


def test_a_negative_hold_other_than_automatic_is_refused() -> None:
    with pytest.raises(ConfigError, match=r'got -0\.5'):
        WindowConfig(hold=-0.5)


@pytest.mark.parametrize(
    ('key', 'value'),
    [
        ('window', 0.0),
        ('window', 11),
        ('max_wait', -0.1),
        ('max_wait', float('nan')),
        ('hold', -2),
        ('sensor_timeout', 0.0),
        ('max_rate', -1),
        ('max_sensors', 0),
        ('max_sensors', 2.5),
        ('sporadic', 'touch'),
        ('max_ahead', '1 s'),
    ],
)
def test_out_of_range(key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=key):
        read(WindowConfig, {key: value}, source='test')
