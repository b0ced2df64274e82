"""Relations: who is how similar to whom in a batch, and how far two such tables differ.

A teacher's vectors lie in a narrow cone and a student's do not, so their cosines differ in mean and
spread without meaning anything by it. Both tables are therefore standardised (mean 0, standard
deviation 1) before a temperature divides them; Sun et al., "Logit standardization in knowledge
distillation", 2024, do the same to logits.

Notation: ``b`` things in the batch, ``d`` dimension of the space.
"""

from __future__ import annotations

import torch
from torch import Tensor

_FLATTEST = 1e-4  # a table with less spread holds nothing but rounding


def standardised(relation: Tensor, counted: Tensor | None = None) -> Tensor:
    """A table with mean 0 and standard deviation 1.

    :param relation: ``[b, b]``.
    :param counted: bool ``[b, b]``: which entries mean and deviation are of; all if not given.
    """
    entries = relation if counted is None else relation[counted]
    mean = entries.mean()
    # the root's slope is infinite at 0: a batch of equal things must not give NaN
    deviation = torch.sqrt((entries - mean).square().mean() + _FLATTEST**2)
    return (relation - mean) / deviation


def divergence(teacher: Tensor, student: Tensor, counted: Tensor | None = None) -> Tensor:
    """Kullback-Leibler divergence of rows, ``KL(softmax(teacher) || softmax(student))``, averaged.

    :param teacher: ``[b, b]`` logits; no gradient flows into it.
    :param student: ``[b, b]`` logits.
    :param counted: bool ``[b, b]``: entries that take part; all if not given. At least one a row.
    """
    teacher = teacher.detach()
    if counted is not None:
        teacher = teacher.masked_fill(~counted, -torch.inf)
        student = student.masked_fill(~counted, -torch.inf)
    wanted = torch.log_softmax(teacher, dim=1)
    given = torch.log_softmax(student, dim=1)
    terms = wanted.exp() * (wanted - given)
    if counted is not None:
        terms = terms.masked_fill(~counted, 0.0)  # 0 * (inf - inf)
    return terms.sum(dim=1).mean()


def off_diagonal(size: int, device: torch.device | None = None) -> Tensor:
    """Bool ``[b, b]``: everything but a thing's relation to itself, which is always 1."""
    return ~torch.eye(size, dtype=torch.bool, device=device)
