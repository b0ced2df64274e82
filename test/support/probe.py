"""A node inside the test process: publishes, listens, and lets the test wait for events."""

from omnibind_ros.live_benchmark.probe import Heard
from omnibind_ros.live_benchmark.probe import InVainError
from omnibind_ros.live_benchmark.probe import Probe

__all__ = ['Heard', 'InVainError', 'Probe']
