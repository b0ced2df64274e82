"""The TensorRT back end: engines built on the robot, kept in a cache, run on its GPU.

The TensorRT module and CUDA are parameters everywhere, so that one source runs against TensorRT,
TensorRT-RTX, and a strict fake. Nothing here is imported unless it is wanted.
"""
