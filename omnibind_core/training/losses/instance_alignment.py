"""L_in: each student vector is drawn to its text and pushed from the others (InfoNCE).

OmniBind section 3.2 draws it between student and text only. Things of one class are no negatives
of each other: the target of a row is spread evenly over all texts of its class.

Notation: ``b`` things in the batch, ``d`` dimension of the space.
"""

from __future__ import annotations

import torch
from torch import Tensor


def instance_alignment(student: Tensor, text: Tensor, classes: Tensor, scale: Tensor) -> Tensor:
    """``1/2 [CE(S T^t scale, Y) + CE(T S^t scale, Y)]`` with Y the row-normalised class equality.

    :param student: unit vectors ``[b, d]``.
    :param text: unit vectors ``[b, d]`` of the things' class prompts; no gradient flows into them.
    :param classes: int64 ``[b]``.
    :param scale: one over the temperature, a scalar.
    :return: a scalar, in nats.
    """
    same = (classes[:, None] == classes[None, :]).to(student.dtype)
    targets = same / same.sum(dim=1, keepdim=True)  # symmetric, so it serves both directions
    logits = scale * student @ text.detach().T
    to_text = -(targets * torch.log_softmax(logits, dim=1)).sum(dim=1).mean()
    to_student = -(targets * torch.log_softmax(logits.T, dim=1)).sum(dim=1).mean()
    return (to_text + to_student) / 2.0
