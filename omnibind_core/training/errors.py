"""What can go wrong in training: each error names the run or the file and says what to do."""

from __future__ import annotations

from omnibind_core.errors import OmniBindError


class TrainingError(OmniBindError):
    """A run cannot begin or go on; the message names it and what is intact."""


class CheckpointError(TrainingError):
    """A run's checkpoint is broken or belongs to another run; the message names the file."""
