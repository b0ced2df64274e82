"""The models of a bundle, opened and checked against its table of contents."""

from __future__ import annotations

from collections.abc import Iterable

from omnibind_core.errors import BackendError
from omnibind_core.errors import BundleError
from omnibind_core.errors import SpaceError
from omnibind_core.inference.bundle import Bundle
from omnibind_core.inference.fusion_session import FusionSession
from omnibind_core.inference.onnx_session import OnnxSession
from omnibind_core.inference.projection import read_projection
from omnibind_core.inference.text_encoder import TextEncoder
from omnibind_core.inference.text_space import text_space


def check_modalities(bundle: Bundle, wanted: Iterable[str]) -> None:
    """Whether the bundle has an encoder for each.

    :raises BackendError: naming what it has.
    """
    entries = bundle.manifest.modalities
    for name in wanted:
        if name not in entries:
            raise BackendError(
                f'{bundle.folder}: no encoder for {name!r}; it has {", ".join(entries) or "none"}'
            )


def open_encoder(bundle: Bundle, modality: str, *, threads: int = 1) -> OnnxSession:
    """One encoder.

    :raises BundleError: when its file is missing, altered, or no complete ONNX model.
    :raises BackendError: when the bundle has none, ONNX Runtime refuses it, or it takes or makes
        another shape than the table of contents says.
    """
    check_modalities(bundle, [modality])
    entry = bundle.manifest.modalities[modality].model
    session = OnnxSession(bundle.read_bytes(entry), name=str(bundle.path(entry)), threads=threads)
    session.check(bundle.specifications[modality].shape, bundle.manifest.dimension)
    return session


def open_fusion(bundle: Bundle) -> FusionSession | None:
    """The learned fusion; none where the bundle has none.

    :raises BundleError: as :func:`open_encoder`.
    :raises BackendError: when ONNX Runtime refuses it, or its signature is another.
    """
    entry = bundle.manifest.fusion
    if entry is None:
        return None
    return FusionSession(
        bundle.read_bytes(entry.model),
        name=str(bundle.path(entry.model)),
        modalities=entry.modalities,
        dimension=bundle.manifest.dimension,
    )


def check_models(bundle: Bundle) -> None:
    """Read every file and open every model, to see whether they fit each other.

    :raises BundleError: naming the file that is missing, altered, or of the wrong kind.
    :raises BackendError: naming the model that ONNX Runtime refuses, or whose signature is another.
    """
    bundle.labels()
    for modality in bundle.manifest.modalities:
        open_encoder(bundle, modality)
    open_fusion(bundle)
    if bundle.manifest.text is not None:
        open_text(bundle)


def open_text(bundle: Bundle) -> TextEncoder:
    """The text encoder.

    :raises BundleError: when the bundle has none, with how to add one; and as :func:`open_encoder`.
    :raises SpaceError: when it embeds into another space.
    :raises UnavailableError: when the package that reads its tokenizer is not installed.
    :raises BackendError: when its model or tokenizer cannot be used.
    """
    entry = bundle.manifest.text
    if entry is None:
        raise BundleError(
            f'{bundle.folder}: has no text encoder, so that its labels are fixed; add one with '
            '`omnibind bundle add-text`'
        )
    name = str(bundle.path(entry.model))
    model = bundle.read_bytes(entry.model)
    path = bundle.path(entry.projection)
    projection = read_projection(bundle.read_bytes(entry.projection), name=str(path))
    if projection.dimension != bundle.manifest.dimension:
        allowed = f'{bundle.manifest.dimension}'
        raise SpaceError(f'{path}: length of vectors', projection.dimension, allowed)
    encoder = TextEncoder(model, bundle.read_bytes(entry.tokenizer), projection, name=name)
    space = text_space(entry.teacher, encoder)
    if space != bundle.manifest.space:
        raise SpaceError(f'{path}: space', space, bundle.manifest.space)
    return encoder
