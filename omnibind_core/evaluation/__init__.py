"""Measuring: combinations of sensors, corruption, calibration, bags, speed; and the report."""
