"""An adaptive fusion as an ONNX file, checked against torch."""

from __future__ import annotations

import copy

import numpy as np
from numpy.typing import NDArray
import torch
from torch import Tensor

from omnibind_core.models.adaptive_fusion import AdaptiveFusion
from omnibind_core.models.export import export_onnx
from omnibind_core.models.export import ExportError
from omnibind_core.models.export import TOLERANCE

_INPUTS = ('tokens', 'modality', 'mask', 'age', 'labels')
_OUTPUTS = ('logits', 'weights', 'sensor_logits', 'fused')
_CHECKED = ((1, 1, 1), (1, 1, 2), (1, 6, 30), (3, 9, 7))  # b, n, c


def export_fusion(fusion: AdaptiveFusion) -> bytes:
    """A fusion as an ONNX file of any batch, number of tokens and number of labels.

    :param fusion: it is left as it is.
    :raises ExportError: it cannot be exported, or ONNX Runtime's result differs from torch's by
        more than :data:`~omnibind_core.models.export.TOLERANCE`.
    """
    example = examples(fusion, 2, 3, 5)
    axes = {
        'tokens': {0: 'batch', 1: 'tokens'},
        'modality': {0: 'batch', 1: 'tokens'},
        'mask': {0: 'batch', 1: 'tokens'},
        'age': {0: 'batch', 1: 'tokens'},
        'labels': {0: 'labels'},
        'logits': {0: 'batch', 1: 'labels'},
        'weights': {0: 'batch', 1: 'tokens'},
        'sensor_logits': {0: 'batch', 1: 'tokens', 2: 'labels'},
        'fused': {0: 'batch'},
    }
    model = export_onnx(
        fusion, dict(zip(_INPUTS, example, strict=True)), outputs=_OUTPUTS, dynamic=axes
    )
    error = fusion_difference(fusion, model)
    if not error <= TOLERANCE:
        raise ExportError(
            f'the exported fusion differs from torch by {error:.2e} relative; allowed: '
            f'{TOLERANCE:.0e}. Some part of it does not export faithfully'
        )
    return model


def fusion_difference(fusion: AdaptiveFusion, model: bytes) -> float:
    """Largest difference between a fusion and its ONNX file, relative to the largest value.

    Over all outputs, and batches, numbers of tokens and of labels from 1 on.
    """
    from omnibind_core.inference.onnx_runtime import OnnxModel

    session = OnnxModel(model, name='the exported fusion')
    reference = copy.deepcopy(fusion).to(device='cpu', dtype=torch.float32).eval()
    worst = 0.0
    for sizes in _CHECKED:
        given = examples(fusion, *sizes)
        with torch.inference_mode():
            wanted = [output.numpy() for output in reference(*given)]
        arrays = {name: item.numpy() for name, item in zip(_INPUTS, given, strict=True)}
        found = session.run(arrays)
        for name, expected in zip(_OUTPUTS, wanted, strict=True):
            error = _difference(found[name], expected)
            worst = error if not error <= worst else worst  # NaN counts as worst
    return worst


def examples(
    fusion: AdaptiveFusion, b: int, n: int, c: int
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Random inputs, tokens near labels; the first token always takes part."""
    random = torch.Generator().manual_seed(b * 10_000 + n * 100 + c)
    labels = _unit(torch.randn(c, fusion.dimension, generator=random))
    near = labels[torch.randint(c, (b, n), generator=random)]
    tokens = _unit(near + _unit(torch.randn(b, n, fusion.dimension, generator=random)))
    modality = torch.randint(-1, len(fusion.modalities), (b, n), generator=random)
    mask = torch.rand(b, n, generator=random) < 0.7
    mask[:, 0] = True
    return tokens, modality, mask, torch.rand(b, n, generator=random), labels


def _difference(found: NDArray[np.float32], expected: NDArray[np.float32]) -> float:
    return float(np.abs(found - expected).max() / max(float(np.abs(expected).max()), 1e-12))


def _unit(vectors: Tensor) -> Tensor:
    return torch.div(vectors, torch.linalg.vector_norm(vectors, dim=-1, keepdim=True))
