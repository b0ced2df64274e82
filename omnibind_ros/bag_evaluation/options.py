"""What is to be done with bags, and what comes of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

from omnibind_core.configuration.robot import Robot
from omnibind_core.evaluation.bag.answers import Answer
from omnibind_core.evaluation.bag.truth import Truth
from omnibind_core.streaming.arrival_trace import Arrival


@dataclass(frozen=True)
class Options:
    """What is to be done with each bag.

    :param bundle: folder of the bundle.
    :param robot: its sensors and settings; ``None``: proposed from the types of the topics.
    :param truth: a CSV file or a topic; empty: a topic named ``truth``, if there is one.
    :param recognition: topic of recognitions in the bag; empty: all of that type.
    :param delay: how long encoding takes in the model of latency, seconds.
    :param delays: the same by sensor, where it is another.
    :param subsets: whether every subset of the sensors is measured.
    :param pictures: whether pictures of what the sensors saw are kept.
    :param arrivals: whether the vectors are kept.
    """

    bundle: Path
    robot: Robot | None = None
    truth: str = ''
    recognition: str = ''
    delay: float = 0.01
    delays: Mapping[str, float] = field(default_factory=dict)
    subsets: bool = True
    pictures: bool = False
    arrivals: bool = False


@dataclass
class BagResult:
    """What was found.

    :param document: everything for the JSON file.
    :param answers: what was said with the sensors as they came; empty where that failed.
    :param truth: ``None``: unknown.
    :param pictures: of what each sensor saw, by number of the moment.
    :param moments: ns of ROS time.
    :param begin: bag time of its first message, ns; ``end`` likewise.
    :param arrivals: the vectors, in the order of time, if they were to be kept.
    """

    document: dict[str, Any]
    answers: tuple[Answer, ...] = ()
    truth: Truth | None = None
    pictures: dict[str, Mapping[int, Any]] = field(default_factory=dict)
    moments: tuple[int, ...] = ()
    begin: int = 0
    end: int = 0
    arrivals: tuple[Arrival, ...] = ()
