"""CLIP-like teachers: a checkpoint in a local folder, read by the library ``transformers``.

Any model with ``get_image_features`` and ``get_text_features`` (CLIP, Radford et al., 2021; SigLIP,
Zhai et al., 2023; and relatives), as ``save_pretrained`` or a download leaves it: ``config.json``,
safetensors, tokenizer, ``preprocessor_config.json``. Nothing is downloaded, no code of the
checkpoint is run, and weights in pickles are refused. The space is the model's own: such vectors
need no projection.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import UnavailableError
from omnibind_core.inference.projection import unit
from omnibind_core.modalities.picture import check_picture
from omnibind_core.modalities.text import normalise
from omnibind_core.models.teachers.errors import TeacherError

_MOST_AT_ONCE = 32
_LONGEST = 77  # tokens, where neither model nor tokenizer says how many
_CHUNK = 2**24


class ClipTeacher:
    """The teacher; made by :func:`load_clip`.

    :param model: of ``transformers``, in evaluation.
    :param processor: of ``transformers``, for pictures and texts.
    :param digest: of the checkpoint's files, hexadecimal.
    :raises TeacherError: the model gives no vectors for texts.
    """

    name = 'clip'

    def __init__(self, model: Any, processor: Any, digest: str) -> None:
        self._model = model
        self._processor = processor
        self._digest = digest
        self._longest = _token_limit(model, processor)
        self._dimension = int(self._texts(['a text']).shape[1])

    @property
    def space(self) -> str:
        """Hash of the checkpoint and the dimension; there is no projection."""
        content = f'{self.name} {self._digest} {self._dimension}'
        return f'{self.name}-{hashlib.sha256(content.encode()).hexdigest()[:16]}'

    @property
    def dimension(self) -> int:
        """Length ``d`` of the vectors."""
        return self._dimension

    @property
    def image_space(self) -> str:
        """The features are the vectors themselves."""
        return self.space

    @property
    def feature_dimension(self) -> int:
        """As :attr:`dimension`."""
        return self._dimension

    def image_features(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Pictures, uint8 ``[h, w, 3]`` RGB each, as float32 ``[n, d]``, unit.

        :raises InputError: for anything else.
        """
        import torch

        for image in images:
            check_picture(image, field='picture', channels=3, dtypes=(np.uint8,))
        parts = [np.zeros((0, self._dimension), np.float32)]
        for start in range(0, len(images), _MOST_AT_ONCE):
            batch = [np.array(image) for image in images[start : start + _MOST_AT_ONCE]]
            given = self._processor(images=batch, return_tensors='pt')
            with torch.inference_mode():
                found = self._model.get_image_features(pixel_values=given['pixel_values'])
            parts.append(unit(_vectors(found)))
        return np.concatenate(parts)

    def embed_features(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """The features, as they are."""
        return features

    def embed_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """As :meth:`image_features`."""
        return self.image_features(images)

    def embed_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Texts as float32 ``[n, d]``, unit; cut off after as many tokens as the model takes.

        :raises InputError: for a text that :func:`.normalise` refuses.
        """
        usual = [normalise(text) for text in texts]
        parts = [np.zeros((0, self._dimension), np.float32)]
        parts += [
            unit(self._texts(usual[start : start + _MOST_AT_ONCE]))
            for start in range(0, len(usual), _MOST_AT_ONCE)
        ]
        return np.concatenate(parts)

    def _texts(self, texts: list[str]) -> NDArray[np.floating]:
        import torch

        # to one length always, as these models were trained: some read the padding
        given = self._processor(
            text=texts,
            padding='max_length',
            truncation=True,
            max_length=self._longest,
            return_tensors='pt',
        )
        taken = {key: given[key] for key in ('input_ids', 'attention_mask') if key in given}
        with torch.inference_mode():
            return _vectors(self._model.get_text_features(**taken))


def load_clip(folder: Path) -> ClipTeacher:
    """A CLIP-like checkpoint from a local folder.

    :raises UnavailableError: ``transformers`` or ``torch`` is not installed.
    :raises TeacherError: it is no folder, has no safetensors, or ``transformers`` refuses it; the
        message names the folder.
    """
    try:
        import torch
        import transformers
    except ImportError as error:
        raise UnavailableError(
            f'a CLIP-like teacher needs the packages torch and transformers ({error})'
        ) from error
    path = folder.expanduser().resolve()
    if not (path / 'config.json').is_file():
        raise TeacherError(f'{path}: no folder of a checkpoint; config.json is missing')
    if not list(path.glob('*.safetensors')):
        raise TeacherError(
            f'{path}: no *.safetensors; weights in other files may run code when they are read '
            'and are refused: convert them on a machine you do not mind losing'
        )
    local: Mapping[str, Any] = {'local_files_only': True, 'trust_remote_code': False}
    try:
        model = transformers.AutoModel.from_pretrained(
            str(path), use_safetensors=True, dtype=torch.float32, **local
        )
        processor = transformers.AutoProcessor.from_pretrained(  # type: ignore[no-untyped-call]
            str(path), **local
        )
    except Exception as error:
        # the library raises about anything for a folder it cannot use
        first = str(error).strip().splitlines() or [type(error).__name__]
        raise TeacherError(f'{path}: transformers refuses the checkpoint: {first[0]}') from error
    missing = [
        name for name in ('get_image_features', 'get_text_features') if not hasattr(model, name)
    ]
    if missing:
        kind = type(model).__name__
        raise TeacherError(f'{path}: {kind} is no CLIP-like model: it has no {missing[0]}')
    model.eval().requires_grad_(False)
    return ClipTeacher(model, processor, folder_digest(path))


def folder_digest(folder: Path) -> str:
    """SHA-256 over names and contents of a checkpoint's files, hexadecimal."""
    digest = hashlib.sha256()
    suffixes = ('.json', '.safetensors', '.txt', '.model')
    for file in sorted(item for item in folder.iterdir() if item.suffix in suffixes):
        of_file = hashlib.sha256()
        with file.open('rb') as stream:
            while chunk := stream.read(_CHUNK):
                of_file.update(chunk)
        digest.update(f'{file.name}\0{of_file.hexdigest()}\0'.encode())
    return digest.hexdigest()


def _token_limit(model: Any, processor: Any) -> int:
    """How many tokens a text may have."""
    text = getattr(model.config, 'text_config', None)
    places = getattr(text, 'max_position_embeddings', None) or _LONGEST
    own = getattr(getattr(processor, 'tokenizer', None), 'model_max_length', places)
    return int(min(places, own))


def _vectors(found: Any) -> NDArray[np.floating]:
    """The vectors ``[n, d]`` in what a model's ``get_..._features`` returned.

    A tensor before version 5 of ``transformers``, an object with ``pooler_output`` since.
    """
    pooled = getattr(found, 'pooler_output', found)
    if getattr(pooled, 'ndim', 0) != 2:
        raise TeacherError(f'the model gives {type(found).__name__} instead of vectors [n, d]')
    return np.asarray(pooled.float().numpy())
