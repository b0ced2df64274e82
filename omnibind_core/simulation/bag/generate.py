"""Making a bag: everything that the robot's sensors say is written down, and the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import hashlib
import json
from pathlib import Path

from omnibind_core.data.message_definitions import message_store
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.simulation.bag.recording import refuse_taken
from omnibind_core.simulation.bag.recording import write_bag
from omnibind_core.simulation.bag.robot import Robot
from omnibind_core.simulation.bag.settings import BagSettings
from omnibind_core.simulation.bag.sidecar import CSV_NAME
from omnibind_core.simulation.bag.sidecar import JSON_NAME
from omnibind_core.simulation.bag.sidecar import sidecar_json
from omnibind_core.simulation.bag.sidecar import true_periods
from omnibind_core.simulation.bag.sidecar import truth_csv
from omnibind_core.simulation.bag.visit import visited
from omnibind_core.simulation.bag.writers.messages import Messages
from omnibind_core.simulation.household import read_household
from omnibind_core.simulation.omnihome import OmniHome
from omnibind_core.simulation.omnihome import read_omnihome


@dataclass(frozen=True)
class MadeBag:
    """What was made.

    :param messages: in all.
    :param size: of all files, bytes.
    :param sha256: of the MCAP file.
    :param instances: shown, in order.
    """

    messages: int
    size: int
    sha256: str
    instances: tuple[str, ...]


def make_bag(
    settings: BagSettings, out: Path, report: Callable[[], None] = lambda: None
) -> MadeBag:
    """Simulate what the configuration says and write it to a folder.

    :param out: must not exist.
    :param report: told of every stop that is finished.
    :raises UnavailableError: ``rosbags``, ``embreex`` or ``taxim`` is not installed.
    :raises BagError: the folder exists, or the configuration asks for a thing that may not be
        shown or is not there.
    :raises OmniBindError: the household cannot be read.
    """
    refuse_taken(out)
    store = message_store()
    home = read_omnihome(settings.household)
    _check_rates(settings, home)
    visits = visited(settings.stops, read_household(home).planned, settings.seed, settings.fold)
    robot = Robot(settings, home, Messages(store))
    recorded = list(robot.run(visits, report))
    household = json.dumps(home.content(), sort_keys=True).encode()
    periods = true_periods(settings, visits)
    write_bag(
        out,
        recorded,
        store,
        remarks={'simulated': 'true', 'profile': settings.profile, 'truth': CSV_NAME},
        beside={
            CSV_NAME: truth_csv(periods),
            JSON_NAME: sidecar_json(
                settings,
                visits,
                household=hashlib.sha256(household).hexdigest(),
                about=robot.about,
                topics=(item.topic for item in recorded),
            ),
        },
    )
    return MadeBag(
        messages=len(recorded),
        size=sum(file.stat().st_size for file in out.iterdir()),
        sha256=hashlib.sha256((out / f'{out.name}.mcap').read_bytes()).hexdigest(),
        instances=tuple(item.instance for item in visits if item is not None),
    )


def _check_rates(settings: BagSettings, home: OmniHome) -> None:
    """Messages of sound hold whole samples."""
    rate = home.sensors['audio'].sample_rate
    if rate % settings.microphone.rate:
        allowed = f'a divisor of the sample rate, {rate} Hz'
        problem = Problem('microphone.rate', f'{settings.microphone.rate:g}', allowed)
        raise ConfigError('BagSettings', [problem])
