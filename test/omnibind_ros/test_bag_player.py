"""The bag player as a process of its own, heard over DDS."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
import signal

from geometry_msgs.msg import PointStamped
from little_bags import little_bag
from little_bags import Said
from little_bags import SECOND
from little_bags import stamped_bag
from little_bags import START
from probe import Probe
import pytest
from rclpy.qos import DurabilityPolicy
from rclpy.qos import QoSProfile
from rclpy.qos import ReliabilityPolicy
from ros_process import RosProcess
from rosgraph_msgs.msg import Clock
from std_msgs.msg import String
from std_srvs.srv import SetBool

from omnibind_ros.qos import LATCHED_QOS

pytestmark = pytest.mark.usefixtures('ros_domain')

SAID = [
    Said('/words', 0.0, 'zero'),
    Said('/info', 0.1, 'old'),
    Said('/words', 0.5, 'half'),
    Said('/info', 0.6, 'new'),
    Said('/words', 1.0, 'one'),
]
ALL = QoSProfile(depth=100)
HEARD = ('--wait', '60', '--wait-for', '/words', '/stamped')
BEST_EFFORT = QoSProfile(depth=100, reliability=ReliabilityPolicy.BEST_EFFORT)


def seconds(clocks: Sequence[Clock]) -> list[float]:
    """What /clock said, since the bag's start."""
    begin = START // SECOND
    return [item.clock.sec - begin + item.clock.nanosec * 1e-9 for item in clocks]


@contextmanager
def begun(probe: Probe, *arguments: str, hears: Sequence[str]) -> Iterator[RosProcess]:
    """A player that begins when the probe has found it, not only it the probe: nothing is lost."""
    with RosProcess('bag_player', *arguments, '--paused', *HEARD) as player:
        looking = probe.every(0.05, lambda: probe.notice(None))
        probe.wait(lambda: all(map(probe.node.count_publishers, hears)), 60.0)
        probe.node.destroy_timer(looking)
        probe.call(SetBool, '/bag_player/pause', SetBool.Request(data=False))
        yield player


def words(messages: Sequence[String]) -> list[str]:
    """What was said."""
    return [message.data for message in messages]


def test_messages_in_order_with_a_clock(tmp_path: Path) -> None:
    """As recorded, at twice the rate; it ends by itself with 0."""
    bag = little_bag(tmp_path / 'bag', SAID)
    with Probe() as probe:
        heard = probe.listen(String, '/words', BEST_EFFORT)
        clocks = probe.listen(Clock, '/clock', ALL)
        with begun(probe, str(bag), '--rate', '2', hears=['/words']) as player:
            player.wait_for_line('5 messages played')
            assert player.process.wait(20) == 0
        probe.wait(lambda: len(heard) == 3)
        assert words(heard) == ['zero', 'half', 'one']
        times = seconds(clocks)
        assert times == sorted(times)
        assert times[0] == pytest.approx(0.0, abs=0.3)
        assert 0.9 < times[-1] < 1.2


def test_a_loop_jumps_back_until_a_signal(tmp_path: Path) -> None:
    """The clock falls each time; SIGTERM ends it with 0."""
    bag = little_bag(tmp_path / 'bag', SAID)
    with Probe() as probe:
        heard = probe.listen(String, '/words', BEST_EFFORT)
        clocks = probe.listen(Clock, '/clock', ALL)
        with begun(probe, str(bag), '--rate', '5', '--loop', hears=['/words']) as player:
            probe.wait(lambda: len(heard) >= 9)
            assert player.stop(signal.SIGTERM) == 0
        assert words(heard)[:9] == ['zero', 'half', 'one'] * 3
        times = seconds(clocks)
        falls = sum(after < before - 0.5 for before, after in pairwise(times))
        assert falls >= 2
        assert max(times) < 1.5


def test_a_loop_that_continues_shifts_the_stamps(tmp_path: Path) -> None:
    """The clock never falls, and headers keep up with it."""
    bag = stamped_bag(tmp_path / 'bag')
    with Probe() as probe:
        heard = probe.listen(PointStamped, '/stamped', BEST_EFFORT)
        clocks = probe.listen(Clock, '/clock', ALL)
        options = ('--loop', '--at-loop', 'continue')
        with begun(probe, str(bag), *options, hears=['/stamped']) as player:
            probe.wait(lambda: len(heard) >= 6)
            assert player.stop() == 0
        begin = START // SECOND
        stamps = [
            item.header.stamp.sec - begin + item.header.stamp.nanosec * 1e-9 for item in heard[:6]
        ]
        assert stamps == pytest.approx([0.0, 0.5, 0.5, 1.0, 1.0, 1.5], abs=1e-6)
        times = seconds(clocks)
        assert times == sorted(times)
        assert times[-1] > 1.0


