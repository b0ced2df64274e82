"""OmniBind's core: modalities, learning, inference and streaming, without ROS.

Nothing is imported here, so that ``import omnibind_core`` costs nothing: import the module needed.
"""

__version__ = '0.1.0'
