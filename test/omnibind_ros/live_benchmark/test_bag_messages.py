"""Messages of the shipped bag with other stamps."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip('rclpy')

from rclpy.serialization import deserialize_message

from omnibind_core.data.bag_source import BagReadError
from omnibind_ros.conversions.stamp import stamp_to_ns
from omnibind_ros.live_benchmark.bag_messages import bag_messages
from omnibind_ros.live_benchmark.bag_messages import BagMessages

BAG = Path(__file__).resolve().parents[3] / 'samples' / 'bag_lite'
BEGIN = 2_000_000_000_000_000_000


@pytest.fixture(scope='module')
def clouds() -> BagMessages:
    return bag_messages(BAG, '/lidar/points', 4)


def _stamp(messages: BagMessages, data: bytes) -> int:
    return stamp_to_ns(deserialize_message(data, messages.kind).header.stamp)


def test_any_message_at_any_time(clouds: BagMessages) -> None:
    """The fifth is the first again."""
    assert len(clouds.data) == 4
    assert clouds.kind.__name__ == 'PointCloud2'
    assert not clouds.reliable
    assert _stamp(clouds, clouds.at(4, BEGIN)) == BEGIN
    assert clouds.at(4, clouds.stamps[0]) == clouds.data[0]


def test_paced_as_in_the_bag_and_on_and_on(clouds: BagMessages) -> None:
    """Gaps as recorded; between rounds the usual one."""
    stamps = [_stamp(clouds, clouds.paced(number, BEGIN)) for number in range(9)]
    assert stamps[0] == BEGIN
    for number in range(4):
        recorded = clouds.stamps[number] - clouds.stamps[0]
        assert stamps[number] - BEGIN == stamps[number + 4] - stamps[4] == recorded
    usual = (clouds.stamps[3] - clouds.stamps[0]) // 3
    assert stamps[4] - stamps[3] == stamps[8] - stamps[7] == usual


def test_a_message_without_a_header_has_its_bag_time() -> None:
    info = bag_messages(BAG, '/microphone/audio_info', 3)
    assert len(info.data) == 1
    assert info.reliable
    assert info.stamps[0] > 10**18


def test_a_topic_that_is_not_there_is_told() -> None:
    with pytest.raises(BagReadError, match='no topic /nobody'):
        bag_messages(BAG, '/nobody', 1)