def test_what_was_latched_is_latched(tmp_path: Path) -> None:
    """Somebody who comes late, and somebody who starts in the middle, hear the last of it."""
    bag = little_bag(tmp_path / 'bag', SAID, latched={'/info': 1})
    options = ('--start', '0.3', '--linger', '60')
    with Probe() as probe, RosProcess('bag_player', str(bag), *options) as player:
        early = probe.listen(
            String, '/info', QoSProfile(depth=10, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        )
        probe.wait(lambda: 'new' in words(early))
        late = probe.listen(String, '/info', LATCHED_QOS)
        probe.wait(lambda: words(late) == ['new'])
        infos = probe.node.get_publishers_info_by_topic('/info')
        assert infos[0].qos_profile.durability == DurabilityPolicy.TRANSIENT_LOCAL
        infos = probe.node.get_publishers_info_by_topic('/words')
        assert infos[0].qos_profile.durability == DurabilityPolicy.VOLATILE
        assert infos[0].qos_profile.reliability.name == 'BEST_EFFORT'
        assert player.stop() == 0


def test_started_in_the_middle_the_latched_comes_first(tmp_path: Path) -> None:
    """`old` was said before the start; it holds there."""
    bag = little_bag(tmp_path / 'bag', SAID, latched={'/info': 1})
    with Probe() as probe:
        info = probe.listen(String, '/info', LATCHED_QOS)
        heard = probe.listen(String, '/words', BEST_EFFORT)
        options = ('--start', '0.3', '--linger', '1')
        with begun(probe, str(bag), *options, hears=['/words', '/info']) as player:
            assert player.process.wait(60) == 0
        probe.wait(lambda: words(info) == ['old', 'new'])
        probe.wait(lambda: words(heard) == ['half', 'one'])


def test_an_unknown_type_is_one_sentence(tmp_path: Path) -> None:
    """The other topics are played."""
    bag = little_bag(tmp_path / 'bag', SAID, foreign='/foreign')
    with Probe() as probe:
        heard = probe.listen(String, '/words', BEST_EFFORT)
        with begun(probe, str(bag), '--rate', '2', hears=['/words']) as player:
            line = player.wait_for_line('/foreign is not played')
            assert 'nowhere_msgs is not installed' in line
            assert player.process.wait(60) == 0
        probe.wait(lambda: len(heard) == 3)


def test_muted_remapped_and_overridden(tmp_path: Path) -> None:
    """What is muted has no publisher; names and quality may be changed as in any node."""
    bag = little_bag(tmp_path / 'bag', SAID)
    arguments = (
        str(bag), '--mute', '/in*', '--linger', '60', '--wait', '60',
        '--ros-args', '-r', '/words:=/said',
        '-p', 'qos_overrides./said.publisher.reliability:=reliable',
    )  # fmt: skip
    with Probe() as probe, RosProcess('bag_player', *arguments) as player:
        heard = probe.listen(String, '/said')
        probe.wait(lambda: len(heard) == 3)
        (info,) = probe.node.get_publishers_info_by_topic('/said')
        assert info.qos_profile.reliability.name == 'RELIABLE'
        assert probe.node.count_publishers('/info') == 0
        assert player.stop() == 0


def test_paused_until_a_call_and_again(tmp_path: Path) -> None:
    """The clock stands; nothing is said before the call."""
    bag = little_bag(tmp_path / 'bag', SAID)
    with Probe() as probe:
        heard = probe.listen(String, '/words', BEST_EFFORT)
        clocks = probe.listen(Clock, '/clock', ALL)
        with RosProcess('bag_player', str(bag), '--paused', *HEARD) as player:
            player.wait_for_line('paused')
            probe.wait(lambda: len(clocks) >= 10)
            assert set(seconds(clocks)) == {0.0}
            assert heard == []
            answer = probe.call(SetBool, '/bag_player/pause', SetBool.Request(data=False))
            assert answer.success
            probe.wait(lambda: heard)
            probe.call(SetBool, '/bag_player/pause', SetBool.Request(data=True))
            del clocks[:]
            probe.wait(lambda: len(clocks) >= 10)
            assert len(set(seconds(clocks)[1:])) == 1
            probe.call(SetBool, '/bag_player/pause', SetBool.Request(data=False))
            assert player.process.wait(60) == 0
        probe.wait(lambda: len(heard) == 3)


def test_nobody_listens(tmp_path: Path) -> None:
    """Named after the wait, and played all the same."""
    bag = little_bag(tmp_path / 'bag', SAID)
    with RosProcess('bag_player', str(bag), '--wait', '0.2', '--rate', '5') as player:
        player.wait_for_line('nobody listens to /info, /words')
        player.wait_for_line('5 messages played')
        assert player.process.wait(20) == 0


@pytest.mark.parametrize(
    ('options', 'code', 'sentence'),
    [
        (('nowhere',), 1, 'there is no such bag'),
        (('BAG', '--start', '9'), 1, 'the bag is 1.0 s long'),
        (('BAG', '--mute', '/nothing'), 1, 'no topic /nothing'),
        (('BAG', '--rate', '-1'), 2, 'allowed: 0.001'),
        (('BAG', '--at-loop', 'stop'), 2, 'invalid choice'),
        ((), 2, 'required: bag'),
    ],
)
def test_bad_command_lines(
    tmp_path: Path, options: Sequence[str], code: int, sentence: str
) -> None:
    """Each ends at once with what is wrong."""
    bag = little_bag(tmp_path / 'bag', SAID)
    arguments = [str(bag) if word == 'BAG' else word for word in options]
    with RosProcess('bag_player', *arguments) as player:
        assert player.process.wait(60) == code
        player.wait_for_line(sentence)
