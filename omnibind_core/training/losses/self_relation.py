"""L_se: things are to each other in the student's space as they are in the teachers' spaces.

OmniBind section 3.2, "self-correlation": the teacher's relation is the average of those within
images and within texts, the student's is that of its own vectors. Every thing's relation to itself
is 1 on both sides and left out. Images and texts spread differently, so each table is standardised
and divided by a temperature of its own before they are averaged.

Notation: ``b`` things in the batch, ``d`` dimension of the space.
"""

from __future__ import annotations

from torch import Tensor

from omnibind_core.training.losses.relation import divergence
from omnibind_core.training.losses.relation import off_diagonal
from omnibind_core.training.losses.relation import standardised


def self_relation(
    student: Tensor,
    image: Tensor,
    text: Tensor,
    *,
    image_temperature: float,
    text_temperature: float,
    temperature: float,
) -> Tensor:
    """``KL(softmax(D_t) || softmax(z(S S^t) / temperature))`` by rows, without the diagonal.

    ``D_t = (z(I I^t) / image_temperature + z(T T^t) / text_temperature) / 2``.

    :param student: unit vectors ``[b, d]``, b >= 3: of two things there is one relation only.
    :param image: the image teacher's unit vectors ``[b, d]`` of the same things.
    :param text: the text teacher's unit vectors ``[b, d]`` of their captions.
    :param image_temperature: of the relation among images, in standard deviations.
    :param text_temperature: of the relation among texts.
    :param temperature: of the student's.
    :return: a scalar, in nats.
    :raises ValueError: fewer than three things.
    """
    if len(student) < 3:
        raise ValueError(f'{len(student)} things have no relations to compare; allowed: 3 or more')
    others = off_diagonal(len(student), student.device)
    among_images = standardised(image @ image.T, others) / image_temperature
    among_texts = standardised(text @ text.T, others) / text_temperature
    given = standardised(student @ student.T, others) / temperature
    return divergence((among_images + among_texts) / 2.0, given, others)
