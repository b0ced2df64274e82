"""Installation by pip, for training machines without ROS; everything stands in setup.cfg."""

from setuptools import setup

setup()
