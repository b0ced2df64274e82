"""Giving a bundle a text encoder, so that a robot can recognise labels it was not exported with."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace
import hashlib
from pathlib import Path
import shutil
import tempfile

from omnibind_core.data.atomic_file import write_atomically
from omnibind_core.errors import BundleError
from omnibind_core.errors import SpaceError
from omnibind_core.inference.bundle import Bundle
from omnibind_core.inference.bundle import MANIFEST_NAME
from omnibind_core.inference.bundle import open_bundle
from omnibind_core.inference.bundle_models import open_text
from omnibind_core.inference.bundle_writer import manifest_bytes
from omnibind_core.inference.manifest import FileEntry
from omnibind_core.inference.manifest import TextEntry
from omnibind_core.inference.projection import Projection
from omnibind_core.inference.text_encoder import TextEncoder
from omnibind_core.inference.text_space import text_space
from omnibind_core.modalities.text import TextSpecification

_MODEL, _TOKENIZER = 'text.onnx', 'text_tokenizer.json'
_PROJECTION = 'text_projection.safetensors'


@dataclass(frozen=True)
class TextExport:
    """A text encoder to be put into a bundle.

    :param model: the ONNX file's bytes.
    :param tokenizer: the bytes of its ``tokenizer.json``.
    :param projection: into the bundle's space.
    :param teacher: kind of teacher it belongs to, ``conse``.
    :param templates: sentences with {} where the label stands.
    """

    model: bytes
    tokenizer: bytes
    projection: Projection
    teacher: str
    templates: tuple[str, ...] = TextSpecification().templates


def add_text(folder: Path, text: TextExport, *, out: Path | None = None) -> Path:
    """Add a text encoder to a bundle, or to a copy of it.

    Nothing of the bundle changes before everything is on the disk; then its table of contents is
    replaced in one step. The bundle's id stays: what it recognises is the same.

    :param folder: the bundle.
    :param out: where the copy shall be; ``None``: the bundle itself is changed.
    :raises BundleError: when the bundle cannot be read or has a text encoder, or ``out`` exists.
    :raises ConfigError: for unusable templates.
    :raises SpaceError: when the text encoder embeds into another space.
    :raises BackendError: when model or tokenizer cannot be used.
    :raises UnavailableError: when the package that reads the tokenizer is not installed.
    """
    bundle = open_bundle(folder)
    if bundle.manifest.text is not None:
        raise BundleError(f'{bundle.folder}: has a text encoder already')
    TextSpecification(text.templates)
    encoder = TextEncoder(text.model, text.tokenizer, text.projection, name='text encoder')
    space = text_space(text.teacher, encoder)
    if space != bundle.manifest.space:
        raise SpaceError('space of the text encoder', space, f'{bundle.manifest.space}, the bundle')
    if out is None:
        _add(bundle, text)
        return bundle.folder
    if out.exists() or out.is_symlink():
        raise BundleError(f'{out}: exists already; choose another folder or remove it')
    out.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f'.{out.name}.', dir=out.parent))
    try:
        for entry in bundle.files().values():
            (work / entry.path).parent.mkdir(parents=True, exist_ok=True)
            (work / entry.path).write_bytes(bundle.read_bytes(entry))
        shutil.copyfile(bundle.folder / MANIFEST_NAME, work / MANIFEST_NAME)
        _add(open_bundle(work), text)
        work.chmod(0o755)
        work.rename(out)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return out


def _add(bundle: Bundle, text: TextExport) -> None:
    taken = {Path(entry.path) for entry in bundle.files().values()}
    for name in (_MODEL, _TOKENIZER, _PROJECTION):
        if Path(name) in taken:
            raise BundleError(f'{bundle.folder / name}: belongs to another part of the bundle')
    try:
        entry = TextEntry(
            model=_write(bundle.folder / _MODEL, text.model),
            tokenizer=_write(bundle.folder / _TOKENIZER, text.tokenizer),
            projection=_write(bundle.folder / _PROJECTION, text.projection.to_bytes()),
            templates=text.templates,
            teacher=text.teacher,
        )
        changed = replace(bundle.manifest, text=entry)
        open_text(replace(bundle, manifest=changed))
        write_atomically(bundle.folder / MANIFEST_NAME, manifest_bytes(changed))
    except BaseException:
        for name in (_MODEL, _TOKENIZER, _PROJECTION):
            (bundle.folder / name).unlink(missing_ok=True)
        raise


def _write(path: Path, content: bytes) -> FileEntry:
    write_atomically(path, content)
    return FileEntry(path=path.name, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
