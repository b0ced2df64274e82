"""The nodes' entry points; on a machine without ROS each says so in one sentence."""

from __future__ import annotations

from importlib import import_module
import os
import sys


def encoder() -> int:
    """Run one encoder node."""
    return _run('encoder', 'omnibind_ros.encoder_node')


def fusion() -> int:
    """Run the fusion node."""
    return _run('fusion', 'omnibind_ros.fusion_node')


def perception() -> int:
    """Run all nodes of one parameter file in this process."""
    return _run('perception', 'omnibind_ros.perception')


def bag_player() -> int:
    """Play a bag into the graph."""
    return _run('bag_player', 'omnibind_ros.bag_player')


def _run(name: str, module: str) -> int:
    tune()
    try:
        import rclpy  # noqa: F401
    except ImportError as error:
        print(
            f'error: `{name}` is a ROS 2 node and rclpy cannot be imported ({error}): '
            "source a ROS installation, or enter `make shell` in OmniBind's checkout",
            file=sys.stderr,
        )
        return 1
    try:
        code: int = import_module(module).main()
    except KeyboardInterrupt:  # before rclpy's own handler was there
        return 0
    except RuntimeError as error:
        # rclpy has no public name for a wrong command line.
        refused = str(error).startswith('failed to initialize rcl')
        if not refused and 'ROSArgs' not in type(error).__name__:
            raise
        # The reason, and where in rcl's source it was found.
        reason = str(error).splitlines()[0].partition(', at /')[0]
        print(f'error: {reason}', file=sys.stderr)
        return 1
    return code


def tune() -> None:
    """Set the process up for work in small pieces; to be called before numpy is imported.

    numpy's matrix products use all cores unless told otherwise, and their threads wait for each
    other: 18 ms instead of 0.7 for a spectrogram on a machine that has other things to do. And the
    thread that encodes must not wait 5 ms, Python's default, for the one that listens.
    """
    for variable in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'):
        os.environ.setdefault(variable, '1')
    sys.setswitchinterval(0.0005)
