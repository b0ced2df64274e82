"""How much each token had to say in a decision: what a robot shows beside its recognition.

Notation: ``b`` sets, ``n`` tokens, ``c`` labels, ``k`` members.
"""

from __future__ import annotations

import torch
from torch import Tensor

_SMALL = 1e-9
_LEAST = 1e-20


def decision_shares(
    gate: Tensor,
    shares: Tensor,
    cosines: Tensor,
    posteriors: Tensor,
    mixture: Tensor,
    here: Tensor,
) -> Tensor:
    """Each token's share in a decision ``[b, n]``, summing to 1; all 0 without tokens.

    In the product: by how far the token moves the logits apart. In the mixture: its part of the
    probability of the labels that the mixture holds likely. Both are weighted by how far product
    and mixture move the logits apart. A token that is explained away has no share.

    :param gate: ``[b, n]``.
    :param shares: of the tokens in the mixture of each member, ``[b, n, k]``.
    :param cosines: ``[b, n, c]``.
    :param posteriors: ``[b, n, c]``.
    :param mixture: what the mixture adds to the logits, ``[b, c]``.
    :param here: ``[b, n]``, 1 where a token takes part, else 0.
    """
    pull = gate.clamp(min=0.0) * (_spread(cosines) + 1e-6)
    pull = (pull + _SMALL * here) * here
    part = shares.mean(dim=-1) * (posteriors * torch.softmax(mixture, dim=-1).unsqueeze(1)).sum(-1)
    part = (part + _SMALL * here) * here
    product = _spread((gate.unsqueeze(-1) * cosines).sum(dim=1)).unsqueeze(-1)
    linear = _spread(mixture).unsqueeze(-1)
    weights = (product + _SMALL) * pull / pull.sum(dim=1, keepdim=True).clamp(min=_LEAST)
    weights = weights + linear * part / part.sum(dim=1, keepdim=True).clamp(min=_LEAST)
    return weights / weights.sum(dim=1, keepdim=True).clamp(min=_LEAST)


def _spread(values: Tensor) -> Tensor:
    """Standard deviation over the labels."""
    centred = values - values.mean(dim=-1, keepdim=True)
    return torch.sqrt((centred * centred).mean(dim=-1))
