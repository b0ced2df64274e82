"""Writing a bundle: complete in a folder beside, then moved into place."""

from __future__ import annotations

from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
import hashlib
import json
import os
from pathlib import Path
import re
import shutil
import tempfile
from typing import Any

from omnibind_core.errors import BundleError
from omnibind_core.errors import InputError
from omnibind_core.inference.bundle import MANIFEST_NAME
from omnibind_core.inference.bundle import open_bundle
from omnibind_core.inference.bundle_models import check_models
from omnibind_core.inference.label_bank import LabelBank
from omnibind_core.inference.manifest import Calibration
from omnibind_core.inference.manifest import FileEntry
from omnibind_core.inference.manifest import FusionEntry
from omnibind_core.inference.manifest import LabelsEntry
from omnibind_core.inference.manifest import Manifest
from omnibind_core.inference.manifest import ModelEntry
from omnibind_core.inference.manifest import SCHEMA
from omnibind_core.inference.manifest_seal import BLANK
from omnibind_core.inference.manifest_seal import seal

_PROVISIONAL = 'unnamed'
_NAME = re.compile(r'[A-Za-z0-9_.-]{1,64}')


@dataclass(frozen=True)
class EncoderExport:
    """One encoder to be put into a bundle.

    :param model: the ONNX file's bytes.
    :param specification: the modality's input specification it was trained with.
    :param temperature: divides its logits, so that its posterior is calibrated.
    :param training: summary of how it was made, for people.
    """

    model: bytes
    specification: Any
    temperature: float = 0.07
    training: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FusionExport:
    """The learned fusion to be put into a bundle.

    :param model: the ONNX file's bytes.
    :param modalities: what it was trained with, in the order of the indices it takes.
    :param training: summary of how it was made, for people.
    """

    model: bytes
    modalities: tuple[str, ...]
    training: dict[str, Any] = field(default_factory=dict)


def write_bundle(
    folder: Path,
    *,
    name: str,
    encoders: dict[str, EncoderExport],
    labels: LabelBank,
    fusion: FusionExport | None = None,
    calibration: Calibration | None = None,
    licences: tuple[str, ...] = (),
) -> Path:
    """Write a bundle, and read it back before it takes its place.

    :param folder: must not exist yet.
    :param name: start of the bundle's id; a digest of its contents is appended.
    :raises InputError: for a name with other signs than letters, digits, ``_``, ``.`` and ``-``.
    :raises BundleError: when the folder exists, or what was written cannot be read.
    :raises BackendError: when a model cannot be loaded, or has another signature.
    """
    from safetensors.numpy import save

    if not _NAME.fullmatch(name):
        raise InputError('name', repr(name), '1 to 64 letters, digits, _, . and -')
    if folder.exists() or folder.is_symlink():
        raise BundleError(f'{folder}: exists already; choose another folder or remove it')
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f'.{folder.name}.', dir=folder.parent))
    try:
        manifest = Manifest(
            schema=SCHEMA,
            bundle_id=_PROVISIONAL,
            space=labels.space,
            dimension=labels.dimension,
            modalities={
                modality: ModelEntry(
                    model=write_file(work, f'{modality}.onnx', export.model),
                    specification=asdict(export.specification),
                    temperature=export.temperature,
                    training=export.training,
                )
                for modality, export in encoders.items()
            },
            labels=LabelsEntry(
                embeddings=write_file(
                    work, 'labels.safetensors', save({'embeddings': labels.embeddings})
                ),
                class_ids=labels.class_ids,
                names=labels.names,
            ),
            fusion=None
            if fusion is None
            else FusionEntry(
                model=write_file(work, 'fusion.onnx', fusion.model),
                modalities=fusion.modalities,
                training=fusion.training,
            ),
            calibration=calibration or Calibration(),
            licences=licences,
            sha256=BLANK,
        )
        manifest = replace(manifest, bundle_id=f'{name}-{identity(manifest)[:12]}')
        (work / MANIFEST_NAME).write_bytes(manifest_bytes(manifest))
        check_models(open_bundle(work))
        work.chmod(0o755)
        work.rename(folder)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return folder


def write_file(folder: Path, name: str, content: bytes) -> FileEntry:
    """One file of a bundle, on the disk before anything names it."""
    with (folder / name).open('wb') as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    return FileEntry(path=name, sha256=hashlib.sha256(content).hexdigest(), size=len(content))


def identity(manifest: Manifest) -> str:
    """SHA-256 over everything that recognitions are made of: two bundles with the same identity
    recognise the same. Summaries for people, licences and the text encoder are no part of it.
    """
    content = asdict(manifest)
    for left_out in ('bundle_id', 'sha256', 'licences', 'text'):
        del content[left_out]
    for entry in (*content['modalities'].values(), content['fusion'] or {}):
        entry.pop('training', None)
    text = json.dumps(content, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode('ascii')).hexdigest()


def manifest_bytes(manifest: Manifest) -> bytes:
    """A table of contents as it stands in the file, sealed.

    :raises BundleError: for values that JSON does not have, such as NaN in a summary.
    """
    try:
        text = json.dumps(asdict(replace(manifest, sha256=BLANK)), indent=2, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise BundleError(f'{MANIFEST_NAME}: cannot be written as JSON: {error}') from error
    if text.count(BLANK) != 1:
        raise BundleError(f'{MANIFEST_NAME}: {BLANK} may stand in it only once, as its own seal')
    return seal(text + '\n')
