"""OmniBind's ROS 2 side: thin nodes over `omnibind_core`."""
