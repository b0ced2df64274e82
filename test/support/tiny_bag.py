"""A bag of three seconds, made of a household of boxes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tiny_household import tiny_household
import yaml


def tiny_bag(folder: Path, **changes: Any) -> Path:
    """The configuration file of a small bag.

    :param folder: gets a household and the file.
    :param changes: other values of its keys.
    """
    household = tiny_household(folder)
    latency = {'latency_ms': 20.0, 'latency_jitter_ms': 2.0}
    settings: dict[str, Any] = {
        'profile': 'lite',
        'household': household.name,
        'seed': 1,
        'start': 1_700_000_000,
        'stops': [
            {'seconds': 0.6, 'thing': 'nothing', 'moving': False},
            {'seconds': 1.6, 'thing': 'board', 'knocks': [0.4], 'touches': [[0.3, 1.0]]},
            {'seconds': 0.8, 'thing': 'nothing'},
        ],
        'camera': {'rate': 10.0, 'width': 64, 'height': 48, 'clock_offset_ms': 7.0, **latency},
        'thermal': {'rate': 9.0, 'width': 32, 'height': 24, 'plugged_in': 1.0, **latency},
        'event_camera': {
            'rate': 50.0,
            'width': 48,
            'height': 32,
            'most_rate': 6000.0,
            'clock_offset_ms': -3.0,
            **latency,
        },
        'lidar': {'rate': 5.0, 'points': 128, **latency},
        'microphone': {'rate': 20.0, **latency},
        'touch': {'rate': 10.0, 'width': 64, 'height': 48, 'warm_up': 0.3, 'lead': 0.2, **latency},
        'outages': [{'sensor': 'event_camera', 'begin': 1.0, 'end': 1.4}],
        'lies': [
            {
                'sensor': 'camera',
                'begin': 1.4,
                'end': 2.0,
                'corruption': 'exposure',
                'severity': 5,
            }
        ],
    }
    settings.update(changes)
    path = folder / 'bag.yaml'
    path.write_text(yaml.safe_dump(settings))
    return path
