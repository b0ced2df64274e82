"""Neighbours, gathered rows, and the layer over them, beside plain loops."""

from __future__ import annotations

import pytest
import torch

from omnibind_core.models.students.local_maximum import LocalMaximum
from omnibind_core.models.students.local_maximum import neighbours_of
from omnibind_core.models.students.local_maximum import rows


def clouds(seed: int = 0) -> torch.Tensor:
    return torch.randn(2, 24, 3, generator=torch.Generator().manual_seed(seed))


def test_neighbours_are_the_nearest() -> None:
    places = clouds()
    centres = places[:, ::3]
    found = neighbours_of(centres, places, 5).sort(dim=2).values
    expected = torch.cdist(centres, places).argsort(dim=2)[:, :, :5].sort(dim=2).values
    assert torch.equal(found, expected)


def test_rows() -> None:
    values = torch.arange(24.0).reshape(2, 4, 3)
    index = torch.tensor([[[0, 3], [1, 1]], [[2, 0], [3, 2]]])
    found = rows(values, index)
    for cloud in range(2):
        for centre in range(2):
            for neighbour in range(2):
                wanted = values[cloud, index[cloud, centre, neighbour]]
                assert torch.equal(found[cloud, centre, neighbour], wanted)


def test_layer_against_loops() -> None:
    torch.manual_seed(0)
    layer = LocalMaximum(2, 6, 5, stride=4, neighbours=3).eval()
    with torch.no_grad():
        for norm in (layer.first_norm, layer.second_norm):
            norm.running_mean.normal_()
            norm.running_var.uniform_(0.5, 2.0)
            norm.weight.normal_()
            norm.bias.normal_()
        places, features = clouds(), torch.randn(2, 24, 2)
        centres, found = layer(places, features)
        assert torch.equal(centres, places[:, ::4])
        for cloud in range(2):
            for number, centre in enumerate(centres[cloud]):
                near = (places[cloud] - centre).norm(dim=1).argsort()[:3]
                joined = torch.cat([places[cloud, near], features[cloud, near]], dim=1)
                first = layer.first_norm(layer.of_point(joined) - layer.of_centre(centre))
                second = layer.second_norm(layer.second(first.relu())).relu()
                assert found[cloud, number].tolist() == pytest.approx(
                    second.max(dim=0).values.tolist(), abs=1e-5
                )
