"""The demo without ROS: what was heard becomes a view, and a view becomes a screen or lines."""
