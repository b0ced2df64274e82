"""A bundle on disk: everything a robot needs, verified before it is used (design: "Bundle")."""

from __future__ import annotations

from dataclasses import dataclass
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from omnibind_core.configuration.reader import collect
from omnibind_core.configuration.reader import read
from omnibind_core.errors import BundleError
from omnibind_core.errors import ConfigError
from omnibind_core.errors import InputError
from omnibind_core.errors import Problem
from omnibind_core.inference.label_bank import LabelBank
from omnibind_core.inference.manifest import FileEntry
from omnibind_core.inference.manifest import Manifest
from omnibind_core.inference.manifest_seal import is_sealed
from omnibind_core.modalities.registry import modality
from omnibind_core.modalities.registry import NAMES
from omnibind_core.modalities.text import TextSpecification

MANIFEST_NAME = 'bundle.json'
MAX_MANIFEST_BYTES = 10_000_000


@dataclass(frozen=True)
class Bundle:
    """A bundle whose table of contents was read and checked; its files are verified when read.

    :param folder: where it lies, resolved.
    :param manifest: its table of contents.
    :param specifications: the input specification of each modality.
    """

    folder: Path
    manifest: Manifest
    specifications: dict[str, Any]

    def read_bytes(self, entry: FileEntry) -> bytes:
        """The bytes of one file, only if they are the ones the bundle was made with.

        :raises BundleError: when it is missing, outside the folder, no file, or altered.
        """
        path = self.path(entry)
        content, size = _read(path, entry.size, 'copy the bundle again')
        if size != entry.size:
            raise BundleError(
                f'{path}: {size} bytes, the bundle says {entry.size}: the file was altered or '
                'copied incompletely; copy the bundle again'
            )
        digest = hashlib.sha256(content).hexdigest()
        if digest != entry.sha256.lower():
            raise BundleError(
                f'{path}: SHA-256 is {digest[:12]}..., the bundle says {entry.sha256[:12]}...: '
                'the file was altered or copied incompletely; copy the bundle again'
            )
        return content

    def path(self, entry: FileEntry) -> Path:
        """Where a file of the bundle lies.

        :raises BundleError: when that is outside the folder.
        """
        return _inside(self.folder, entry.path)

    def files(self) -> dict[str, FileEntry]:
        """Every file but the table of contents itself, by what it is: ``image model``."""
        manifest = self.manifest
        found = {f'{name} model': entry.model for name, entry in manifest.modalities.items()}
        found['label embeddings'] = manifest.labels.embeddings
        if manifest.fusion is not None:
            found['fusion model'] = manifest.fusion.model
        if manifest.text is not None:
            found['text model'] = manifest.text.model
            found['text tokenizer'] = manifest.text.tokenizer
            found['text projection'] = manifest.text.projection
        return found

    def labels(self) -> LabelBank:
        """The labels with their embeddings.

        :raises BundleError: when the file is damaged or does not fit the manifest.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load

        entry = self.manifest.labels
        content = self.read_bytes(entry.embeddings)
        try:
            embeddings = load(content)['embeddings']
            bank = LabelBank(
                class_ids=entry.class_ids,
                names=entry.names,
                embeddings=embeddings,
                space=self.manifest.space,
            )
        except (SafetensorError, KeyError, InputError, ConfigError) as error:
            raise BundleError(f'{self.path(entry.embeddings)}: {error}') from error
        if bank.dimension != self.manifest.dimension:
            raise BundleError(
                f'{self.path(entry.embeddings)}: embeddings of length {bank.dimension}; '
                f'those of this bundle have {self.manifest.dimension}'
            )
        return bank


def open_bundle(folder: Path | str) -> Bundle:
    """Read a bundle's table of contents.

    :raises BundleError: naming the file, with every problem found in it.
    """
    root = Path(folder).expanduser().resolve()
    path = root / MANIFEST_NAME
    raw, size = _read(path, MAX_MANIFEST_BYTES, 'is this the folder of a bundle?')
    if size > MAX_MANIFEST_BYTES:
        raise BundleError(f'{path}: {size} bytes; at most {MAX_MANIFEST_BYTES} are read')
    try:
        content = json.loads(raw.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BundleError(f'{path}: not valid JSON ({error})') from error
    problems: list[Problem] = []
    specifications: dict[str, Any] = {}
    try:
        manifest = read(Manifest, content, source=str(path))
    except ConfigError as error:
        raise BundleError(str(error)) from error
    for name, entry in manifest.modalities.items():
        if name not in NAMES:
            problems.append(Problem(f'modalities.{name}', repr(name), ', '.join(NAMES)))
            continue
        key = f'modalities.{name}.specification'
        # JSON knows no tuples; the reader takes lists for them.
        specifications[name] = collect(
            modality(name).specification, entry.specification, key, problems
        )
    _check_parts(manifest, problems)
    if problems:
        raise BundleError(str(ConfigError(str(path), problems)))
    if not is_sealed(raw, manifest.sha256):
        raise BundleError(
            f'{path}: was altered after it was written, or copied incompletely; '
            'copy or export the bundle again'
        )
    return Bundle(root, manifest, specifications)


def _check_parts(manifest: Manifest, problems: list[Problem]) -> None:
    """What concerns several entries."""
    labels = manifest.labels
    if len(labels.class_ids) != len(labels.names):
        problems.append(
            Problem('labels.names', f'{len(labels.names)} names', f'{len(labels.class_ids)}')
        )
    if manifest.fusion is not None:
        known = manifest.fusion.modalities
        if not known or len(set(known)) != len(known):
            problems.append(
                Problem('fusion.modalities', ', '.join(known), 'at least one, each only once')
            )
    if manifest.text is not None:
        given = {'templates': manifest.text.templates}
        collect(TextSpecification, given, 'text', problems)


def _no_constant(text: str) -> None:
    raise ValueError(f'{text} is no JSON')


def _read(path: Path, most: int, remedy: str) -> tuple[bytes, int]:
    """A regular file's bytes, none where there are more than ``most``, and its size."""
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for
            raise BundleError(f'{path}: no regular file; {remedy}')
        with path.open('rb') as stream:
            size = os.fstat(stream.fileno()).st_size
            content = stream.read(most + 1) if size <= most else b''
    except OSError as error:
        raise BundleError(f'{path}: {error.strerror}; {remedy}') from error
    return content, max(size, len(content))


def _inside(folder: Path, name: str) -> Path:
    """A file of the bundle; a path that leads out of its folder is refused."""
    try:
        path = (folder / name).resolve()
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a null character
        raise BundleError(f'{folder}: {name!r} is no usable path: {error}') from error
    if not path.is_relative_to(folder):
        raise BundleError(f'{folder}: {name!r} leads outside the bundle; it is not read')
    return path
