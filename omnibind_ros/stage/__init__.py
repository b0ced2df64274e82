"""Nodes as real processes in a domain of their own, watched from outside."""
