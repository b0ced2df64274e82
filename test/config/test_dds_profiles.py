"""The two profiles for Fast DDS are alike but for the interface, and large and prompt enough."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

FOLDER = Path(__file__).resolve().parents[2] / 'config' / 'dds'
NAMES = ('fastdds_robot.xml', 'fastdds_localhost.xml')
NAMESPACE = '{http://www.eprosima.com}'


def told(name: str) -> list[tuple[str, str]]:
    """Every element with its text, in order; no comments."""
    root = ElementTree.parse(FOLDER / name).getroot()
    return [(one.tag.removeprefix(NAMESPACE), (one.text or '').strip()) for one in root.iter()]


def test_only_the_white_list_differs() -> None:
    robot, localhost = map(told, NAMES)
    white_list = [('interfaceWhiteList', ''), ('address', '127.0.0.1')]
    assert [one for one in localhost if one not in white_list] == robot
    assert len(localhost) == len(robot) + 2


@pytest.mark.parametrize('name', NAMES)
def test_a_picture_fits_and_a_publisher_is_found_within_a_second(name: str) -> None:
    found = dict(told(name))
    assert int(found['segment_size']) >= 64 * 2**20
    assert int(found['maxMessageSize']) >= 1280 * 720 * 3
    assert 0 < int(found['nanosec']) <= 500_000_000
