"""L_cr against the class prompts: the student relates a thing to the classes as the picture does.

OmniBind section 3.2, "cross-correlation", with the prompts as the texts: what the image teacher
takes a thing for, with all its doubts, is what its other sensors shall take it for. Where classes
are few and things fewer, those doubts say more than the label (Hinton et al., "Distilling the
knowledge in a neural network", 2015).

Notation: ``b`` things in the batch, ``c`` classes, ``d`` dimension of the space.
"""

from __future__ import annotations

from torch import Tensor

from omnibind_core.training.losses.relation import divergence


def prompt_relation(
    student: Tensor, image: Tensor, prompts: Tensor, *, teacher_temperature: float, scale: Tensor
) -> Tensor:
    """``KL(softmax(E_image T^t / teacher_temperature) || softmax(scale E_student T^t))`` by rows.

    :param student: unit vectors ``[b, d]``.
    :param image: the image teacher's unit vectors ``[b, d]`` of the same things.
    :param prompts: unit vectors ``[c, d]`` of the class prompts.
    :param teacher_temperature: of the teacher's cosines.
    :param scale: one over the temperature of the student's, a scalar.
    :return: a scalar, in nats.
    """
    fixed = prompts.detach()
    return divergence(image @ fixed.T / teacher_temperature, scale * student @ fixed.T)
