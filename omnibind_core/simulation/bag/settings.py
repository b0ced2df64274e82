"""The configuration of a bag: what the robot does, and what happens to its sensors meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
import hashlib
from itertools import accumulate
from itertools import pairwise
import json
from pathlib import Path
from typing import Any

from omnibind_core.configuration.option import option
from omnibind_core.configuration.reader import read
from omnibind_core.configuration.yaml_file import read_yaml
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.evaluation.corruption.base import SEVERITIES
from omnibind_core.evaluation.corruption.registry import corruptions
from omnibind_core.simulation.bag.sensor_settings import CameraSettings
from omnibind_core.simulation.bag.sensor_settings import EventCameraSettings
from omnibind_core.simulation.bag.sensor_settings import FingertipSettings
from omnibind_core.simulation.bag.sensor_settings import LidarSettings
from omnibind_core.simulation.bag.sensor_settings import MicrophoneSettings
from omnibind_core.simulation.bag.sensor_settings import ThermalSettings
from omnibind_core.simulation.bag.sensor_settings import Timing
from omnibind_core.simulation.bag.sway import Sway
from omnibind_core.simulation.bag.topics import sensor_topic
from omnibind_core.simulation.bag.topics import SENSORS

VERSION = 1
"""Of the bags; raised whenever the same configuration gives other messages."""

NOTHING = 'nothing'
ANY = 'any'
PROFILES = ('lite', 'full')
UNSEEN = 'test'
"""The fold whose things nobody has learnt from or chosen anything by."""
QUIET_END = 1.0
"""Seconds at the end of a stop without a knock: a model hears the last second."""

_NAMES = tuple(item.sensor for item in SENSORS)


@dataclass(frozen=True, kw_only=True)
class Stop:
    """One place where the robot is for a while."""

    seconds: float = option(text='How long.', unit='s', minimum=0.5, maximum=600.0)
    thing: str = option(
        text='What is there: nothing; any (an instance of a class not shown yet, drawn by the '
        'seed); a class; or an instance.'
    )
    moving: bool = option(
        True, 'Whether the robot sways, or stands still: then the event camera sees nothing.'
    )
    knocks: tuple[float, ...] = option(
        (), 'When the robot taps the thing, after the begin of the stop.', unit='s', minimum=0.0
    )
    touches: tuple[tuple[float, float], ...] = option(
        (),
        'When its fingertip presses: begin, after that of the stop, and length.',
        unit='s',
        minimum=0.0,
    )

    def problems(self, key: str) -> Iterator[Problem]:
        """What concerns several fields."""
        if self.thing == NOTHING and (self.knocks or self.touches):
            yield Problem(f'{key}.thing', NOTHING, 'a thing, where there are knocks or touches')
        for number, knock in enumerate(self.knocks):
            if knock > self.seconds - QUIET_END:
                allowed = f'at most {self.seconds - QUIET_END:g} s: the last second is without'
                yield Problem(f'{key}.knocks[{number}]', f'{knock:g}', allowed)
        last = 0.0
        for number, (begin, length) in enumerate(self.touches):
            if begin < last or length <= 0.0 or begin + length > self.seconds:
                allowed = 'in order, longer than 0, and within the stop'
                yield Problem(f'{key}.touches[{number}]', f'{begin:g}, {length:g}', allowed)
            last = begin + length


@dataclass(frozen=True, kw_only=True)
class Outage:
    """A sensor gives nothing for a while: a cable that came off. Its driver starts anew after."""

    sensor: str = option(text='Which.', choices=_NAMES)
    begin: float = option(text='From when.', unit='s', minimum=0.0)
    end: float = option(text='Until when.', unit='s', minimum=0.0)


@dataclass(frozen=True, kw_only=True)
class Lie:
    """What a sensor says is wrong for a while."""

    sensor: str = option(text='Which.', choices=_NAMES)
    begin: float = option(text='From when.', unit='s', minimum=0.0)
    end: float = option(text='Until when.', unit='s', minimum=0.0)
    corruption: str = option(text="Name of one of its modality's corruptions.")
    severity: int = option(5, 'From 1, hardly noticed, to 5.', choices=SEVERITIES)


@dataclass(frozen=True, kw_only=True)
class BagSettings:
    """Everything that decides a bag's messages. Paths are relative to the configuration file."""

    profile: str = option(text='Which kind of bag.', choices=PROFILES)
    household: Path = option(text='Configuration of the household whose things are visited.')
    fold: str = option(
        UNSEEN,
        "Which fold of the household's first split the things are of. val: to choose settings "
        'with; figures are from test alone.',
        choices=('test', 'val'),
    )
    seed: int = option(0, 'Of everything drawn.', minimum=0)
    start: int = option(
        1_767_225_600, 'ROS time of its begin, since 1970.', unit='s', minimum=1, maximum=2**31 - 1
    )
    stops: tuple[Stop, ...] = option(text='Where the robot is, one after the other.')
    sway: Sway = field(default_factory=Sway)
    camera: CameraSettings = field(default_factory=CameraSettings)
    thermal: ThermalSettings = field(default_factory=ThermalSettings)
    event_camera: EventCameraSettings = field(default_factory=EventCameraSettings)
    lidar: LidarSettings = field(default_factory=LidarSettings)
    microphone: MicrophoneSettings = field(default_factory=MicrophoneSettings)
    touch: FingertipSettings = field(default_factory=FingertipSettings)
    outages: tuple[Outage, ...] = option((), 'When sensors give nothing.')
    lies: tuple[Lie, ...] = option((), 'When sensors are wrong.')

    def __post_init__(self) -> None:
        """Check what concerns several fields.

        :raises ConfigError: with all problems found.
        """
        if not self.stops:
            problem = Problem('stops', '[]', 'at least one stop')
            raise ConfigError(type(self).__name__, [problem])
        problems = [
            problem
            for number, stop in enumerate(self.stops)
            for problem in stop.problems(f'stops[{number}]')
        ]
        problems += [
            Problem(f'{name}.plugged_in', f'{self.timing(name).plugged_in:g}', self._within())
            for name in _NAMES
            if self.timing(name).plugged_in >= self.duration
        ]
        problems += self._periods('outages', self.outages)
        problems += self._periods('lies', self.lies)
        for number, lie in enumerate(self.lies):
            known = corruptions(sensor_topic(lie.sensor).modality)
            if lie.corruption not in known:
                key = f'lies[{number}].corruption'
                problems.append(Problem(key, repr(lie.corruption), ', '.join(known)))
        if problems:
            raise ConfigError(type(self).__name__, problems)

    @property
    def duration(self) -> float:
        """Length of the bag, s."""
        return self.ends[-1]

    @property
    def ends(self) -> tuple[float, ...]:
        """When each stop ends, s after the begin."""
        return tuple(round(end, 9) for end in accumulate(stop.seconds for stop in self.stops))

    def timing(self, sensor: str) -> Timing:
        """When a sensor speaks."""
        found = getattr(self, sensor)
        assert isinstance(found, Timing)
        return found

    def content(self) -> dict[str, Any]:
        """Plain data that decides the messages, but for the household's own configuration."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self), default=str))
        del plain['household']
        if self.fold == UNSEEN:
            del plain['fold']  # bags from before there was a choice keep their digest
        return {'version': VERSION, **plain}

    def digest(self) -> str:
        """SHA-256 of :meth:`content`."""
        return hashlib.sha256(json.dumps(self.content(), sort_keys=True).encode()).hexdigest()

    def _periods(self, key: str, given: Sequence[Outage | Lie]) -> Iterator[Problem]:
        for number, item in enumerate(given):
            if not item.begin < item.end <= self.duration:
                period = f'{item.begin:g} to {item.end:g} s'
                yield Problem(f'{key}[{number}]', period, self._within())
        for name in _NAMES:
            own = sorted((item.begin, item.end) for item in given if item.sensor == name)
            for (_, end), (begin, _) in pairwise(own):
                if begin < end:
                    text = f'two of {name} at {begin:g} s'
                    yield Problem(key, text, 'one at a time for each sensor')

    def _within(self) -> str:
        return f'a begin before its end, both within the {self.duration:g} s of the bag'


def read_bag_settings(path: Path) -> BagSettings:
    """Read and check a configuration file.

    :raises ConfigError: with every problem in it.
    """
    content = read_yaml(path)
    given = dict(content) if isinstance(content, Mapping) else content
    if isinstance(given, dict) and isinstance(given.get('household'), str):
        given['household'] = str(path.parent / given['household'])
    settings = read(BagSettings, given, source=str(path))
    if not settings.household.is_file():
        problem = Problem('household', str(settings.household), 'a file that exists')
        raise ConfigError(str(path), [problem])
    return settings
