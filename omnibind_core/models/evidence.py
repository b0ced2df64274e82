"""What tells how far a token can be trusted: numbers about it and the others, none of its content.

Content (the vector itself) would let the fusion learn the few hundred instances it is trained on;
these numbers mean the same for every instance, every modality and any number of labels.

Notation: ``b`` batch, ``n`` tokens, ``c`` labels, ``M`` modalities.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

EVIDENCE = (
    'entropy',
    'margin',
    'top',
    'strength',
    'agreement',
    'overlap',
    'top_of_others',
    'entropy_of_others',
    'lead',
    'cosine',
    'modalities',
    'alone',
    'copies',
    'age',
    'health',
)
"""Names of the columns of :attr:`Evidence.tokens`."""

SET_EVIDENCE = ('modalities', 'best', 'mean', 'top', 'entropy', 'conflict', 'overlap')
"""Names of the columns of :attr:`Evidence.whole`."""

_MOST_COPIES = 4.0  # more are no more evidence
_OLDEST = 5.0  # s


@dataclass(frozen=True)
class Evidence:
    """Evidence about tokens and about their set.

    :param tokens: ``[b, n, len(EVIDENCE)]``; 0 where masked.
    :param whole: ``[b, len(SET_EVIDENCE)]``.
    :param alone: ``[b, n]``, 1 for a token without any of another modality, else 0.
    """

    tokens: Tensor
    whole: Tensor
    alone: Tensor


def evidence(
    *,
    vectors: Tensor,
    logits: Tensor,
    posteriors: Tensor,
    say: Tensor,
    alike: Tensor,
    copies: Tensor,
    present: Tensor,
    age: Tensor,
    health: Tensor,
    temperature: Tensor,
) -> Evidence:
    """Look at calibrated posteriors, at how far they agree, and at ages.

    "The others" are the tokens of other modalities: two sensors of one modality err alike, and a
    copy of a garbled token would vouch for it.

    :param vectors: ``[b, n, d]`` unit vectors, 0 where masked.
    :param logits: ``[b, n, c]`` calibrated at temperature 1, 0 where masked.
    :param posteriors: ``[b, n, c]``, softmax of the logits.
    :param say: ``[b, n]``, factor of tokens that share a modality.
    :param alike: ``[b, n, n]``, 1 where two present tokens are of one modality (a token is alike
        itself), else 0.
    :param copies: ``[b, n]``, number of tokens alike, at least 1.
    :param present: ``[b, n]``, 1 where a token takes part, else 0.
    :param age: ``[b, n]``, s.
    :param health: ``[b, n]``, from the modality's linear probe.
    :param temperature: ``[b, n]``.
    """
    count = torch.ones_like(logits[0, 0]).sum()  # of labels; a traced shape would be a constant
    scale = torch.log(count.clamp(min=2.0))  # entropy of knowing nothing
    here = present[..., None]

    best, second = _best_two(posteriors)
    entropy = _entropy(posteriors) / scale
    said = say[..., None] * logits
    product = said.sum(dim=1, keepdim=True)
    others = torch.softmax(product - alike @ said, dim=-1)
    overlap = (posteriors * others).sum(dim=-1)
    pairs = present[:, :, None] * present[:, None, :] - alike  # other modalities
    partners = pairs.sum(dim=-1)
    rival = (pairs * best[:, None, :]).amax(dim=-1)
    cosine = (pairs * (vectors @ vectors.transpose(1, 2))).sum(dim=-1) / partners.clamp(min=1.0)
    alone = (partners < 0.5).to(age.dtype)
    kinds = (present / copies).sum(dim=-1, keepdim=True)  # [b, 1]
    everyone = torch.ones_like(age)
    columns = (
        entropy,
        best - second,
        best,
        logits.amax(dim=-1) * temperature,
        torch.log(overlap.clamp(min=1e-6) * count) / scale,
        overlap,
        others.amax(dim=-1),
        _entropy(others) / scale,
        best - rival,
        cosine,
        torch.log(kinds.clamp(min=1.0)) * everyone,
        alone,
        torch.log(copies.clamp(max=_MOST_COPIES)),
        torch.log1p(age.clamp(max=_OLDEST)),
        health,
    )
    tokens = torch.stack(columns, dim=-1) * here

    share = present / copies / kinds.clamp(min=1.0)  # [b, n], evenly over the modalities
    joint = torch.softmax(product[:, 0], dim=-1)  # [b, c]
    linear = (posteriors * share.unsqueeze(-1)).sum(dim=1)
    of_set = (
        torch.log(kinds[:, 0].clamp(min=1.0)),
        (best * present).amax(dim=-1),
        (best * share).sum(dim=-1),
        joint.amax(dim=-1),
        _entropy(joint) / scale,
        _entropy(linear) / scale - (entropy * share).sum(dim=-1),
        (joint * linear).sum(dim=-1),
    )
    whole = torch.stack(of_set, dim=-1)
    return Evidence(tokens, whole, alone)


def _entropy(posteriors: Tensor) -> Tensor:
    return -(posteriors * torch.log(posteriors.clamp(min=1e-12))).sum(dim=-1)


def _best_two(posteriors: Tensor) -> tuple[Tensor, Tensor]:
    """The two highest posteriors ``[b, n]``; the second is 0 for a single label."""
    widened = torch.cat((posteriors, torch.zeros_like(posteriors[..., :1])), dim=-1)
    values = torch.topk(widened, 2, dim=-1).values
    return values[..., 0], values[..., 1]
