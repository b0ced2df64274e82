"""The example policy: of sros2's form, and about the topics of the example robot, no others."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from sros2_policy import read_policy
from sros2_policy import rights

from omnibind_core.configuration.robot import read_robot

ROOT = Path(__file__).resolve().parents[2]
POLICY = read_policy(ROOT / 'config' / 'sros2' / 'policy.xml')
# The schema of sros2 (policy.xsd, version 0.2.0): element -> its children, its attributes.
CHILDREN = {
    'policy': {'enclaves'},
    'enclaves': {'enclave'},
    'enclave': {'profiles'},
    'profiles': {'profile'},
    'profile': {'topics', 'services', 'actions'},
    'topics': {'topic'},
    'services': {'service'},
    'topic': set(),
    'service': set(),
}
REQUIRED = {'policy': {'version'}, 'enclave': {'path'}, 'profile': {'ns', 'node'}}
OPTIONAL = {'topics': {'publish', 'subscribe'}, 'services': {'reply', 'request'}}


def check(element: ET.Element) -> None:
    """One element and all below it."""
    assert {child.tag for child in element} <= CHILDREN[element.tag], element.tag
    assert len(element) or not CHILDREN[element.tag], f'{element.tag} is empty'
    required, optional = REQUIRED.get(element.tag, set()), OPTIONAL.get(element.tag, set())
    assert required <= set(element.attrib) <= required | optional
    for name in optional & set(element.attrib):
        assert element.attrib[name] in ('ALLOW', 'DENY')
    for child in element:
        check(child)


def test_it_is_of_the_schema() -> None:
    """Elements, attributes, version; no empty list and no empty name."""
    check(POLICY)
    assert POLICY.attrib['version'] == '0.2.0'
    assert all(str(item.text).strip() for tag in ('topic', 'service') for item in POLICY.iter(tag))


def test_each_sensor_of_the_example_robot_may_hear_its_topic_alone() -> None:
    """What is denied to the others is the point of it."""
    robot = read_robot(ROOT / 'config' / 'robot.yaml')
    allowed = rights(POLICY, '/omnibind/perception')
    sensors = {encoder.name: encoder.parameters for encoder in robot.encoders}
    assert set(allowed) == {*sensors, 'fusion', 'fusion_pictures'}
    for name, parameters in sensors.items():
        topics = {parameters.topic, '/clock'}
        if parameters.info_topic:
            topics.add(parameters.info_topic)
        assert allowed[name]['subscribe'] == topics
        ours = {topic for topic in allowed[name]['publish'] if topic.startswith('/omnibind/')}
        assert ours == {'/omnibind/embeddings', f'/omnibind/{name}/transition_event'}
    assert robot.fusion is not None
    assert allowed['fusion_pictures']['subscribe'] == {robot.fusion.overlay_topic}


def test_a_consumer_hears_and_says_nothing() -> None:
    """It publishes no topic of ours, and can neither set parameters nor states."""
    consumer = rights(POLICY, '/omnibind/consumer')['consumer']
    assert consumer['publish'] == {'/rosout', '/parameter_events'}
    assert consumer['request'] == {'/omnibind/set_labels'}
    assert consumer['reply'] == set()
    fusion = rights(POLICY, '/omnibind/perception')['fusion']
    ours = {topic for topic in consumer['subscribe'] if topic.startswith('/omnibind/')}
    assert ours <= fusion['publish']
