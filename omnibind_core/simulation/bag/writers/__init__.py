"""Raw sensor data into ROS messages, serialised: one file for each kind of message."""
