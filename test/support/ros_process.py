"""Node processes for tests: started from the installed package, observed by their output."""

from omnibind_ros.stage.ros_process import executable
from omnibind_ros.stage.ros_process import ros_arguments
from omnibind_ros.stage.ros_process import RosProcess
from omnibind_ros.stage.ros_process import STOP_TIMEOUT

__all__ = ['STOP_TIMEOUT', 'RosProcess', 'executable', 'ros_arguments']
