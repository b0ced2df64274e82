"""Export: what cannot be exported faithfully is an error, and the network stays as it is."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from omnibind_core.models.export import encoder_difference
from omnibind_core.models.export import export_encoder
from omnibind_core.models.export import export_onnx
from omnibind_core.models.export import ExportError


class Frozen(nn.Module):
    """Looks at the batch's size while it is traced, so that the file holds the example's."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x) * float(x.shape[0])


def test_another_result_is_refused() -> None:
    with pytest.raises(ExportError, match='differs from torch'):
        export_encoder(Frozen(), (3,))


def test_difference_is_measured() -> None:
    first, second = nn.Linear(3, 4), nn.Linear(3, 4)
    model = export_encoder(first, (3,))
    assert encoder_difference(first, model, (3,)) < 1e-6
    assert encoder_difference(second, model, (3,)) > 0.1


def test_network_is_left_as_it_is() -> None:
    network = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5)).train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    export_encoder(network, (3,))
    assert network.training
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_what_onnx_has_no_word_for() -> None:
    class Strange(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.special.bessel_j0(x)

    with pytest.raises(ExportError, match='cannot be exported'):
        export_onnx(Strange(), {'x': torch.ones(2, 2)}, outputs=('y',), dynamic={})
