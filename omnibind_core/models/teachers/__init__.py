"""Frozen teachers behind one interface: CLIP-like checkpoints, and ConSE from packages."""
