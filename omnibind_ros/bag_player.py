"""The bag player: a recorded bag into the graph, with the simulated clock.

    bag_player samples/bag_lite --rate 2 --loop --mute '/lidar/*'

For machines without `ros2 bag play`. Messages are published as they lie in the bag, without being
deserialised, each with the quality of service that it was recorded with.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
import sys
import threading
import time

import rclpy
from rclpy.duration import Duration
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.utilities import remove_ros_args
from rosgraph_msgs.msg import Clock
from std_srvs.srv import SetBool

from omnibind_core.cli.progress import Progress
from omnibind_core.data.bag_source import BagMessage
from omnibind_core.data.bag_source import BagSource
from omnibind_core.data.read_ahead import ReadAhead
from omnibind_core.errors import OmniBindError
from omnibind_core.errors import UnavailableError
from omnibind_core.streaming.bag_schedule import BagSchedule
from omnibind_ros.bag_player_options import parser
from omnibind_ros.clean_end import clean_end
from omnibind_ros.conversions.stamp import ns_to_stamp
from omnibind_ros.played_topic import played_topic
from omnibind_ros.played_topic import PlayedTopic
from omnibind_ros.running import CONTEXT_GONE

SECOND = 1_000_000_000
LOOK_EVERY = 0.05  # s between looks at who listens
ACKNOWLEDGED_WITHIN = 2.0  # s
SERVED_WITHIN = 2.0  # s for a service that is being answered


class BagPlayer(Node):  # type: ignore[misc]
    """Plays one bag. :meth:`play` does it; services are answered by another thread.

    :param source: the open bag.
    :param options: of :func:`~omnibind_ros.bag_player_options.parser`.
    """

    def __init__(self, source: BagSource, options: argparse.Namespace) -> None:
        super().__init__('bag_player')
        begin = source.begin + round(options.start * SECOND)
        end = source.end
        if options.duration:
            end = min(end, begin + round(options.duration * SECOND))
        if begin > source.end:
            length = (source.end - source.begin) / SECOND
            raise UnavailableError(f'--start {options.start:g}: the bag is {length:.1f} s long')
        self.published = 0
        self._source = source
        self._options = options
        self._schedule = BagSchedule(
            begin=begin, end=end, rate=options.rate, loop=options.loop, at_loop=options.at_loop
        )
        self._lock = threading.Lock()  # of the schedule
        self._woken = threading.Event()
        self._stopped = False
        self._hold = options.paused
        self._topics = self._open_topics()
        self._clock = None if options.no_clock else self.create_publisher(Clock, '/clock', 1)
        self._clock_period = round(SECOND / options.clock_rate)
        self._clock_due = 0
        self._progress: Progress | None = None
        self.create_service(SetBool, '~/pause', self._pause)

    def play(self) -> None:
        """Play until the bag is over or :meth:`stop` is called.

        :raises BagReadError: the bag is damaged.
        """
        self._await_listeners()
        if self._hold:
            self.get_logger().info(f'paused; call {self.get_fully_qualified_name()}/pause to start')
        while self._hold and not self._stopped:
            self._rest(None)
        schedule = self._schedule
        while not self._stopped and self._begin_round():
            for message in self._source.latched_before(schedule.begin):
                self._publish(message)
            messages = self._source.messages(schedule.begin, schedule.end + 1)
            with ReadAhead(messages) as ahead:
                for message in ahead:
                    if message.topic not in self._topics:
                        continue
                    if not self._reach(message.received):
                        return
                    self._publish(message)
            self._reach(schedule.end)
        self._progress = None
        self._reach(schedule.end + round(self._options.linger * SECOND))
        for topic in self._topics.values():
            topic.publisher.wait_for_all_acked(Duration(seconds=ACKNOWLEDGED_WITHIN))

    def stop(self) -> None:
        """Let :meth:`play` return; may be called from any thread."""
        self._stopped = True
        self._woken.set()

    def summary(self) -> str:
        """What was done, in one line."""
        held = self._schedule.held_back / SECOND
        slow = f'; the clock was held back by {held:.1f} s in all, this machine is too slow'
        rounds = f' in {self._schedule.round} rounds' if self._schedule.round > 1 else ''
        return f'{self.published} messages played{rounds}{slow if held >= 0.05 else ""}'

    def _open_topics(self) -> dict[str, PlayedTopic]:
        found: dict[str, PlayedTopic] = {}
        for name, topic in self._source.topics.items():
            try:
                found[name] = played_topic(self, topic)
            except UnavailableError as error:  # noqa: PERF203  the others are played
                self.get_logger().error(f'{name} is not played: {error}')
        if not found:
            raise UnavailableError(f'nothing of {self._source.path} can be played')
        return found

    def _await_listeners(self) -> None:
        """Wait until somebody listens to each of the topics that count, or time is up."""
        deadline = time.monotonic() + self._options.wait
        sensors = [name for name, topic in self._topics.items() if not topic.latched]
        chosen = self._options.wait_for or sensors
        awaited = [name for name in self._topics if name in chosen]
        deaf = awaited
        while deaf and not self._stopped:
            counts = {
                name: self._topics[name].publisher.get_subscription_count() for name in awaited
            }
            deaf = [name for name, count in counts.items() if not count]
            if not deaf or time.monotonic() >= deadline:
                break
            self._rest(LOOK_EVERY)
        if deaf and self._options.wait:
            self.get_logger().warning(f'nobody listens to {", ".join(deaf)}')

    def _begin_round(self) -> bool:
        now = time.monotonic_ns()
        with self._lock:
            begun = self._schedule.begin_round(now)
            if begun:
                self._schedule.expect(self._schedule.begin, now)
        if begun:
            length = (self._schedule.end - self._schedule.begin) / SECOND
            self._progress = Progress(max(round(length), 1), 's of the bag')
            self._clock_due = 0
            self._tick()
        return begun

    def _reach(self, stamp: int) -> bool:
        """Wait for a bag time while the clock ticks; false when stopped."""
        while not self._stopped:
            with self._lock:
                self._schedule.expect(stamp, time.monotonic_ns())
                due = self._schedule.due(stamp)
            self._tick()
            if due is None:
                self._rest(None)
                continue
            left = due - time.monotonic_ns()
            if left <= 0:
                if self._progress is not None:
                    self._progress.reach((stamp - self._schedule.begin) // SECOND)
                return True
            self._rest(left / SECOND)
        return False

    def _rest(self, seconds: float | None) -> None:
        """Wait this long, or for the next tick of the clock, or for a call."""
        tick = self._clock_period / SECOND
        self._woken.wait(tick if seconds is None else min(seconds, tick))
        self._woken.clear()
        self._tick()

    def _tick(self) -> None:
        now = time.monotonic_ns()
        if self._clock is None or now < self._clock_due:
            return
        self._clock_due = now + self._clock_period
        with self._lock:
            said = self._schedule.clock(now)
        message = Clock()
        message.clock.sec, message.clock.nanosec = ns_to_stamp(said)
        self._clock.publish(message)

    def _publish(self, message: BagMessage) -> None:
        topic = self._topics.get(message.topic)
        if topic is not None:
            topic.publish(message.data, self._schedule.shift)
            self.published += 1

    def _pause(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        with self._lock:
            self._hold = request.data
            if self._schedule.round:
                change = self._schedule.pause if request.data else self._schedule.resume
                change(time.monotonic_ns())
        self._woken.set()
        response.success = True
        response.message = 'paused' if request.data else 'playing'
        return response


def main(argv: Sequence[str] | None = None) -> int:
    """Play a bag.

    :returns: 0 at the end or after a signal; 1 with one sentence when it cannot be played.
    """
    given = list(sys.argv if argv is None else argv)
    options = parser().parse_args(remove_ros_args(given)[1:])
    rclpy.init(args=given)
    player: BagPlayer | None = None
    server: threading.Thread | None = None
    executor = SingleThreadedExecutor()
    code = 0
    try:
        with BagSource(
            Path(options.bag).expanduser(), include=options.topics, exclude=options.mute
        ) as source:
            player = BagPlayer(source, options)
            executor.add_node(player)
            server = threading.Thread(target=_serve, args=(executor, player), daemon=True)
            server.start()
            player.play()
            if rclpy.ok():
                player.get_logger().info(player.summary())
    except KeyboardInterrupt:
        code = 0
    except CONTEXT_GONE:
        # A signal takes the context away under the publishers' feet.
        if rclpy.ok():
            raise
    except OmniBindError as error:
        print(f'error: {error}', file=sys.stderr)
        code = 1
    finally:
        with clean_end():
            rclpy.try_shutdown()
            if server is not None:
                server.join(SERVED_WITHIN)
            if player is not None:
                player.destroy_node()
            executor.shutdown(timeout_sec=1.0)
    return code


def _serve(executor: SingleThreadedExecutor, player: BagPlayer) -> None:
    """Answer services until a signal; then let the player stop."""
    with suppress(*CONTEXT_GONE):
        executor.spin()
    player.stop()
