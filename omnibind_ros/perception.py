"""All nodes of one parameter file in one process: the Python counterpart of a component container.

    perception --ros-args --params-file robot.yaml -r __ns:=/omnibind -p bundle:=/path/to/bundle

Each node has a thread and an executor of its own, so that one that loads a model or waits for the
middleware holds up no other; models run outside Python's lock. A node that cannot be made or
configured is reported, and the others work.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
import sys
import threading
import traceback

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.utilities import remove_ros_args

from omnibind_core.configuration.parameters import EncoderParameters
from omnibind_core.configuration.robot import FUSION
from omnibind_core.configuration.robot import node_names
from omnibind_core.configuration.robot import read_robot
from omnibind_core.errors import ConfigError
from omnibind_core.errors import OmniBindError
from omnibind_core.errors import Problem
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.inference.tensorrt.settings import TensorRtSettings
from omnibind_ros.clean_end import clean_end
from omnibind_ros.encoder_node import EncoderNode
from omnibind_ros.fusion_node import FusionNode
from omnibind_ros.managed_node import ManagedNode
from omnibind_ros.parameters import read_parameters
from omnibind_ros.running import CONTEXT_GONE

JOIN_WITHIN = 5.0  # s for a thread that is loading a model when the signal comes
AFTER_FAILURE = 0.2  # s before a node whose callback failed goes on


class HostedNode:
    """A node with an executor and a thread of its own.

    :param node: is started by the thread, if its parameter ``autostart`` says so, and then served.
    """

    def __init__(self, node: ManagedNode) -> None:
        self.node = node
        self._ending = threading.Event()
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(node)
        self._thread = threading.Thread(target=self._serve, name=node.get_name(), daemon=True)
        self._thread.start()

    def wait(self, timeout: float | None = None) -> None:
        """Wait until it has ended, which is after a signal only."""
        self._thread.join(timeout)

    def close(self) -> None:
        """End it and free what it holds."""
        self._ending.set()
        self.wait(JOIN_WITHIN)
        self.node.end()
        self._executor.shutdown(timeout_sec=1.0)

    def _serve(self) -> None:
        wanted = self.node.get_parameter('autostart').value
        while self._work(wanted):
            wanted = False
            self._ending.wait(AFTER_FAILURE)

    def _work(self, start: bool) -> bool:
        """Serve until a signal (false) or until a callback fails (true)."""
        try:
            if start:
                self.node.start()
            self._executor.spin()
        except Exception:  # noqa: BLE001  a process of its own would die and be started again
            if rclpy.ok() and not self._ending.is_set():
                self.node.get_logger().error(f'callback failed:\n{traceback.format_exc()}')
                return True
        return False


def main(argv: Sequence[str] | None = None) -> int:
    """Run all nodes until SIGINT or SIGTERM.

    :returns: 0 after a signal; 1 when there is no node that could be made.
    """
    given = list(sys.argv if argv is None else argv)
    options = _parser().parse_args(remove_ros_args(given)[1:])
    try:
        files = _parameter_files(given)
        names = node_names(files)
    except ConfigError as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    hosted: list[HostedNode] = []
    code = 0
    try:
        rclpy.init(args=given)
        if options.build_only:
            return _build(names)
        _warn(files, given)
        for name in names:
            node = _make(name)
            if node is not None:
                hosted.append(HostedNode(node))
        if not hosted and rclpy.ok():
            code = 1
        for one in hosted:
            one.wait()
    except KeyboardInterrupt:
        code = 0
    except CONTEXT_GONE as error:
        if rclpy.ok():
            raise
        if not hosted:  # rclpy.init refused the command line or the parameter file
            print(f'error: {str(error).splitlines()[0]}', file=sys.stderr)
            code = 1
    finally:
        with clean_end():
            rclpy.try_shutdown()
            for one in hosted:
                one.close()
    return code


def _parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog='perception',
        description='Run every sensor of a parameter file, and the fusion, in one process.',
        epilog='example: perception --ros-args --params-file robot.yaml -r __ns:=/omnibind',
    )
    result.add_argument(
        '--build-only',
        action='store_true',
        help='prepare the models for this machine (TensorRT engines), then exit',
    )
    return result


def _parameter_files(given: Sequence[str]) -> list[Path]:
    """The files behind ``--params-file``.

    :raises ConfigError: there is none, or one name is given to all nodes.
    """
    for word in given:
        if word.startswith(('__node:=', '__name:=')):
            text = (
                'nodes named by the blocks of the parameter file; rename one by NODE:__node:=NAME'
            )
            raise ConfigError('command line', [Problem('-r', word, text)])
    files = [
        Path(given[index + 1]).expanduser()
        for index, word in enumerate(given[:-1])
        if word == '--params-file'
    ]
    if not files:
        text = '--ros-args --params-file robot.yaml'
        raise ConfigError('command line', [Problem('--params-file', '', text)])
    return files


def _warn(files: Sequence[Path], given: Sequence[str]) -> None:
    """Say what is wrong with the file: ROS ignores a parameter that no node knows."""
    if len(files) > 1:  # a launch file's additions; it has checked what it was given
        return
    bundle = next((word for word in given if word.startswith('bundle:=')), None)
    try:
        read_robot(files[0], bundle=bundle)
    except ConfigError as error:
        rclpy.logging.get_logger('perception').warning(str(error))


def _make(name: str) -> ManagedNode | None:
    try:
        return FusionNode() if name == FUSION else EncoderNode(node_name=name)
    except Exception as error:  # noqa: BLE001  must not stop the others
        if not rclpy.ok():  # a signal took the context away under its feet
            return None
        log = rclpy.logging.get_logger(name)
        foreseen = isinstance(error, OmniBindError) or 'Parameter' in type(error).__name__
        log.error(f'not started: {error if foreseen else traceback.format_exc()}')
        return None


def _build(names: Sequence[str]) -> int:
    """Load every sensor's model once, which is what prepares it."""
    code = 0
    for name in names:
        node = None if name == FUSION else _make(name)
        if node is None:
            code = code if name == FUSION else 1
            continue
        try:
            wanted = read_parameters(node, EncoderParameters)
            loaded = Recognizer.load(
                wanted.bundle,
                modalities=(wanted.modality,),
                backend=wanted.backend,
                fuse=False,
                tensorrt=TensorRtSettings(precision=wanted.precision),
            )
        except OmniBindError as error:
            print(f'{name}: {error}', file=sys.stderr)
            code = 1
            continue
        finally:
            node.destroy_node()
        code = code if _prepared(name, loaded) else 1
    return code


def _prepared(name: str, loaded: Recognizer) -> bool:
    """Say what came of it; false where there is a GPU and the next start finds no engine."""
    if loaded.backend_problems:
        print(f'{name}: not prepared: {"; ".join(loaded.backend_problems)}', file=sys.stderr)
        return False
    if loaded.backend == 'onnxruntime':
        print(
            f'{name}: ONNX Runtime ({loaded.backend_reason}) runs the model as it is; '
            'it needs no preparation'
        )
    else:
        print(f'{name}: ready for {loaded.backend} ({loaded.backend_reason})')
    return True
