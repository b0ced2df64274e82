"""The overlay: what the robot sees, what it takes it for, and which sensors made it say so."""
