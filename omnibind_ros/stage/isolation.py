"""A DDS domain of one's own on this machine, with the profile that carries large messages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import os
from pathlib import Path

from omnibind_core.errors import UnavailableError

# Where no coordinator is installed: a domain that is seldom anybody's.
_FALLBACK = 99
_PROFILES = ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE')
_THREADS = ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS')


def share() -> Path:
    """The installed package's shared files.

    :raises UnavailableError: the package is not built, or its environment not entered.
    """
    try:
        from ament_index_python.packages import get_package_share_directory

        return Path(get_package_share_directory('omnibind'))
    except (ImportError, LookupError, OSError) as error:
        raise UnavailableError(
            f'the ROS package omnibind is not found ({type(error).__name__}): build it and source '
            "its setup file, or enter `make shell` in OmniBind's checkout"
        ) from error


@contextmanager
def isolated() -> Iterator[int]:
    """Set this process's environment, which its children inherit, until the end; the domain's id.

    :raises UnavailableError: see :func:`share`.
    """
    profile = str(share() / 'config' / 'dds' / 'fastdds_localhost.xml')
    before = dict(os.environ)
    with _domain() as number:
        os.environ.update(
            {
                'ROS_DOMAIN_ID': str(number),
                'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST',
                **dict.fromkeys(_PROFILES, profile),
                **dict.fromkeys(_THREADS, '1'),
            }
        )
        try:
            yield number
        finally:
            os.environ.clear()
            os.environ.update(before)


@contextmanager
def _domain() -> Iterator[int]:
    try:
        from domain_coordinator import domain_id
    except ImportError:
        yield _FALLBACK
        return
    with domain_id() as number:
        yield number
