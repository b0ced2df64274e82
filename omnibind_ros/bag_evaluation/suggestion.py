"""Which sensors a bag seems to hold, by the types and names of its topics."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from omnibind_core.configuration.robot import Encoder
from omnibind_core.configuration.robot import read_encoder
from omnibind_core.configuration.robot import Robot
from omnibind_core.data.bag_source import BagTopic
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_ros.sensor_source import AUDIO_INFO
from omnibind_ros.sensor_source import COMPRESSED_IMAGE
from omnibind_ros.sensor_source import IMAGE
from omnibind_ros.sensor_source import modality_of

# A picture's type does not tell what took it, but its topic's name often does.
_WORDS = {
    'thermal': ('thermal', 'infrared', 'flir', 'lepton', 'boson', 'lwir'),
    'touch': ('touch', 'tactile', 'gelsight', 'digit', 'finger', 'gel'),
}
# What says where a picture comes from in the pipeline, not which sensor took it.
_PLAIN = ('image', 'image_raw', 'image_rect', 'compressed', 'points', 'events', 'audio', 'data')


def suggested(topics: Iterable[BagTopic]) -> dict[str, dict[str, Any]]:
    """Parameters of an encoder for each topic that a sensor may send, by the sensor's name."""
    given = sorted(topics, key=lambda topic: topic.name)
    infos = [topic.name for topic in given if topic.message == AUDIO_INFO]
    found: dict[str, dict[str, Any]] = {}
    for topic in given:
        kind = _modality(topic)
        if kind is None:
            continue
        parameters: dict[str, Any] = {'modality': kind, 'topic': topic.name}
        if topic.message == COMPRESSED_IMAGE:
            parameters['transport'] = 'compressed'
        if kind == 'audio':
            parameters['max_rate'] = 2.0  # a second of sound changes little in a tenth of one
            if infos:
                parameters['info_topic'] = _nearest(topic.name, infos)
        found[_unused(_name(topic.name), found)] = parameters
    return found


def suggested_robot(topics: Iterable[BagTopic], bundle: str) -> Robot:
    """The same as a robot that can be evaluated.

    :raises ConfigError: no topic is one that a sensor may send.
    """
    encoders: list[Encoder] = []
    problems: list[Problem] = []
    for name, parameters in suggested(topics).items():
        encoder = read_encoder(name, {**parameters, 'bundle': bundle}, name, problems)
        if encoder is not None:
            encoders.append(encoder)
    if problems or not encoders:
        allowed = 'pictures, point clouds, events, sound'
        none = Problem('topics', 'none that a sensor sends', allowed)
        raise ConfigError('topics of the bag', problems or [none])
    return Robot(tuple(encoders), None)


def as_yaml(sensors: Mapping[str, Mapping[str, Any]], bundle: str) -> str:
    """A parameter file to begin with; it can be read back, by the nodes as well."""
    import yaml

    blocks: dict[str, Any] = {'/**': {'ros__parameters': {'bundle': bundle}}}
    blocks |= {f'/**/{name}': {'ros__parameters': dict(one)} for name, one in sensors.items()}
    blocks['/**/fusion'] = {'ros__parameters': {'bundle': bundle}}
    head = (
        '# Proposed from the types and names of the topics of a bag: look through it, and correct\n'
        '# modality (what a picture shows is not in its type) and stamp_offset.\n'
    )
    return head + yaml.safe_dump(blocks, sort_keys=False)


def _modality(topic: BagTopic) -> str | None:
    if topic.message not in (IMAGE, COMPRESSED_IMAGE):
        return modality_of(topic.message)
    if 'depth' in topic.name.lower():  # no modality of ours
        return None
    for kind, words in _WORDS.items():
        if any(word in topic.name.lower() for word in words):
            return kind
    return 'image'


def _name(topic: str) -> str:
    """The part of a topic's name that says which sensor it is, as a node's name."""
    parts = [part for part in topic.split('/') if part]
    telling = [part for part in parts if part not in _PLAIN] or parts
    name = ''.join(letter if letter.isalnum() else '_' for letter in telling[-1])
    return name if name[:1].isalpha() else f'sensor_{name}'


def _unused(name: str, taken: Mapping[str, Any]) -> str:
    if name not in taken and name != 'fusion':
        return name
    return next(f'{name}_{n}' for n in range(2, len(taken) + 3) if f'{name}_{n}' not in taken)


def _nearest(topic: str, names: list[str]) -> str:
    """The name that shares the longest beginning with a topic."""

    def shared(name: str) -> int:
        pairs = zip(topic.split('/'), name.split('/'), strict=False)
        return next((n for n, (one, other) in enumerate(pairs) if one != other), 99)

    return max(names, key=shared)
