"""The modalities: one file each with its specification and its preprocessing, and a registry."""
