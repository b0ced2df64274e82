"""A robot's bag: a robot with six sensors visits household things, one after the other.

The sensors are those of :mod:`omnibind_core.simulation.sensors`, called again and again while the
robot sways a little before each thing; what they read is written as ROS messages into an MCAP file.
Nothing of ROS is imported: :mod:`rosbags` writes the file, and only when a bag is made.
"""
