"""Intervals, tests and calibration: arrays in, numbers out."""
