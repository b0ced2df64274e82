"""What the fusion node's parameters allow together."""

from __future__ import annotations

from dataclasses import fields

import pytest

from omnibind_core.configuration.option import option_of
from omnibind_core.configuration.parameters import FusionParameters
from omnibind_core.errors import ConfigError


@pytest.mark.parametrize('sensors', [(), ('camera',), ('camera', 'camera')])
@pytest.mark.parametrize('sync', ['approximate', 'exact'])
def test_a_synchronizer_needs_a_list_of_two(sync: str, sensors: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match='sync_sensors'):
        FusionParameters(bundle='b', sync=sync, sync_sensors=sensors)


def test_the_adaptive_window_needs_no_list() -> None:
    assert FusionParameters(bundle='b').sync == 'adaptive'
    FusionParameters(bundle='b', sync='exact', sync_sensors=('camera', 'lidar'))


def test_the_windows_own_rules_hold_too() -> None:
    with pytest.raises(ConfigError, match='hold'):
        FusionParameters(bundle='b', hold=-0.5)


def test_every_parameter_is_described_and_the_restart_ones_are_few() -> None:
    needing = {item.name for item in fields(FusionParameters) if not option_of(item).live}
    assert all(option_of(item).text for item in fields(FusionParameters))
    assert needing == {
        'bundle',
        'sync',
        'sync_sensors',
        'sync_queue',
        'sync_slop',
        'arrival_trace',
        'overlay_topic',
        'overlay_transport',
        'autostart',
    }
