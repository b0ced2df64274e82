"""All corruptions by modality and name."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.evaluation.corruption.base import Corruption
from omnibind_core.evaluation.corruption.base import StreamCorruption
from omnibind_core.evaluation.corruption.stream import STREAM_CORRUPTIONS

_MODULES = {
    'image': 'picture:IMAGE_CORRUPTIONS',
    'thermal': 'thermal:THERMAL_CORRUPTIONS',
    'event': 'event:EVENT_CORRUPTIONS',
    'point_cloud': 'point_cloud:POINT_CLOUD_CORRUPTIONS',
    'audio': 'audio:AUDIO_CORRUPTIONS',
    'touch': 'touch:TOUCH_CORRUPTIONS',
}


@cache
def corruptions(modality: str) -> dict[str, Corruption]:
    """The content corruptions of a sensor modality, by name.

    :raises ConfigError: for a modality that has none.
    """
    if modality not in _MODULES:
        raise ConfigError('corruption', [Problem('modality', repr(modality), ', '.join(_MODULES))])
    module, name = _MODULES[modality].split(':')
    found: tuple[Corruption, ...] = getattr(
        import_module(f'omnibind_core.evaluation.corruption.{module}'), name
    )
    return {corruption.name: corruption for corruption in found}


def corruption(modality: str, name: str) -> Corruption:
    """One corruption.

    :raises ConfigError: for an unknown name, with the known ones.
    """
    known = corruptions(modality)
    if name not in known:
        raise ConfigError('corruption', [Problem(f'{modality}.name', repr(name), ', '.join(known))])
    return known[name]


def stream_corruption(name: str) -> StreamCorruption:
    """One stream corruption.

    :raises ConfigError: for an unknown name, with the known ones.
    """
    known = {item.name: item for item in STREAM_CORRUPTIONS}
    if name not in known:
        raise ConfigError('corruption', [Problem('name', repr(name), ', '.join(known))])
    return known[name]
