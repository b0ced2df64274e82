"""L_CAD: the chosen terms of cross-modal alignment distillation, weighted and added.

Notation: ``b`` things in the batch, ``c`` classes, ``d`` dimension of the space.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import nn
from torch import Tensor

from omnibind_core.training.cad_settings import CadSettings
from omnibind_core.training.losses.cross_modal_relation import cross_modal_relation
from omnibind_core.training.losses.instance_alignment import instance_alignment
from omnibind_core.training.losses.label_classification import label_classification
from omnibind_core.training.losses.label_classification import Prototypes
from omnibind_core.training.losses.logit_scale import LogitScale
from omnibind_core.training.losses.prompt_relation import prompt_relation
from omnibind_core.training.losses.self_relation import self_relation


@dataclass(frozen=True)
class Targets:
    """What the teachers say of the things in a batch.

    :param classes: int64 ``[b]``.
    :param image: the image teacher's unit vectors ``[b, d]``.
    :param caption: the text teacher's unit vectors ``[b, d]`` of captions without the class noun.
    """

    classes: Tensor
    image: Tensor
    caption: Tensor


class CadObjective(nn.Module):
    """The loss of stage 1.

    :param settings: which terms, their weights and temperatures.
    :param labels: unit vectors ``[c, d]`` of the class prompts: the text side of L_in.
    :param seed: of the free prototypes of ``scratch``.
    """

    labels: Tensor

    def __init__(self, settings: CadSettings, labels: Tensor, *, seed: int = 0) -> None:
        super().__init__()
        self.settings = settings
        self.register_buffer('labels', labels.detach().clone(), persistent=False)
        self.scale = LogitScale(settings.temperature)
        self.prototypes = (
            Prototypes(labels.shape[0], labels.shape[1], seed=seed) if settings.scratch else None
        )

    def forward(self, student: Tensor, targets: Targets) -> Mapping[str, Tensor]:
        """Each term before weighting, by name, and their weighted sum as ``loss``.

        :param student: unit vectors ``[b, d]``.
        """
        settings = self.settings
        terms: dict[str, Tensor] = {}
        if self.prototypes is not None:
            prototypes = self.prototypes()
            terms['scratch'] = label_classification(
                student, prototypes, targets.classes, self.scale()
            )
        if 'in' in settings.terms:
            text = self.labels[targets.classes]
            terms['in'] = instance_alignment(student, text, targets.classes, self.scale())
        if 'cr' in settings.terms:
            terms['cr'] = cross_modal_relation(
                student,
                targets.image,
                targets.caption,
                teacher_temperature=settings.cr_teacher_temperature,
                temperature=settings.cr_temperature,
            )
            terms['cr_prompts'] = prompt_relation(
                student,
                targets.image,
                self.labels,
                teacher_temperature=settings.cr_prompt_temperature,
                scale=self.scale(),
            )
        if 'se' in settings.terms:
            terms['se'] = self_relation(
                student,
                targets.image,
                targets.caption,
                image_temperature=settings.se_image_temperature,
                text_temperature=settings.se_text_temperature,
                temperature=settings.se_temperature,
            )
        weights = {
            'cr': settings.cr_weight,
            'cr_prompts': settings.cr_prompt_weight,
            'se': settings.se_weight,
        }
        parts = [weights.get(name, 1.0) * term for name, term in terms.items()]
        return {**terms, 'loss': torch.stack(parts).sum()}

    def class_vectors(self) -> Tensor:
        """What students are compared with to classify: unit vectors ``[c, d]``."""
        return self.labels if self.prototypes is None else self.prototypes().detach()
