"""All corruptions by modality and name."""

from __future__ import annotations

from functools import cache

from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.evaluation.corruption.base import Corruption
from omnibind_core.evaluation.corruption.base import StreamCorruption
from omnibind_core.evaluation.corruption.stream import STREAM_CORRUPTIONS
from omnibind_core.modalities.registry import optional_file
from omnibind_core.modalities.registry import SENSOR_NAMES

# Those of a colour picture stand beside what other pictures share with them.
_ELSEWHERE = {'image': 'picture'}


@cache
def corruptions(modality: str) -> dict[str, Corruption]:
    """The content corruptions of a sensor modality, by name.

    They stand in a file of this package with the modality's name, as ``THERMAL_CORRUPTIONS``; a
    modality without such a file has none.

    :raises ConfigError: for anything but a sensor's modality.
    """
    if modality not in SENSOR_NAMES:
        allowed = ', '.join(SENSOR_NAMES)
        raise ConfigError('corruption', [Problem('modality', repr(modality), allowed)])
    module = optional_file(__package__, _ELSEWHERE.get(modality, modality))
    if module is None:
        return {}
    found: tuple[Corruption, ...] = getattr(module, f'{modality.upper()}_CORRUPTIONS')
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
