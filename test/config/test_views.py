"""The layouts for Foxglove and rviz name topics, types and fields that there are.

Neither program is run here: what can be checked is the files' form and what they refer to.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any

import pytest
import yaml

from omnibind_core.configuration.robot import read_robot
from omnibind_core.simulation.bag.topics import LIDAR
from omnibind_ros.sensor_source import sensor_source

ROOT = Path(__file__).resolve().parents[2]
FOXGLOVE = ROOT / 'config' / 'foxglove' / 'omnibind.json'
RVIZ = ROOT / 'config' / 'rviz' / 'omnibind.rviz'
PICTURES = {'sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage'}
LAYOUT = json.loads(FOXGLOVE.read_text())
PANELS: dict[str, dict[str, Any]] = LAYOUT['configById']
DISPLAYS = [
    display
    for display in yaml.safe_load(RVIZ.read_text())['Visualization Manager']['Displays']
    if 'Topic' in display
]
_STEP = re.compile(r'(\w+)(\[(?::|\d+)\])?(\{(\w+)=="(\w+)"\})?')


def published() -> dict[str, str]:
    """Our nodes' topics with their types, as their sources say."""
    found = {}
    for path in (ROOT / 'omnibind_ros').rglob('*.py'):
        tree = ast.parse(path.read_text())
        constants = {
            node.targets[0].id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr not in ('create_lifecycle_publisher', 'create_publisher', '_make'):
                continue
            kind, topic = node.args[:2]
            if isinstance(topic, ast.Name):
                topic = constants.get(topic.id)
            if isinstance(kind, ast.Name) and isinstance(topic, ast.Constant):
                name = topic.value if topic.value[0] == '/' else f'/omnibind/{topic.value}'
                found[name] = kind.id
    return found


def topics() -> dict[str, str]:
    """Everything there is in a replay: topic -> type."""
    robot = read_robot(ROOT / 'config' / 'replay.yaml')
    sensors = {
        encoder.parameters.topic: sensor_source(
            encoder.parameters.modality, encoder.parameters.transport
        ).message
        for encoder in robot.encoders
    }
    packages = {
        'Recognition': 'omnibind',
        'Embedding': 'omnibind',
        'Labels': 'omnibind',
        'Image': 'sensor_msgs',
        'DiagnosticArray': 'diagnostic_msgs',
    }
    own = {
        topic: f'{packages[kind]}/msg/{kind}'
        for topic, kind in published().items()
        if kind in packages
    }
    return {**sensors, **own}


TOPICS = topics()


def fields(kind: str) -> dict[str, str]:
    """Fields of one of our messages with their types."""
    text = (ROOT / 'msg' / f'{kind}.msg').read_text()
    lines = [line.partition('#')[0].split() for line in text.splitlines()]
    return {line[1]: line[0] for line in lines if len(line) == 2}


def message_paths(value: Any) -> Iterator[str]:
    """Every message path in a panel's configuration."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key in ('value', 'topicPath') and isinstance(item, str):
                yield item
            yield from message_paths(item)
    elif isinstance(value, list):
        for item in value:
            yield from message_paths(item)


def leaves(layout: Any) -> Iterator[str]:
    """The panels of a layout."""
    if isinstance(layout, str):
        yield layout
        return
    assert set(layout) == {'first', 'second', 'direction', 'splitPercentage'}
    assert layout['direction'] in ('row', 'column')
    assert 0 < layout['splitPercentage'] < 100
    yield from leaves(layout['first'])
    yield from leaves(layout['second'])


def test_the_topics_that_the_others_are_compared_with() -> None:
    """Or the tests below would compare with nothing."""
    assert TOPICS['/omnibind/recognition'] == 'omnibind/msg/Recognition'
    assert TOPICS['/omnibind/overlay'] == 'sensor_msgs/msg/Image'
    assert TOPICS['/diagnostics'] == 'diagnostic_msgs/msg/DiagnosticArray'
    assert TOPICS[LIDAR.topic] == 'sensor_msgs/msg/PointCloud2'
    assert fields('Contribution')['weight'] == 'float32'


def test_foxglove_has_every_panel_once() -> None:
    """In the layout and in the table of configurations."""
    assert sorted(leaves(LAYOUT['layout'])) == sorted(PANELS)
    kinds = {name.split('!')[0] for name in PANELS}
    assert kinds >= {'Image', '3D', 'Plot', 'DiagnosticSummary', 'StateTransitions'}


def test_foxglove_shows_topics_of_the_right_type() -> None:
    for name, panel in PANELS.items():
        kind = name.split('!')[0]
        if kind == 'Image':
            assert TOPICS[panel['imageMode']['imageTopic']] in PICTURES
        elif kind == '3D':
            assert {TOPICS[topic] for topic in panel['topics']} == {'sensor_msgs/msg/PointCloud2'}
            assert panel['followTf'] == LIDAR.frame_id
        elif kind.startswith('Diagnostic'):
            assert TOPICS[panel['topicToRender']] == 'diagnostic_msgs/msg/DiagnosticArray'
        else:
            assert list(message_paths(panel))


@pytest.mark.parametrize('path', list(message_paths(PANELS)))
def test_foxglove_reads_fields_that_there_are(path: str) -> None:
    """Step by step through the message definitions; arrays are indexed, filters name sensors."""
    topic, _, rest = path.partition('.')
    kind = TOPICS[topic].removeprefix('omnibind/msg/')
    for step in filter(None, rest.split('.')):
        found = _STEP.fullmatch(step)
        assert found is not None, step
        name, index, selected, key, value = found.groups()
        there = fields(kind)
        assert name in there
        assert there[name].endswith('[]') == bool(index)
        kind = there[name].removesuffix('[]')
        if selected:
            assert key == 'sensor'
            assert fields(kind)[key] == 'string'
            sensors = read_robot(ROOT / 'config' / 'replay.yaml').encoders
            assert value in {encoder.name for encoder in sensors}
    plotted = message_paths([panel for name, panel in PANELS.items() if name.startswith('Plot')])
    assert kind == 'float32' or path not in plotted


@pytest.mark.parametrize('display', DISPLAYS, ids=lambda display: display['Name'])
def test_rviz_shows_topics_of_the_right_type(display: dict[str, Any]) -> None:
    """With a quality of service that hears the publisher: best effort for sensors."""
    topic = display['Topic']
    wanted = {
        'rviz_default_plugins/Image': PICTURES,
        'rviz_default_plugins/PointCloud2': {'sensor_msgs/msg/PointCloud2'},
    }
    assert TOPICS[topic['Value']] in wanted[display['Class']]
    ours = topic['Value'].startswith('/omnibind/')
    assert topic['Reliability Policy'] == ('Reliable' if ours else 'Best Effort')
    assert topic['Durability Policy'] == 'Volatile'
    # rviz takes the transport from the last part of the topic's name
    compressed = TOPICS[topic['Value']].endswith('CompressedImage')
    assert topic['Value'].endswith('/compressed') == compressed


def test_rviz_stands_in_the_lidars_frame() -> None:
    """No transform is published by the bag: anything else would show nothing."""
    options = yaml.safe_load(RVIZ.read_text())['Visualization Manager']['Global Options']
    assert options['Fixed Frame'] == LIDAR.frame_id
    assert {display['Topic']['Value'] for display in DISPLAYS} >= {
        '/omnibind/overlay',
        '/thermal/image',
        LIDAR.topic,
    }
