"""Adaptive fusion (AF, stage 2): whatever sensors there are into one posterior over any labels.

The paper fuses the embeddings that are there into one, ``E_m``, which is pulled to its label
(OmniBind 3.3, Eq. 9). Here ``E_m = sum_m g_m h_m`` and ``logits = E_m . T``: with gates
``g_m = 1 / tau_m`` it is the calibrated product of the sensors' posteriors, where this module
starts exactly. What differs from that it learns, from evidence about each token, never its content:

* gates ``g_m = s_m / tau_m (exp(a_m) - e_m)``: how far a token is to be believed. ``e_m >= 0``, and
  0 for a token without others, *explains away*: of an error that all sensors share, the weaker one
  holds more, and taking some of it off the stronger one uncovers the signal. ``a_m`` also has a
  term for each other modality that is there (``company``): two sensors that often err together
  must not count twice;
* a share ``w_m`` in a mixture of the posteriors (linear opinion pool), which one sure sensor can
  carry against many that err alike;
* how both are blended: ``l1 E_m . T + l2 log sum_m w_m p_m``.

Sensors of one modality err alike: ``k`` of them together count as ``k / (1 + (k - 1) r)``, never
more than ``1 / r`` (``s_m``, the design effect of cluster sampling; Kish, "Survey sampling", 1965).

Notation: ``b`` sets, ``n`` tokens, ``c`` labels, ``d`` dimension, ``M`` modalities, ``k`` members.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import math

import torch
from torch import nn
from torch import Tensor

from omnibind_core.models.decision_shares import decision_shares
from omnibind_core.models.evidence import EVIDENCE
from omnibind_core.models.evidence import Evidence
from omnibind_core.models.evidence import evidence
from omnibind_core.models.evidence import SET_EVIDENCE
from omnibind_core.models.fusion_design import FusionDesign
from omnibind_core.models.low_rank_adapter import LowRankAdapter
from omnibind_core.models.member_network import MemberNetwork

_SMALL = 1e-9
_WIDEST_GATE = 4.0  # of |log g tau|
_WIDEST_SCORE = 4.0  # of the logarithm of a share in the mixture
_WIDEST_BLEND = 2.0  # of |log l1|


@dataclass(frozen=True)
class Fusion:
    """What comes out of a fusion, and what it was made of.

    :param logits: ``[b, c]``; their softmax is the posterior.
    :param weights: ``[b, n]``, each token's share in the decision.
    :param sensor_logits: ``[b, n, c]``; their softmax is what each token alone says.
    :param fused: ``[b, d]``, unit length; zero where no token takes part.
    :param members: ``[b, k, c]``, logits of each member.
    :param gates: ``[b, n]``, mean over the members.
    :param evidence: what it was decided on.
    """

    logits: Tensor
    weights: Tensor
    sensor_logits: Tensor
    fused: Tensor
    members: Tensor
    gates: Tensor
    evidence: Evidence


class AdaptiveFusion(nn.Module):
    """Tokens of any sensors into logits of any labels.

    Invariant to the order of the tokens; what stands in masked slots, NaN too, changes no bit.

    :param modalities: names, in the order of their indices.
    :param dimension: d.
    :param temperatures: of each modality, fitted on data that the encoders never saw. The prior of
        an unknown modality (index -1) is their geometric mean.
    """

    def __init__(
        self,
        *,
        modalities: Sequence[str],
        dimension: int,
        temperatures: Sequence[float],
        design: FusionDesign | None = None,
    ) -> None:
        super().__init__()
        design = design or FusionDesign()
        self.modalities = tuple(modalities)
        self.dimension = dimension
        self.design = design
        count, members = len(self.modalities) + 1, design.members  # one more: the unknown
        logs = [math.log(float(each)) for each in temperatures]
        if len(logs) != count - 1:
            raise ValueError(f'{len(logs)} temperatures for {count - 1} modalities')
        self.log_temperature: Tensor
        self.register_buffer('log_temperature', torch.tensor([*logs, sum(logs) / len(logs)]))
        self.health: Tensor
        self.health_offset: Tensor
        self.register_buffer('health', torch.zeros(count, dimension))
        self.register_buffer('health_offset', torch.zeros(count))
        self.evidence_mean: Tensor
        self.evidence_scale: Tensor
        self.set_mean: Tensor
        self.set_scale: Tensor
        self.register_buffer('evidence_mean', torch.zeros(len(EVIDENCE)))
        self.register_buffer('evidence_scale', torch.ones(len(EVIDENCE)))
        self.register_buffer('set_mean', torch.zeros(len(SET_EVIDENCE)))
        self.register_buffer('set_scale', torch.ones(len(SET_EVIDENCE)))
        self.sharpness: Tensor
        self.register_buffer('sharpness', torch.ones(()))

        known = torch.ones(count, 1)
        known[-1] = 0.0  # nothing is known of it
        self.traits = nn.Parameter(known * torch.randn(count, design.traits) / 2.0)
        self.token_network = MemberNetwork(
            len(EVIDENCE) + design.traits, members=members, hidden=design.hidden, outputs=3
        )
        self.token_offset = nn.Parameter(torch.zeros(count, members, 3))
        self.company = nn.Parameter(torch.zeros(count, count))
        self.set_network = MemberNetwork(
            len(SET_EVIDENCE), members=members, hidden=design.set_hidden, outputs=2
        )
        self.set_offset = nn.Parameter(torch.zeros(members, 2))
        self.adapter = (
            LowRankAdapter(dimension, rank=design.adapter_rank, kinds=count)
            if design.adapter_rank
            else None
        )

    def forward(
        self, tokens: Tensor, modality: Tensor, mask: Tensor, age: Tensor, labels: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Logits ``[b, c]``, weights ``[b, n]``, sensors' logits ``[b, n, c]``, fused ``[b, d]``.

        As :meth:`fuse`; this is what is exported.
        """
        fusion = self.fuse(tokens, modality, mask, age, labels)
        return fusion.logits, fusion.weights, fusion.sensor_logits, fusion.fused

    def fuse(
        self,
        tokens: Tensor,
        modality: Tensor,
        mask: Tensor,
        age: Tensor,
        labels: Tensor,
        adapted: Tensor | None = None,
    ) -> Fusion:
        """Fuse sets of tokens.

        :param tokens: unit vectors ``[b, n, d]``.
        :param modality: int64 ``[b, n]``, places in ``modalities``; anything else is unknown.
        :param mask: bool ``[b, n]``, true where a token takes part.
        :param age: ``[b, n]``, seconds before the newest token.
        :param labels: unit vectors ``[c, d]``.
        :param adapted: what stands for the adapter's output, ``[b, n, d]``; ``None``: its output.
        """
        unknown = len(self.modalities)
        here = mask.to(tokens.dtype)
        vectors = torch.where(mask.unsqueeze(-1), tokens, 0.0)
        age = torch.where(mask, age, 0.0).clamp(min=0.0)
        known = mask & (modality >= 0) & (modality < unknown)
        kind = torch.where(known, modality, unknown)
        if adapted is not None:
            adapted = torch.where(mask.unsqueeze(-1), adapted, 0.0)
        elif self.adapter is not None:
            adapted = self.adapter(vectors, kind) * here.unsqueeze(-1)
        else:
            adapted = vectors
        temperature = torch.exp(self.log_temperature)[kind]
        cosines = adapted @ labels.transpose(0, 1)
        logits = cosines / temperature.unsqueeze(-1)
        posteriors = torch.softmax(logits, dim=-1)
        alike = (kind.unsqueeze(2) == kind.unsqueeze(1)).to(here.dtype)
        alike = alike * here.unsqueeze(2) * here.unsqueeze(1)
        copies = alike.sum(dim=-1).clamp(min=1.0)
        say = here / (1.0 + (copies - 1.0) * self.design.kinship)
        found = evidence(
            vectors=vectors,
            logits=logits,
            posteriors=posteriors,
            say=say,
            alike=alike,
            copies=copies,
            present=here,
            age=age,
            health=(vectors * self.health[kind]).sum(dim=-1) + self.health_offset[kind],
            temperature=temperature,
        )
        company = self._company(kind, here)
        gates, shares = self._trust(found, kind, say, temperature, company)
        first, second = self._blend(found)
        gates = gates * first.unsqueeze(1)  # [b, n, k]
        product = gates.transpose(1, 2) @ cosines  # [b, k, c]
        linear = shares.transpose(1, 2) @ posteriors
        anyone = here.amax(dim=1, keepdim=True).unsqueeze(-1)
        mixture = second.unsqueeze(-1) * torch.log(linear + _SMALL) * anyone
        members = self.sharpness * (product + mixture)
        gate = gates.mean(dim=2)
        weights = decision_shares(gate, shares, cosines, posteriors, mixture.mean(dim=1), here)
        return Fusion(
            logits=members.mean(dim=1),
            weights=weights,
            sensor_logits=logits,
            fused=_unit((weights.unsqueeze(-1) * adapted).sum(dim=1)),
            members=members,
            gates=gate,
            evidence=found,
        )

    def _company(self, kind: Tensor, here: Tensor) -> Tensor:
        """What the other modalities that are there change in ``log g``, ``[b, n]``."""
        each = torch.nn.functional.one_hot(kind, len(self.modalities) + 1).to(here.dtype)
        there = (each * here.unsqueeze(-1)).amax(dim=1, keepdim=True)  # [b, 1, M + 1]
        others = there * (1.0 - each)
        return (self.company[kind] * others).sum(dim=-1)

    def _trust(
        self, found: Evidence, kind: Tensor, say: Tensor, temperature: Tensor, company: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Gates and shares in the mixture, ``[b, n, k]`` each; 0 where masked."""
        seen = (found.tokens - self.evidence_mean) / self.evidence_scale
        said = self.token_network(torch.cat((seen, self.traits[kind]), dim=-1))
        said = said + self.token_offset[kind]  # [b, n, k, 3]
        factor = torch.exp(_bounded(said[..., 0] + company.unsqueeze(-1), _WIDEST_GATE))
        if self.design.explaining:
            accompanied = 1.0 - found.alone.unsqueeze(-1)
            factor = factor - accompanied * said[..., 2].clamp(min=0.0)
        gates = (say / temperature).unsqueeze(-1) * factor
        score = say.unsqueeze(-1) * torch.exp(_bounded(said[..., 1], _WIDEST_SCORE))
        return gates, score / score.sum(dim=1, keepdim=True).clamp(min=_SMALL)

    def _blend(self, found: Evidence) -> tuple[Tensor, Tensor]:
        """``l1`` and ``l2``, ``[b, k]`` each."""
        said = self.set_network((found.whole - self.set_mean) / self.set_scale) + self.set_offset
        return torch.exp(_bounded(said[..., 0], _WIDEST_BLEND)), said[..., 1].clamp(min=0.0)


def _bounded(value: Tensor, most: float) -> Tensor:
    return most * torch.tanh(value / most)


def _unit(vectors: Tensor) -> Tensor:
    lengths = torch.linalg.vector_norm(vectors, dim=-1, keepdim=True)
    return torch.div(vectors, lengths.clamp(min=_SMALL))
