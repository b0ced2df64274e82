from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
import torch

from omnibind_core.inference.fusion_contract import CHECKS
from omnibind_core.inference.fusion_session import FusionSession
from omnibind_core.models.adaptive_fusion import AdaptiveFusion
from omnibind_core.models.export import ExportError
from omnibind_core.models.fusion_design import FusionDesign
from omnibind_core.models.fusion_export import examples
from omnibind_core.models.fusion_export import export_fusion
from omnibind_core.models.fusion_export import fusion_difference

MODALITIES = ('image', 'thermal', 'event', 'point_cloud', 'audio', 'touch')


def learnt(dimension: int = 384, **design: Any) -> AdaptiveFusion:
    torch.manual_seed(1)
    made = AdaptiveFusion(
        modalities=MODALITIES,
        dimension=dimension,
        temperatures=(0.05, 0.06, 0.07, 0.08, 0.09, 0.1),
        design=FusionDesign(**design),
    )
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
        made.health.normal_()
    return made


@pytest.fixture(scope='module')
def exported() -> tuple[AdaptiveFusion, bytes]:
    made = learnt()
    return made, export_fusion(made)


def session(model: bytes, dimension: int = 384) -> FusionSession:
    return FusionSession(model, name='fusion.onnx', modalities=MODALITIES, dimension=dimension)


def test_onnx_equals_torch_at_other_sizes(exported: tuple[AdaptiveFusion, bytes]) -> None:
    fusion, model = exported
    assert fusion_difference(fusion, model) <= 1e-4
    tokens, modality, mask, age, labels = examples(fusion, 5, 12, 64)
    with torch.no_grad():
        wanted = fusion(tokens, modality, mask, age, labels)
    found = session(model).run(*(item.numpy() for item in (tokens, modality, mask, age, labels)))
    for name, value in zip(('logits', 'weights', 'sensor_logits', 'fused'), wanted, strict=True):
        scale = float(value.abs().max())
        assert np.abs(getattr(found, name) - value.numpy()).max() <= 1e-4 * scale


def test_it_keeps_the_contract(exported: tuple[AdaptiveFusion, bytes]) -> None:
    fusion = session(exported[1])
    assert all(check(fusion) for check in CHECKS.values())


def test_an_adapted_one_is_exported_too() -> None:
    fusion = learnt(32, adapter_rank=2)
    assert fusion.adapter is not None
    change = torch.randn(32, 2), torch.randn(2, 32), torch.randn(32)
    fusion.adapter.set_kind(1, scale=0.9, down=change[0], up=change[1], shift=change[2])
    model = export_fusion(fusion)
    assert all(check(session(model, 32)) for check in CHECKS.values())


def test_a_difference_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    fusion = learnt(16)
    monkeypatch.setattr(
        'omnibind_core.models.fusion_export.fusion_difference', lambda *_: float('nan')
    )
    with pytest.raises(ExportError, match='differs from torch by nan'):
        export_fusion(fusion)


def test_six_vectors_are_fused_in_a_millisecond(exported: tuple[AdaptiveFusion, bytes]) -> None:
    fusion, model = exported
    given = [item.numpy() for item in examples(fusion, 1, 6, 30)]
    running = session(model)
    spent = []
    for _ in range(200):
        begun = time.perf_counter()
        running.run(*given)
        spent.append(time.perf_counter() - begun)
    assert np.median(spent) <= 1e-3
