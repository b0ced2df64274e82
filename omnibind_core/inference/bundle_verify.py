"""Everything that can be checked of a bundle on a machine without its data or its trainer."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from omnibind_core.errors import BackendError
from omnibind_core.errors import BundleError
from omnibind_core.errors import OmniBindError
from omnibind_core.errors import SpaceError
from omnibind_core.inference.bundle import Bundle
from omnibind_core.inference.bundle import MANIFEST_NAME
from omnibind_core.inference.bundle import open_bundle
from omnibind_core.inference.bundle_models import open_encoder
from omnibind_core.inference.bundle_models import open_fusion
from omnibind_core.inference.bundle_models import open_text
from omnibind_core.inference.fusion_contract import CHECKS
from omnibind_core.inference.fusion_session import FusionSession
from omnibind_core.inference.manifest import FileEntry
from omnibind_core.inference.onnx_file import check_onnx
from omnibind_core.inference.recognition import Token
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.inference.text_labels import label_vectors

OPSETS = (17, 18)
_BATCHES = (1, 2, 5)
_TOLERANCE = 1e-4
_LEAST_RIGHT = 0.5  # of the labels; by chance it would be one
_MOST_LABELS = 200


@dataclass(frozen=True)
class Check:
    """One thing that was checked.

    :param part: of the bundle: a file's name, or ``bundle``.
    :param claim: what was checked of it.
    :param found: what came out, when it is as it should be.
    :param problem: what is wrong; empty when nothing is.
    """

    part: str
    claim: str
    found: str = ''
    problem: str = ''


def verify_bundle(folder: Path | str) -> Iterator[Check]:
    """Check a bundle, going on after what is wrong.

    Every digest; every model's signature, and a run on random input at several batch sizes; the
    fusion's contract; that labels, encoders and text encoder live in one space; a recognition.

    :raises BundleError: when its table of contents cannot be read: nothing else can be checked.
    """
    bundle = open_bundle(folder)
    yield Check(MANIFEST_NAME, 'sealed', bundle.manifest.bundle_id)
    for part, claim, action in _actions(bundle):
        yield _checked(part, claim, action)


def _checked(part: str, claim: str, action: Callable[[], str]) -> Check:
    try:
        return Check(part, claim, found=action())
    except OmniBindError as error:
        return Check(part, claim, problem=str(error))


def _actions(bundle: Bundle) -> Iterator[tuple[str, str, Callable[[], str]]]:
    manifest = bundle.manifest
    for entry in bundle.files().values():
        yield entry.path, 'SHA-256', partial(_digest, bundle, entry)
    yield manifest.labels.embeddings.path, 'label embeddings', partial(_labels, bundle)
    for modality, encoder in manifest.modalities.items():
        yield encoder.model.path, 'opset', partial(_opset, bundle, encoder.model)
        yield encoder.model.path, 'runs', partial(_encoder, bundle, modality)
    if manifest.fusion is not None:
        path = manifest.fusion.model.path
        yield path, 'opset', partial(_opset, bundle, manifest.fusion.model)
        for claim, check in CHECKS.items():
            yield path, claim, partial(_fusion, bundle, check)
    if manifest.text is not None:
        yield manifest.text.model.path, 'embeds the labels', partial(_text, bundle)
    yield 'bundle', 'recognises', partial(_recognition, bundle)


def _digest(bundle: Bundle, entry: FileEntry) -> str:
    bundle.read_bytes(entry)
    return f'{entry.sha256[:12]}..., {entry.size} bytes'


def _labels(bundle: Bundle) -> str:
    bank = bundle.labels()
    return f'{len(bank)} labels, unit vectors of length {bank.dimension}'


def _opset(bundle: Bundle, entry: FileEntry) -> str:
    path = bundle.path(entry)
    opsets = check_onnx(bundle.read_bytes(entry), str(path)).opsets
    text = ', '.join(f'{domain or "ONNX"} {version}' for domain, version in opsets.items())
    if set(opsets) != {''} or opsets[''] not in OPSETS:
        raise BundleError(f'{path}: needs the operators of {text}; only ONNX 17 or 18 are allowed')
    return f'{text}, complete in itself'


def _encoder(bundle: Bundle, modality: str) -> str:
    """Any batch, finite vectors of the right length, and a batch is its parts."""
    session = open_encoder(bundle, modality)
    path = bundle.path(bundle.manifest.modalities[modality].model)
    random = np.random.default_rng(0)
    shape = bundle.specifications[modality].shape
    inputs = random.standard_normal((max(_BATCHES), *shape)).astype(np.float32)
    alone = np.concatenate([session.run(inputs[[row]]) for row in range(len(inputs))])
    if (np.linalg.norm(alone, axis=1) < _TOLERANCE).any():
        raise BackendError(f'{path}: gives vectors without a direction')
    for batch in _BATCHES:
        vectors = session.run(inputs[:batch])
        if vectors.shape != (batch, bundle.manifest.dimension) or not np.isfinite(vectors).all():
            raise BackendError(f'{path}: batch {batch} gives no finite {list(vectors.shape)}')
        difference = np.abs(vectors - alone[:batch]).max() / np.abs(alone).max()
        if not difference <= _TOLERANCE:
            raise BackendError(f'{path}: batch {batch} differs by {difference:.1e} from its parts')
    text = ', '.join(map(str, _BATCHES))
    return f'{list(shape)} -> [{bundle.manifest.dimension}], batch {text}'


def _fusion(bundle: Bundle, check: Callable[[FusionSession], str]) -> str:
    session = open_fusion(bundle)
    assert session is not None  # this is only called where there is one
    try:
        return check(session)
    except BackendError as error:
        entry = bundle.manifest.fusion
        assert entry is not None
        path = str(bundle.path(entry.model))
        raise BackendError(f'{error}' if path in str(error) else f'{path}: {error}') from error


def _text(bundle: Bundle) -> str:
    """The text encoder puts most labels next to where the bundle has them.

    Not exactly there: the bundle's may be embedded by more than their prompts.
    """
    encoder, bank = open_text(bundle), bundle.labels()
    entry = bundle.manifest.text
    assert entry is not None
    vectors = label_vectors(encoder, bank.class_ids, templates=entry.templates)
    nearest = (vectors @ bank.embeddings.T).argmax(axis=1)
    right = int((nearest == np.arange(len(bank))).sum())
    found = f'{right} of {len(bank)} labels are nearest to their own vectors'
    if right < _LEAST_RIGHT * len(bank):
        allowed = f'at least {_LEAST_RIGHT:.0%}'
        raise SpaceError(f'{bundle.path(entry.model)}: embeddings of the labels', found, allowed)
    return found


def _recognition(bundle: Bundle) -> str:
    """Each label's own vector, as if a sensor had given it, is recognised as that label."""
    recognizer = Recognizer.load(bundle.folder)
    bank = recognizer.labels
    modality = next(iter(bundle.manifest.modalities), 'image')
    tried = bank.class_ids[:_MOST_LABELS]
    for row, class_id in enumerate(tried):
        token = Token('test', modality, bank.embeddings[row], space=recognizer.space)
        found = recognizer.fuse([token], top_k=1)
        if found.class_ids[0] != class_id:
            raise BackendError(
                f'{bundle.folder}: the vector of {class_id!r} is recognised as '
                f'{found.class_ids[0]!r}'
            )
    return f'{len(tried)} labels by their own vectors; fusion: {recognizer.fusion}'
