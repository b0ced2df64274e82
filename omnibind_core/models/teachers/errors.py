"""What can be wrong with a teacher."""

from __future__ import annotations

from omnibind_core.errors import OmniBindError


class TeacherError(OmniBindError):
    """A teacher's files, or vectors saved from one, cannot be used; the message names the file."""
