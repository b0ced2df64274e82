"""What can be wrong with a teacher."""

from __future__ import annotations

from omnibind_core.errors import OmniBindError


class TeacherError(OmniBindError):
    """A teacher's files are missing, altered or not usable; the message names the file."""
