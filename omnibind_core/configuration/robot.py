"""A robot's configuration: one ROS parameter file that lists the sensors.

A block is a node: ``/**/NAME`` with ``ros__parameters``. The block of the fusion node is named
``fusion``; every other one is a sensor and names its ``modality``. What stands under ``/**`` holds
for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import fields
from pathlib import Path
import re
from typing import Any

from omnibind_core.configuration.parameters import EncoderParameters
from omnibind_core.configuration.parameters import FusionParameters
from omnibind_core.configuration.reader import collect
from omnibind_core.configuration.yaml_file import read_yaml
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.modalities.registry import modality
from omnibind_core.modalities.registry import SENSOR_NAMES

FUSION = 'fusion'
# Parameters that every ROS node has, and that are ROS's own business to check.
_ROS_OWN = re.compile(r'use_sim_time|start_type_description_service|qos_overrides(\..*)?')
_NODE_NAME = re.compile(r'[A-Za-z_][A-Za-z0-9_]*')
_BLOCKS = 'blocks such as /**/camera'


@dataclass(frozen=True)
class Encoder:
    """One sensor of the robot.

    :param name: node name and sensor name.
    :param parameters: what every encoder has.
    :param settings: the modality's own sensor settings (``modality(...).sensor``).
    """

    name: str
    parameters: EncoderParameters
    settings: Any


@dataclass(frozen=True)
class Robot:
    """Everything one parameter file says."""

    encoders: tuple[Encoder, ...]
    fusion: FusionParameters | None


def read_robot(path: Path, *, bundle: str | None = None, namespace: str | None = None) -> Robot:
    """Read and check a robot's parameter file.

    :param bundle: the bundle that all nodes are given instead of the file's.
    :param namespace: of the nodes, as they will be started: every block must mean one of them.
    :raises ConfigError: with every problem in the file.
    """
    content = read_yaml(path)
    problems: list[Problem] = []
    robot = _collect_robot(content, problems, bundle)
    if namespace is not None and isinstance(content, Mapping):
        problems += _out_of_reach(content, namespace)
    if robot is not None:
        problems += _same_readings(robot.encoders)
    if problems or robot is None:
        raise ConfigError(str(path), problems)
    return robot


def node_names(paths: Iterable[Path]) -> tuple[str, ...]:
    """The nodes that parameter files list, in order; what stands in the blocks is not checked.

    :raises ConfigError: a file is no parameter file, or they list no node.
    """
    names: dict[str, None] = {}
    files = list(paths)
    for path in files:
        content = read_yaml(path)
        if not isinstance(content, Mapping):
            raise ConfigError(str(path), [Problem('(file)', repr(content)[:60], _BLOCKS)])
        names.update((str(key).rsplit('/', 1)[-1], None) for key in content if key != '/**')
    wrong = [name for name in names if not _NODE_NAME.fullmatch(name)]
    shown = ', '.join(str(path) for path in files)
    if wrong or not names:
        given = ', '.join(wrong) or 'no block that names a node'
        raise ConfigError(shown, [Problem('(file)', given, _BLOCKS)])
    return tuple(names)


def topics_of(robot: Robot, chosen: Sequence[str]) -> tuple[str, ...]:
    """Sensors' names into the topics they listen to; what begins with ``/`` is a topic already.

    :raises ConfigError: for a name that no sensor has.
    """
    topics = {encoder.name: encoder.parameters.topic for encoder in robot.encoders}
    problems = [
        Problem(name, 'no sensor of this name', f'a topic, or one of {", ".join(topics)}')
        for name in chosen
        if name not in topics and not name.startswith('/')
    ]
    if problems:
        raise ConfigError('sensors', problems)
    return tuple(topics.get(name, name) for name in chosen)


def read_encoder(
    name: str, given: Mapping[str, Any], key: str, problems: list[Problem]
) -> Encoder | None:
    """One sensor's parameters; the problems are appended to the list.

    :param given: parameters without ``ros__parameters``, nested or dotted.
    """
    plain = dict(given)
    settings = plain.pop('settings', {})
    parameters = collect(EncoderParameters, plain, key, problems)
    kind = plain.get('modality')
    if kind not in SENSOR_NAMES:  # already among the problems
        return None
    sensor = collect(modality(kind).sensor, settings or {}, f'{key}.settings', problems)
    if parameters is None or sensor is None:
        return None
    return Encoder(name, parameters, sensor)


def _out_of_reach(content: Mapping[Any, Any], namespace: str) -> list[Problem]:
    """Blocks whose parameters no node in this namespace would be given; ROS says nothing of it."""
    found = []
    space = '/' + namespace.strip('/')
    for key in content:
        name = f'{space.rstrip("/")}/{str(key).rsplit("/", 1)[-1]}'
        pattern = re.escape(str(key) if str(key).startswith('/') else f'/{key}')
        # `**` stands for any number of names, `*` for one.
        pattern = pattern.replace(r'/\*\*', '(/[^/]+)*').replace(r'\*', '[^/]+')
        if key != '/**' and not re.fullmatch(pattern, name):
            text = f'/**/{name.rsplit("/", 1)[-1]}, or {name}'
            found.append(Problem(str(key), f'a block that does not mean {name}', text))
    return found


def _same_readings(encoders: Sequence[Encoder]) -> list[Problem]:
    """Two sensors on one topic that look at the same part of it: most likely a slip."""
    seen: dict[Any, str] = {}
    problems = []
    for encoder in encoders:
        reading = (encoder.parameters.topic, encoder.parameters.modality, repr(encoder.settings))
        if reading in seen:
            given = f'{encoder.parameters.topic!r}, which {seen[reading]} reads already'
            allowed = 'another topic, or other settings (two parts of one picture)'
            problems.append(Problem(f'{encoder.name}.topic', given, allowed))
        seen.setdefault(reading, encoder.name)
    return problems


def _collect_robot(
    content: Any, problems: list[Problem], bundle: str | None = None
) -> Robot | None:
    if not isinstance(content, Mapping) or not content:
        problems.append(Problem('(file)', repr(content)[:60], _BLOCKS))
        return None
    blocks: dict[str, dict[str, Any]] = {}
    common: Mapping[str, Any] = {}
    for key, block in content.items():
        parameters = block.get('ros__parameters') if isinstance(block, Mapping) else None
        if not isinstance(parameters, Mapping) or set(block) != {'ros__parameters'}:
            problems.append(Problem(str(key), repr(block)[:60], 'one key: ros__parameters'))
            continue
        if key == '/**':
            common = nested(parameters, str(key), problems)
            continue
        name = str(key).rsplit('/', 1)[-1]
        if not _NODE_NAME.fullmatch(name):
            problems.append(
                Problem(str(key), repr(name), 'a node name of letters, digits and underscores')
            )
        elif name in blocks:
            problems.append(Problem(str(key), f'a second block named {name}', 'each name once'))
        else:
            blocks[name] = nested(parameters, name, problems)
    if bundle is not None:
        common = {**common, 'bundle': bundle}
        blocks = {name: {**given, 'bundle': bundle} for name, given in blocks.items()}
    return _collect_nodes(blocks, common, problems)


def _collect_nodes(
    blocks: Mapping[str, Mapping[str, Any]], common: Mapping[str, Any], problems: list[Problem]
) -> Robot:
    encoders: list[Encoder] = []
    fusion: FusionParameters | None = None
    known = {
        name: {item.name for item in fields(cls)}
        for name, cls in (('encoder', EncoderParameters), (FUSION, FusionParameters))
    }
    known['encoder'].add('settings')
    problems.extend(
        Problem(f'/**.{name}', 'an unknown key', 'parameters that every node shares')
        for name in common
        if not any(name in names for names in known.values())
    )
    for name, given in blocks.items():
        kind = FUSION if name == FUSION else 'encoder'
        # A shared parameter reaches only the nodes that declare it, as in ROS itself.
        shared = {key: value for key, value in common.items() if key in known[kind]}
        merged = {**shared, **given}
        if kind == FUSION:
            fusion = collect(FusionParameters, merged, name, problems)
        else:
            encoder = read_encoder(name, merged, name, problems)
            if encoder is not None:
                encoders.append(encoder)
    return Robot(tuple(encoders), fusion)


def nested(given: Mapping[str, Any], key: str, problems: list[Problem]) -> dict[str, Any]:
    """Dotted parameter names into nested mappings, without ROS's own parameters."""
    result: dict[str, Any] = {}
    for name, value in given.items():
        if _ROS_OWN.fullmatch(str(name)):
            continue
        parts = str(name).split('.')
        target = result
        for part in parts[:-1]:
            inner = target.setdefault(part, {})
            if not isinstance(inner, dict):
                problems.append(Problem(f'{key}.{name}', 'both a value and a group', 'one of them'))
                break
            target = inner
        else:
            if isinstance(value, Mapping):
                inner = target.setdefault(parts[-1], {})
                if isinstance(inner, dict):
                    inner.update(nested(value, f'{key}.{name}', problems))
                    continue
            if parts[-1] in target:
                problems.append(Problem(f'{key}.{name}', 'given twice', 'each key once'))
            target[parts[-1]] = value
    return result
