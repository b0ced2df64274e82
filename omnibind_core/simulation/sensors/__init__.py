"""The sensors: one module each, what it would give of a thing and of nothing."""
