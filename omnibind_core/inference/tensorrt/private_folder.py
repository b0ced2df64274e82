"""A folder that nobody but this user can have written to."""

from __future__ import annotations

import os
from pathlib import Path
import stat

from omnibind_core.inference.tensorrt.errors import EngineCacheError


def default_folder() -> Path:
    """Where engines are kept: ``$XDG_CACHE_HOME/omnibind/engines``, or below ``~/.cache``.

    :raises EngineCacheError: when there is no home directory.
    """
    given = os.environ.get('XDG_CACHE_HOME', '')
    if given and Path(given).is_absolute():  # others are to be ignored, says the specification
        return Path(given) / 'omnibind' / 'engines'
    try:
        return Path.home() / '.cache' / 'omnibind' / 'engines'
    except RuntimeError as error:
        raise EngineCacheError(
            'no place for the engine cache: there is no home directory; set XDG_CACHE_HOME'
        ) from error


def private_folder(folder: Path) -> Path:
    """Make a folder for this user alone, or see that it is one.

    An engine is executable code. So the folder must be the user's, and nobody else may write to it
    or put another one in its place. What others could only read is tightened.

    :return: where it really is.
    :raises EngineCacheError: with what is wrong, and what to do.
    """
    try:
        if folder.is_symlink():
            raise _refused(folder, 'it is a symbolic link')
        for missing in [one for one in (*reversed(folder.parents), folder) if not one.exists()]:
            missing.mkdir(mode=0o700, exist_ok=True)
        real = folder.resolve(strict=True)
        state = real.stat()
        if state.st_uid != os.geteuid():
            raise _refused(real, f'it belongs to user {state.st_uid}, not to {os.geteuid()}')
        if state.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            mode = stat.filemode(state.st_mode)
            raise _refused(real, f'others may write to it ({mode}); remove it')
        if stat.S_IMODE(state.st_mode) != 0o700:
            real.chmod(0o700)
        for parent in real.parents:
            _check_parent(real, parent)
    except OSError as error:
        raise EngineCacheError(f'engine cache {folder}: {error.strerror or error}') from error
    return real


def _check_parent(folder: Path, parent: Path) -> None:
    """Whether somebody else could exchange what lies in it."""
    state = parent.stat()
    if state.st_uid not in (0, os.geteuid()):
        raise _refused(folder, f'{parent} above it belongs to user {state.st_uid}')
    if state.st_mode & stat.S_IWOTH and not state.st_mode & stat.S_ISVTX:
        raise _refused(folder, f'everybody may write to {parent} above it')


def _refused(folder: Path, reason: str) -> EngineCacheError:
    return EngineCacheError(
        f'engine cache {folder} is not used, since engines are executable code: {reason}; or set '
        'XDG_CACHE_HOME to a folder of your own'
    )
