"""From a sensor's messages to what can be encoded: one by one, or assembled in a ring."""
