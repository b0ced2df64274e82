"""The simulated sensors by modality: one module each, with its class of settings."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

# What OmniHome simulates; a modality that is added later need not be among them.
SIMULATED = ('image', 'text', 'thermal', 'event', 'point_cloud', 'audio', 'touch')


def sensor_module(modality: str) -> ModuleType:
    """The module that simulates a modality: ``simulate`` and, but for text, ``nothing``."""
    return import_module(f'omnibind_core.simulation.sensors.{modality}')


def settings_classes() -> Mapping[str, type[Any]]:
    """The class of settings of each simulated sensor: ``PointCloudSimulation`` for point clouds."""
    return {name: getattr(sensor_module(name), settings_name(name)) for name in SIMULATED}


def settings_name(modality: str) -> str:
    """Name of a sensor's class of settings."""
    return ''.join(part.capitalize() for part in modality.split('_')) + 'Simulation'
