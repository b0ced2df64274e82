"""ROS messages into arrays and back: one file per message family.

Every function takes any object that has the message's attributes (see ``messages.py``), so the
live nodes (rclpy, ``array.array`` as data) and the offline evaluation (rosbags, numpy arrays as
data) share them, and no test needs ROS.
"""
