"""YAML files into frozen dataclasses, with every problem reported at once."""
