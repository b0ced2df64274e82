"""A bundle on disk: everything a robot needs, verified before it is used (design: "Bundle")."""

from __future__ import annotations

from dataclasses import dataclass
import hashlib
import json
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
from omnibind_core.modalities.registry import modality
from omnibind_core.modalities.registry import NAMES

MANIFEST_NAME = 'bundle.json'
MAX_MANIFEST_BYTES = 10_000_000
MAX_FILE_BYTES = 2_000_000_000


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

        :raises BundleError: when it is missing, outside the folder, too large or altered.
        """
        path = _inside(self.folder, entry.path)
        try:
            size = path.stat().st_size
            if size > MAX_FILE_BYTES:
                raise BundleError(f'{path}: {size} bytes; at most {MAX_FILE_BYTES} are read')
            content = path.read_bytes()
        except OSError as error:
            raise BundleError(f'{path}: {error.strerror}; export the bundle again') from error
        digest = hashlib.sha256(content).hexdigest()
        if digest != entry.sha256.lower():
            raise BundleError(
                f'{path}: SHA-256 is {digest[:12]}..., the bundle says {entry.sha256[:12]}...: '
                'the file was altered or copied incompletely; copy the bundle again'
            )
        return content

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
            return LabelBank(
                class_ids=entry.class_ids,
                names=entry.names,
                embeddings=embeddings,
                space=self.manifest.space,
            )
        except (SafetensorError, KeyError, InputError, ConfigError) as error:
            raise BundleError(f'{self.folder / entry.embeddings.path}: {error}') from error


def open_bundle(folder: Path | str) -> Bundle:
    """Read a bundle's table of contents.

    :raises BundleError: naming the file, with every problem found in it.
    """
    root = Path(folder).expanduser().resolve()
    path = root / MANIFEST_NAME
    try:
        if path.stat().st_size > MAX_MANIFEST_BYTES:
            raise BundleError(f'{path}: larger than {MAX_MANIFEST_BYTES} bytes')
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise BundleError(f'{path}: {error.strerror}; is this the folder of a bundle?') from error
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
    labels = manifest.labels
    if len(labels.class_ids) != len(labels.names):
        problems.append(
            Problem('labels.names', f'{len(labels.names)} names', f'{len(labels.class_ids)}')
        )
    if problems:
        raise BundleError(str(ConfigError(str(path), problems)))
    return Bundle(root, manifest, specifications)


def _inside(folder: Path, name: str) -> Path:
    """A file of the bundle; a path that leads out of its folder is refused."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder):
        raise BundleError(f'{folder}: {name!r} leads outside the bundle; it is not read')
    return path
