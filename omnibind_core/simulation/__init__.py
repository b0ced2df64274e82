"""The simulated household benchmark: meshes, a ray caster, and the sensors looking at them.

Needed to generate data and to train, never on the robot: nothing in the runtime imports it.
"""
