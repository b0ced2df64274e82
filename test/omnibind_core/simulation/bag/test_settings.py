"""The configuration of a bag: the shipped files, and what is refused."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tiny_bag import tiny_bag

from omnibind_core.errors import ConfigError
from omnibind_core.simulation.bag.settings import BagSettings
from omnibind_core.simulation.bag.settings import NOTHING
from omnibind_core.simulation.bag.settings import read_bag_settings
from omnibind_core.simulation.bag.timetable import lie_at
from omnibind_core.simulation.bag.timetable import Period
from omnibind_core.simulation.bag.timetable import presence
from omnibind_core.simulation.bag.timetable import stop_periods
from omnibind_core.simulation.bag.topics import SENSORS

CONFIG = Path(__file__).parents[4] / 'config'


@pytest.fixture
def lite() -> BagSettings:
    """What is shipped."""
    return read_bag_settings(CONFIG / 'bag_lite.yaml')


def test_the_lite_bag(lite: BagSettings) -> None:
    """Is what it is said to be: sizes, rates, six sensors that come and go, one that lies."""
    assert lite.profile == 'lite'
    assert 60.0 <= lite.duration <= 90.0
    assert (lite.camera.width, lite.camera.height, lite.camera.rate) == (320, 240, 10.0)
    assert (lite.thermal.width, lite.thermal.height, lite.thermal.rate) == (80, 60, 9.0)
    assert (lite.lidar.points, lite.lidar.rate) == (1024, 5.0)
    assert lite.event_camera.most_rate <= 20_000.0
    assert lite.lies
    assert all(lie.severity == 5 for lie in lite.lies)
    assert len({item.sensor for item in lite.outages}) >= 2
    assert any(lite.timing(item.sensor).plugged_in > 1.0 for item in SENSORS)
    nothing = [stop for stop in lite.stops if stop.thing == NOTHING]
    assert sum(stop.seconds for stop in nothing) >= 10.0
    # what a fingertip looks like is learnt before it touches
    assert lite.stops[0].thing == NOTHING
    assert lite.touch.warm_up * lite.touch.rate >= 20


def test_the_full_bag() -> None:
    """Has more of everything."""
    full = read_bag_settings(CONFIG / 'bag_full.yaml')
    assert full.profile == 'full'
    assert (full.camera.width, full.camera.height, full.camera.rate) == (640, 480, 30.0)
    assert (full.thermal.width, full.thermal.height) == (160, 120)
    assert (full.lidar.points, full.lidar.rate) == (30_000, 10.0)
    assert full.event_camera.most_rate == 200_000.0


def test_timetable(lite: BagSettings) -> None:
    """Stops follow each other; presence is what outages leave of it."""
    periods = stop_periods(lite)
    assert periods[0].begin == 0.0
    assert periods[-1].end == lite.duration
    assert all(before.end == after.begin for before, after in pairwise(periods))
    assert presence(lite, 'microphone') == (Period(0.0, lite.duration),)
    assert presence(lite, 'thermal') == (Period(17.0, lite.duration),)
    assert presence(lite, 'lidar') == (Period(0.0, 27.0), Period(37.0, lite.duration))
    lie = lie_at(lite, 'camera', 41.0)
    assert lie is not None
    assert lie.corruption == 'garbled'
    assert lie_at(lite, 'camera', 52.0) is None
    assert lie_at(lite, 'thermal', 45.0) is None


def test_presence_around_the_beginning(tmp_path: Path) -> None:
    """An outage before, over and at the end of what is there."""
    outages = [
        {'sensor': 'thermal', 'begin': 0.2, 'end': 0.5},
        {'sensor': 'thermal', 'begin': 0.8, 'end': 1.2},
        {'sensor': 'thermal', 'begin': 2.0, 'end': 3.0},
    ]
    settings = read_bag_settings(tiny_bag(tmp_path, outages=outages))
    assert presence(settings, 'thermal') == (Period(1.2, 2.0),)


@pytest.mark.parametrize(
    ('changes', 'keys'),
    [
        ({'profile': 'medium'}, ['profile']),
        ({'household': 'other.yaml'}, ['household']),
        ({'stops': []}, ['stops']),
        ({'camera': {'rate': 0.0, 'wide': 3}}, ['camera.wide', 'camera.rate']),
        ({'thermal': {'plugged_in': 3.0}}, ['thermal.plugged_in']),
        (
            {'outages': [{'sensor': 'lidar', 'begin': 2.0, 'end': 1.0}]},
            ['outages[0]'],
        ),
        ({'outages': [{'sensor': 'radar', 'begin': 0.0, 'end': 1.0}]}, ['outages[0].sensor']),
        (
            {
                'outages': [
                    {'sensor': 'lidar', 'begin': 0.0, 'end': 1.5},
                    {'sensor': 'lidar', 'begin': 1.0, 'end': 2.0},
                ]
            },
            ['outages'],
        ),
        (
            {'lies': [{'sensor': 'lidar', 'begin': 0.0, 'end': 4.0, 'corruption': 'wear'}]},
            ['lies[0]', 'lies[0].corruption'],
        ),
        (
            {
                'stops': [
                    {'seconds': 2.0, 'thing': 'nothing', 'knocks': [0.5]},
                    {'seconds': 2.0, 'thing': 'any', 'knocks': [1.5], 'touches': [[1.0, 2.0]]},
                    {'seconds': 2.0, 'thing': 'any', 'touches': [[1.0, 0.5], [1.2, 0.5]]},
                ]
            },
            ['stops[0].thing', 'stops[1].knocks[0]', 'stops[1].touches[0]', 'stops[2].touches[1]'],
        ),
    ],
)
def test_what_is_refused(tmp_path: Path, changes: dict[str, Any], keys: list[str]) -> None:
    """All problems at once, each with its key."""
    with pytest.raises(ConfigError) as caught:
        read_bag_settings(tiny_bag(tmp_path, **changes))
    assert [problem.key for problem in caught.value.problems] == keys


def test_the_digest_is_of_what_counts(tmp_path: Path) -> None:
    """Not of where the household lies, but of everything else."""
    first = read_bag_settings(tiny_bag(tmp_path / 'a'))
    second = read_bag_settings(tiny_bag(tmp_path / 'b'))
    other = read_bag_settings(tiny_bag(tmp_path / 'c', seed=2))
    assert first.household != second.household
    assert first.digest() == second.digest() != other.digest()
    unseen = read_bag_settings(tiny_bag(tmp_path / 'd', fold='test'))
    chosen = read_bag_settings(tiny_bag(tmp_path / 'e', fold='val'))
    assert first.digest() == unseen.digest() != chosen.digest()
    assert chosen.content()['fold'] == 'val'
