"""Writing a bundle: complete in a folder beside, then moved into place."""

from __future__ import annotations

from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
import hashlib
import json
from pathlib import Path
import shutil
import tempfile
from typing import Any

from omnibind_core.errors import BundleError
from omnibind_core.inference.bundle import MANIFEST_NAME
from omnibind_core.inference.bundle import open_bundle
from omnibind_core.inference.label_bank import LabelBank
from omnibind_core.inference.manifest import Calibration
from omnibind_core.inference.manifest import FileEntry
from omnibind_core.inference.manifest import LabelsEntry
from omnibind_core.inference.manifest import Manifest
from omnibind_core.inference.manifest import ModelEntry
from omnibind_core.inference.manifest import SCHEMA


@dataclass(frozen=True)
class EncoderExport:
    """One encoder to be put into a bundle.

    :param model: the ONNX file's bytes.
    :param specification: the modality's input specification it was trained with.
    """

    model: bytes
    specification: Any
    temperature: float = 0.07
    training: dict[str, Any] = field(default_factory=dict)


def write_bundle(
    folder: Path,
    *,
    name: str,
    encoders: dict[str, EncoderExport],
    labels: LabelBank,
    calibration: Calibration | None = None,
    licences: tuple[str, ...] = (),
) -> Path:
    """Write a bundle and read it back.

    :param folder: must not exist yet.
    :param name: start of the bundle's id; a digest of its contents is appended.
    :raises BundleError: when the folder exists, or what was written cannot be read.
    """
    from safetensors.numpy import save

    if folder.exists():
        raise BundleError(f'{folder}: exists already; choose another folder or remove it')
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f'.{folder.name}.', dir=folder.parent))
    try:
        entries = {
            modality: ModelEntry(
                model=_write(work, f'{modality}.onnx', export.model),
                specification=asdict(export.specification),
                temperature=export.temperature,
                training=export.training,
            )
            for modality, export in encoders.items()
        }
        embeddings = _write(work, 'labels.safetensors', save({'embeddings': labels.embeddings}))
        digest = hashlib.sha256(
            ''.join([embeddings.sha256, *(e.model.sha256 for e in entries.values())]).encode()
        ).hexdigest()
        manifest = Manifest(
            schema=SCHEMA,
            bundle_id=f'{name}-{digest[:12]}',
            space=labels.space,
            dimension=labels.embeddings.shape[1],
            modalities=entries,
            labels=LabelsEntry(
                embeddings=embeddings, class_ids=labels.class_ids, names=labels.names
            ),
            calibration=calibration or Calibration(),
            licences=licences,
        )
        text = json.dumps(asdict(manifest), indent=2)
        (work / MANIFEST_NAME).write_text(text + '\n', encoding='utf-8')
        open_bundle(work).labels()
        work.chmod(0o755)
        work.rename(folder)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return folder


def _write(folder: Path, name: str, content: bytes) -> FileEntry:
    (folder / name).write_bytes(content)
    return FileEntry(path=name, sha256=hashlib.sha256(content).hexdigest())
