"""L_cr: the student relates things to texts as the image teacher does.

OmniBind section 3.2, "cross-correlation": ``D_t = E_image E_text^t`` is the teacher's relation,
``D_s = E_student E_text^t`` the student's; row i of both is the same thing against all texts. The
divergence is not given there; this is the softmax form with a temperature.

Notation: ``b`` things in the batch, ``d`` dimension of the space.
"""

from __future__ import annotations

from torch import Tensor

from omnibind_core.training.losses.relation import divergence
from omnibind_core.training.losses.relation import standardised


def cross_modal_relation(
    student: Tensor, image: Tensor, text: Tensor, *, teacher_temperature: float, temperature: float
) -> Tensor:
    """``KL(softmax(z(D_t) / teacher_temperature) || softmax(z(D_s) / temperature))`` by rows.

    z standardises a table, see :mod:`~omnibind_core.training.losses.relation`.

    :param student: unit vectors ``[b, d]``.
    :param image: the image teacher's unit vectors ``[b, d]`` of the same things.
    :param text: the text teacher's unit vectors ``[b, d]`` of their captions.
    :param teacher_temperature: of the teacher's relation, in standard deviations.
    :param temperature: of the student's.
    :return: a scalar, in nats.
    """
    wanted = standardised(image @ text.T) / teacher_temperature
    given = standardised(student @ text.detach().T) / temperature
    return divergence(wanted, given)
