"""All modalities by name."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType
from types import ModuleType
from typing import TYPE_CHECKING

from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnibind_core.modalities.base import Modality

# A modality is one file in this package that defines MODALITY; its name stands here
# (docs/new_modality.md).
NAMES = ('image', 'text', 'thermal', 'event', 'point_cloud', 'audio', 'touch')
# What a robot's sensors can be: everything but the words.
SENSOR_NAMES = tuple(name for name in NAMES if name != 'text')


@cache
def modality(name: str) -> Modality:
    """The modality of this name; its module is imported only now.

    :raises ConfigError: for an unknown name, with the known ones.
    """
    if name not in NAMES:
        raise ConfigError('modality', [Problem('modality', repr(name), ', '.join(NAMES))])
    module = import_module(f'omnibind_core.modalities.{name}')
    found: Modality = module.MODALITY
    return found


def optional_file(package: str, name: str) -> ModuleType | None:
    """A modality's file in a package in which not every modality needs one.

    :param package: its full name.
    :param name: of the modality, and so of the file.
    :return: the module; None when there is no such file.
    """
    path = f'{package}.{name}'
    return import_module(path) if find_spec(path) is not None else None


def modalities() -> Mapping[str, Modality]:
    """All modalities, in order."""
    return MappingProxyType({name: modality(name) for name in NAMES})
