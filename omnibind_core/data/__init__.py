"""Labelled sensor readings on disk: manifests, shards, tuples of modalities, loaders; no torch."""
