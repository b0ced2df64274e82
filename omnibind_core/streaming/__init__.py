"""What arrives over time: windows, sensor health, ring buffers; time is always an argument."""
