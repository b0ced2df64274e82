"""Simulated time: windows close by /clock, and a bag that starts over starts everything over."""

from __future__ import annotations

from fake_sensors import BUNDLE
from fake_sensors import FakeSensor
from fake_sensors import Vectors
from fusion_process import account
from fusion_process import Fusion
from probe import Probe
from ros_process import ros_arguments
from ros_process import RosProcess
from rosgraph_msgs.msg import Clock

from omnibind_ros.conversions.stamp import stamp_to_ns

START = 1_700_000_000_000_000_000
STEP = 20_000_000  # ns of simulated time between two messages on /clock


class Player:
    """A bag in small: /clock, and two sensors that send by it."""

    def __init__(self, fusion: Fusion, sensors: list[FakeSensor]) -> None:
        self._fusion, self._sensors = fusion, sensors
        self._clock = fusion.probe.publisher(Clock, '/clock', 10)
        self.time = START
        self._ticks = 0

    def play(self) -> None:
        """Begin."""
        self._fusion.every(STEP / 1e9, self._tick)

    def loop(self) -> None:
        """Start over."""
        self.time = START

    def _tick(self) -> None:
        self.time += STEP
        self._ticks += 1
        message = Clock()
        message.clock.sec, message.clock.nanosec = divmod(self.time, 1_000_000_000)
        self._clock.publish(message)
        if self._ticks % 5 == 0:
            for sensor in self._sensors:
                sensor.send(stamp=self.time - STEP)


def test_windows_follow_the_clock_and_a_bag_that_loops(ros_domain: int) -> None:
    """Before /clock comes nothing is recognised, and one error says why; then every round alike."""
    vectors = Vectors()
    arguments = ros_arguments(bundle=BUNDLE, use_sim_time=True, diagnostics_period=0.2)
    with Probe() as probe, RosProcess('fusion', *arguments) as process:
        fusion = Fusion(probe, process, vectors)
        sensors = [fusion.sensor('camera'), fusion.sensor('lidar', 'point_cloud')]
        fusion.wait(lambda: fusion.state() == 3)
        for number in range(3):
            sensors[0].send(stamp=START + number)
        process.wait_for_line('nothing on /clock')
        assert not fusion.recognitions
        player = Player(fusion, sensors)
        player.play()
        fusion.wait(lambda: len(fusion.recognitions) >= 20, 'recognitions of the first round')
        newest = stamp_to_ns(fusion.recognitions[-1].header.stamp)
        assert START < newest < player.time + STEP
        assert any(len(item.contributions) == 2 for item in fusion.recognitions)
        fusion.wait(lambda: player.time > START + 3_000_000_000)
        probe.run(player.loop)
        process.wait_for_line('the clock jumped')
        fusion.recognitions.clear()
        fusion.wait(lambda: len(fusion.recognitions) >= 10, 'recognitions of the second round')
        stamps = [stamp_to_ns(item.header.stamp) for item in fusion.recognitions]
        assert stamps == sorted(stamps)
        assert stamps[0] < START + 3_000_000_000
        # Two publishers of /clock that contradict each other: many jumps, few words.
        said, jumps = process.output.count('the clock jumped'), []
        fusion.every(0.05, lambda: (player.loop(), jumps.append(player.time)))
        fusion.wait(lambda: len(jumps) >= 40, 'forty jumps')
        assert process.output.count('the clock jumped') < said + 20
        values = fusion.report()
        received, accounted = account(values)
        assert received == accounted
        assert not any(key.startswith('failures') for key in values), values
        assert process.stop() == 0, process.output
        assert 'Traceback' not in process.output
