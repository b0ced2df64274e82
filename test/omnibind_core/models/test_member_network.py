from __future__ import annotations

import torch

from omnibind_core.models.low_rank_adapter import LowRankAdapter
from omnibind_core.models.member_network import MemberNetwork


def test_members_are_networks_of_their_own() -> None:
    torch.manual_seed(0)
    network = MemberNetwork(3, members=4, hidden=5, outputs=2)
    given = torch.randn(7, 6, 3)
    assert torch.equal(network(given), torch.zeros(7, 6, 4, 2))  # nothing to begin with
    with torch.no_grad():
        network.outer.normal_()
    found = network(given)
    for member in range(4):
        rows = slice(5 * member, 5 * member + 5)
        weight, bias = network.inner.weight[rows], network.inner.bias[rows]
        alone = torch.tanh(given @ weight.T + bias) @ network.outer[member]
        torch.testing.assert_close(found[:, :, member], alone)


def test_an_adapter_changes_each_kind_its_own_way_and_the_unknown_never() -> None:
    torch.manual_seed(0)
    adapter = LowRankAdapter(8, rank=2, kinds=3).double()
    vectors = torch.randn(4, 3, 8, dtype=torch.float64)
    kind = torch.tensor([[0, 1, 2]]).expand(4, 3)
    assert torch.equal(adapter(vectors, kind), vectors)  # nothing to begin with
    changes = [(torch.randn(8, 2), torch.randn(2, 8), torch.randn(8)) for _ in range(2)]
    for number, (down, up, shift) in enumerate(changes):
        adapter.set_kind(number, scale=0.5, down=down, up=up, shift=shift)
    found = adapter(vectors, kind)
    assert torch.equal(found[:, 2], vectors[:, 2])
    for number, (down, up, shift) in enumerate(changes):
        own = vectors[:, number]
        wanted = 0.5 * own + own @ down.double() @ up.double() + shift.double()
        torch.testing.assert_close(found[:, number], wanted)
