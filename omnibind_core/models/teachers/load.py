"""A teacher by what the user called it."""

from __future__ import annotations

from pathlib import Path

from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.inference.projection import Projection
from omnibind_core.models.teachers.conse import ConSEOptions
from omnibind_core.models.teachers.teacher import Teacher

CONSE = 'conse'


def load_teacher(
    given: str, options: ConSEOptions | None = None, *, projection: Projection | None = None
) -> Teacher:
    """``conse``, or the folder of a CLIP-like checkpoint.

    :param given: the word, or a path.
    :param options: of ConSE.
    :param projection: ConSE's, of an earlier run; see :func:`~.conse_packages.load_conse`.
    :raises ConfigError: neither, or options that a CLIP-like checkpoint does not have.
    :raises UnavailableError: a package is not installed; names it.
    :raises TeacherError: files are missing, altered or not usable.
    """
    if given == CONSE:
        from omnibind_core.models.teachers.conse_packages import load_conse

        return load_conse(options, projection=projection)
    if not Path(given).expanduser().is_dir():
        problem = Problem('teacher', repr(given), f'{CONSE}, or the folder of a checkpoint')
        raise ConfigError('teacher', [problem])
    if options is not None or projection is not None:
        problem = Problem('dimension, projection', given, f'only for the teacher {CONSE}')
        raise ConfigError('teacher', [problem])
    from omnibind_core.models.teachers.clip import load_clip

    return load_clip(Path(given))
