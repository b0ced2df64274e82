"""The contents of `bundle.json`: what a bundle holds, and what each model expects.

The file is JSON, is read into frozen dataclasses, and everything wrong with it is reported at once.
Its last entry seals it, as the digests in it seal the other files.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from typing import Any

from omnibind_core.configuration.option import option

SCHEMA = 1
MAX_FILE_BYTES = 2_000_000_000  # what a protocol buffer can hold


@dataclass(frozen=True, kw_only=True)
class FileEntry:
    """One file of a bundle.

    :param path: relative to the bundle's folder.
    :param sha256: of its bytes, checked before anything reads it.
    :param size: of the file in bytes; no more is ever read.
    """

    path: str = option(text='File name within the bundle.')
    sha256: str = option(text='SHA-256 of the file, hexadecimal.')
    size: int = option(text='Bytes.', minimum=1, maximum=MAX_FILE_BYTES)


@dataclass(frozen=True, kw_only=True)
class ModelEntry:
    """One student encoder.

    :param model: ONNX file: ``input [b, *shape] -> embedding [b, d]``.
    :param specification: fields of the modality's input specification.
    :param temperature: divides this sensor's logits so that its posterior is calibrated.
    :param training: summary of how it was made, for people.
    """

    model: FileEntry = option(text='The ONNX file.')
    specification: dict[str, Any] = field(default_factory=dict)
    temperature: float = option(0.07, 'Calibrates its posterior.', minimum=1e-4, maximum=100.0)
    training: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class FusionEntry:
    """The learned fusion.

    :param model: ONNX file; its contract is in :mod:`~omnibind_core.inference.fusion_session`.
    :param modalities: what it was trained with, in the order of the indices it takes.
    :param training: summary of how it was made, for people.
    """

    model: FileEntry = option(text='The ONNX file.')
    modalities: tuple[str, ...] = option(text='Modalities by the index that the model takes.')
    training: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TextEntry:
    """A text encoder of the same space, for labels that are not in the bundle.

    :param model: ONNX file.
    :param tokenizer: its ``tokenizer.json``.
    :param projection: safetensors file: from the encoder's vectors into the space.
    :param templates: sentences with {} where the label stands; their embeddings are averaged.
    :param teacher: kind of teacher it belongs to, ``conse``.
    """

    model: FileEntry = option(text='The ONNX file.')
    tokenizer: FileEntry = option(text='The tokenizer.json.')
    projection: FileEntry = option(text='The safetensors file of the projection.')
    templates: tuple[str, ...] = option(text='Sentences with {} where the label stands.')
    teacher: str = option('', 'Kind of teacher it belongs to.')


@dataclass(frozen=True, kw_only=True)
class LabelsEntry:
    """The labels that recognitions are made of.

    :param embeddings: safetensors file with ``embeddings`` float32 [c, d].
    :param class_ids: stable identifiers [c].
    :param names: names for people [c].
    """

    embeddings: FileEntry = option(text='The safetensors file.')
    class_ids: tuple[str, ...] = option(text='Stable identifiers of the classes.')
    names: tuple[str, ...] = option(text='Names of the classes, for people.')


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Measured on held-out data.

    :param temperature: divides the logits of the mean, which fuses where there is no fusion model;
        the logits of a fusion model are calibrated as they are.
    :param abstain_below: abstain when the best class is less probable than this.
    """

    temperature: float = option(0.07, 'Divides the mean logits.', minimum=1e-4, maximum=100.0)
    abstain_below: float = option(0.0, 'Abstention threshold.', minimum=0.0, maximum=1.0)


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A bundle's table of contents.

    :param schema: version of this format.
    :param bundle_id: name, and digest of all that recognitions are made of; published as ``model``.
    :param space: identifies (teacher, dimension, projection); only equal spaces are ever fused.
    :param dimension: d, the length of the embeddings.
    :param fusion: none: the mean fuses.
    :param text: none: the labels are the bundle's own.
    :param sha256: seals this file: SHA-256 of its bytes with 64 zeros in this place.
    """

    schema: int = option(text='Format version.', choices=(SCHEMA,))
    bundle_id: str = option(text='Name of this bundle.')
    space: str = option(text='Identifier of the embedding space.')
    dimension: int = option(text='Length of the embeddings.', minimum=2, maximum=8192)
    modalities: dict[str, ModelEntry] = option(text='Encoders by modality.')
    labels: LabelsEntry = option(text='The labels.')
    fusion: FusionEntry | None = option(None, 'The learned fusion.')
    text: TextEntry | None = option(None, 'The text encoder.')
    calibration: Calibration = field(default_factory=Calibration)
    licences: tuple[str, ...] = option((), 'Licences of what it was made from.')
    sha256: str = option(text='SHA-256 that seals this file.')
