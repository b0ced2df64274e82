"""What can be wrong with a sensor's data, at five severities, seeded: one file for each kind."""
