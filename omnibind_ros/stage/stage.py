"""The stage: nodes as processes, and a probe that watches them."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import fields
import os
from pathlib import Path
import signal
import subprocess
import time
from types import TracebackType
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from std_srvs.srv import SetBool

from omnibind.msg import Embedding
from omnibind.msg import Recognition
from omnibind_core.configuration.robot import Encoder
from omnibind_core.data.bag_source import BagSource
from omnibind_core.evaluation.live import windows
from omnibind_core.evaluation.live.process_usage import look
from omnibind_core.evaluation.live.process_usage import Usage
from omnibind_ros.conversions.stamp import stamp_to_ns
from omnibind_ros.qos import EMBEDDINGS_QOS
from omnibind_ros.stage import leftovers
from omnibind_ros.stage.probe import Heard
from omnibind_ros.stage.probe import InVainError
from omnibind_ros.stage.probe import Probe
from omnibind_ros.stage.ros_process import ros_arguments
from omnibind_ros.stage.ros_process import RosProcess
from omnibind_ros.stage.setting import Setting

START_TIMEOUT = 120.0  # s until a node is active; a busy machine
LISTENERS_WITHIN = 60.0  # s until all topics of a bag are heard
FOUND_WITHIN = 20.0  # s until all sensors have found the bag player; then it begins all the same


class Stage:
    """A probe and the processes of one run; leaving it ends them all, whatever happened."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.probe = Probe()
        self._exit = ExitStack()
        self._exit.enter_context(self.probe)
        #: Those that run, by name.
        self.processes: dict[str, RosProcess] = {}
        #: What each was found to use, by name.
        self.usages: dict[str, list[Usage]] = {}
        #: The newest status of each node, by its name without namespace.
        self.statuses: dict[str, dict[str, str]] = {}
        self.embeddings: list[Heard[Any]] = self.probe.hear(Embedding, 'embeddings', EMBEDDINGS_QOS)
        self.recognitions: list[Heard[Any]] = self.probe.hear(Recognition, 'recognition', 50)
        self._reports = self.probe.listen(DiagnosticArray, '/diagnostics', 100)
        self._killed: set[str] = set()
        self._strangers: set[str] = set()

    def encoder(self, sensor: Encoder, **changes: object) -> RosProcess:
        """Start a sensor's encoder, with its parameters but for these changes."""
        # One by one: what a block of a parameter file says has precedence over the command line.
        settings = {f'settings__{key}': one for key, one in _said(sensor.settings).items()}
        given = {**_said(sensor.parameters), **settings, **changes}
        return self._node('encoder', sensor.name, given)

    def fusion(self, **changes: object) -> RosProcess:
        """Start the fusion node, with the parameters of the bags' robot but for these changes."""
        return self._node('fusion', 'fusion', {**_said(self.setting.robot.fusion), **changes})

    def perception(self, **changes: object) -> RosProcess:
        """Start all nodes of the parameter file in one process, with these parameters for all."""
        words = ros_arguments(bundle=self.setting.bundle, **changes)
        file = ('--params-file', str(self.setting.parameters))
        return self._keep('perception', 'perception', words[0], *file, *words[1:])

    def tool(self, name: str, *arguments: str, key: str = '') -> RosProcess:
        """Start something else: the bag player, or a module (``package.module``)."""
        return self._keep(key or name.rpartition('.')[2], name, *arguments)

    def bag_player(self, bag: Path, *words: str, sensors: Sequence[Encoder]) -> RosProcess:
        """Start the bag player; it begins when it is released.

        :param sensors: whose nodes run; what is in the bag for them has to be heard.
        """
        with BagSource(bag) as source:
            played = set(source.topics)
        self._strangers = {one.name for one in sensors if one.parameters.topic in played}
        topics = [one.parameters.topic for one in sensors]
        held = ('--paused', '--wait', f'{LISTENERS_WITHIN:g}', '--wait-for', *topics)
        return self.tool('bag_player', str(bag), *words, *held)

    def found_player(self) -> bool:
        """Whether the node of each sensor has found the bag player.

        A publisher may have found a subscription that has not found the publisher yet. What it says
        until then is lost: some seconds of a sensor, once in a while.
        """
        self._strangers -= {
            name for name in self._strangers if self.status(name).get('publishers', '0') != '0'
        }
        return not self._strangers

    def release_player(self) -> None:
        """Let the bag player begin."""
        go_on = SetBool.Request(data=False)
        self.probe.call(SetBool, '/bag_player/pause', go_on, LISTENERS_WITHIN)

    def begin_playing(self) -> None:
        """Let it begin when all have found it, or :data:`FOUND_WITHIN` has passed.

        :raises InVainError: a process has ended by itself.
        """
        self.probe.happens(lambda: self.found_player() or self._ended(), FOUND_WITHIN)
        self._tell_ended()
        self.release_player()

    def active(self, *names: str) -> None:
        """Wait until these nodes report that they are active."""
        for name in names:
            self.wait(
                lambda: self.status(name).get('state', '').startswith('active'),  # noqa: B023
                f'{name} to be active',
                START_TIMEOUT,
            )

    def status(self, name: str) -> Mapping[str, str]:
        """The newest diagnostic values of a node; empty: none yet."""
        reports = self._reports
        while reports:
            for status in reports.pop(0).status:
                node = status.name.partition(':')[0].rpartition('/')[2]
                values = {pair.key: pair.value for pair in status.values}
                self.statuses[node] = {**values, 'message': status.message}
        return self.statuses.get(name, {})

    def wait(self, condition: Callable[[], object], what: str, timeout: float = 30.0) -> None:
        """Wait; a process that has ended by itself is told instead.

        :raises InVainError: it does not happen.
        """
        self.probe.wait(lambda: condition() or self._ended(), timeout, what)
        self._tell_ended()

    def pause(self, seconds: float) -> None:
        """Let time pass; a process that has ended by itself is told.

        :raises InVainError: one has.
        """
        time.sleep(seconds)
        self._tell_ended()

    def moments(self) -> windows.Windows:
        """What was heard until now, by stamp."""
        return windows.Windows(
            (heard(one) for one in list(self.recognitions)),
            [(stamp_to_ns(one.message.header.stamp), one.at) for one in list(self.embeddings)],
        )

    def measure(self) -> None:
        """Look at what each process uses now."""
        now = time.monotonic()
        for name, process in list(self.processes.items()):
            usage = look(process.process.pid, now)
            if usage is not None:
                self.usages.setdefault(name, []).append(usage)

    def note_memory(self) -> None:
        """Note the shared memory of all that run; what one that dies leaves is removed then."""
        for process in list(self.processes.values()):
            self._killed |= leftovers.owned(process.process.pid)

    def kill(self, name: str) -> None:
        """Kill -9; its shared memory is removed when the scenario is over."""
        process = self.processes.pop(name)
        self._killed |= leftovers.owned(process.process.pid)
        process.stop(signal.SIGKILL)

    def stop(self, name: str) -> int:
        """End a process as ctrl-C does; its exit code."""
        return self.processes.pop(name).stop()

    def _node(self, executable: str, name: str, given: Mapping[str, object]) -> RosProcess:
        words = ros_arguments(node=name, **{**given, 'bundle': self.setting.bundle})
        return self._keep(name, executable, *words)

    def _keep(self, name: str, *words: str) -> RosProcess:
        with self.setting.interrupts.shielded():
            process = RosProcess(*words)
            self._exit.enter_context(process)
            self.processes[name] = process
        return process

    def _ended(self) -> str:
        over = (name for name, one in self.processes.items() if one.process.poll() is not None)
        return next(over, '')

    def _tell_ended(self) -> None:
        name = self._ended()
        if name:
            output = self.processes[name].output
            raise InVainError(f'{name} has ended by itself:\n{output[-2000:]}')

    def __enter__(self) -> Stage:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self.setting.interrupts.shielded():
            self._close()

    def _close(self) -> None:
        with self._exit:
            for process in self.processes.values():
                if process.process.poll() is None:
                    process.process.send_signal(signal.SIGINT)  # all at once; then each in turn
            while self.processes:
                self._end(self.processes.popitem()[1])
        leftovers.remove(self._killed, but={os.getpid()})

    def _end(self, process: RosProcess) -> None:
        try:
            process.process.wait(10.0)
        except subprocess.TimeoutExpired:  # the stack kills it
            self._killed |= leftovers.owned(process.process.pid)


def heard(one: Heard[Any]) -> windows.Heard:
    """A recognition as the statistics want it."""
    message = one.message
    return windows.Heard(
        stamp=stamp_to_ns(message.header.stamp),
        at=one.at,
        fresh=frozenset(part.sensor for part in message.contributions if not part.held),
        closed_by=message.closed_by,
    )


def _said(options: Any) -> dict[str, object]:
    """What is not as it is by default, as the command line takes it."""
    found: dict[str, object] = {}
    for item in fields(options):
        value = getattr(options, item.name)
        if value != item.default:
            listed = isinstance(value, list | tuple)
            found[item.name] = f'[{", ".join(map(str, value))}]' if listed else value
    return found
