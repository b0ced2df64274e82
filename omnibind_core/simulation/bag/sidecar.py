"""What lies beside a bag's messages: the truth and the schedule as JSON and CSV, and who made what.

An evaluation needs only the topic ``truth``; these files say more: which instance, and what was
done to which sensor.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import csv
from dataclasses import asdict
from dataclasses import dataclass
import io
import json
from typing import Any

from omnibind_core.simulation.bag.settings import BagSettings
from omnibind_core.simulation.bag.settings import Stop
from omnibind_core.simulation.bag.ticks import SECOND
from omnibind_core.simulation.bag.timetable import Period
from omnibind_core.simulation.bag.timetable import presence
from omnibind_core.simulation.bag.timetable import stop_periods
from omnibind_core.simulation.bag.topics import SENSORS
from omnibind_core.simulation.plan import PlannedInstance

JSON_NAME = 'bag.json'
CSV_NAME = 'truth.csv'


@dataclass(frozen=True)
class TruePeriod:
    """What is there for a while.

    :param begin: ns of ROS time.
    :param end: likewise.
    :param class_id: ``''``: nothing.
    :param instance: ``''``: nothing.
    """

    begin: int
    end: int
    class_id: str
    instance: str


def true_periods(
    settings: BagSettings, visits: Sequence[PlannedInstance | None]
) -> tuple[TruePeriod, ...]:
    """What is there, one period for each stop."""
    start = settings.start * SECOND
    return tuple(
        TruePeriod(
            begin=start + round(period.begin * SECOND),
            end=start + round(period.end * SECOND),
            class_id='' if item is None else item.label,
            instance='' if item is None else item.instance,
        )
        for period, item in zip(stop_periods(settings), visits, strict=True)
    )


def truth_csv(periods: Iterable[TruePeriod]) -> str:
    """One line for each period; times in ns of ROS time, nothing where nothing is."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator='\n')
    writer.writerow(['begin_ns', 'end_ns', 'class_id', 'instance'])
    writer.writerows([item.begin, item.end, item.class_id, item.instance] for item in periods)
    return text.getvalue()


def sidecar_json(
    settings: BagSettings,
    visits: Sequence[PlannedInstance | None],
    *,
    household: str,
    about: Mapping[str, Mapping[str, Any]],
    topics: Iterable[str],
) -> str:
    """Everything that is known about a bag.

    :param household: SHA-256 of what decides the household's content.
    :param about: of each instance shown: name, library, creator, licence.
    :param topics: of all messages.
    """
    counts = Counter(topics)
    content = {
        'what': 'a simulated robot among household things',
        'simulated': True,
        'profile': settings.profile,
        'seed': settings.seed,
        'settings_sha256': settings.digest(),
        'household_sha256': household,
        'start_ns': settings.start * SECOND,
        'duration_s': settings.duration,
        'truth': [asdict(item) for item in true_periods(settings, visits)],
        'stops': [
            _stop(stop, period)
            for stop, period in zip(settings.stops, stop_periods(settings), strict=True)
        ],
        'sensors': {item.sensor: _sensor(settings, item.sensor, counts) for item in SENSORS},
        'messages': dict(sorted(counts.items())),
        'attribution': [{'instance': name, **facts} for name, facts in about.items()],
        'settings': settings.content(),
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + '\n'


def _stop(stop: Stop, period: Period) -> dict[str, Any]:
    """Times in s after the begin of the bag."""
    return {
        'begin': period.begin,
        'end': period.end,
        'moving': stop.moving,
        'knocks': [round(period.begin + knock, 6) for knock in stop.knocks],
        'touches': [
            [round(period.begin + begin, 6), round(period.begin + begin + length, 6)]
            for begin, length in stop.touches
        ],
    }


def _sensor(settings: BagSettings, sensor: str, counts: Mapping[str, int]) -> dict[str, Any]:
    """States in s after the begin of the bag."""
    topic = next(item for item in SENSORS if item.sensor == sensor)
    timing = settings.timing(sensor)
    return {
        'modality': topic.modality,
        'topic': topic.topic,
        'message': topic.message,
        'frame_id': topic.frame_id,
        'rate': timing.rate,
        'clock_offset_ms': timing.clock_offset_ms,
        'latency_ms': timing.latency_ms,
        'messages': counts.get(topic.topic, 0),
        'plugged_in': [[item.begin, item.end] for item in presence(settings, sensor)],
        'lies': [
            {
                'begin': lie.begin,
                'end': lie.end,
                'corruption': lie.corruption,
                'severity': lie.severity,
            }
            for lie in settings.lies
            if lie.sensor == sensor
        ],
    }
