"""One training step of the adaptive fusion: Eq. 9 of the paper as a cross-entropy over labels.

Notation: ``b`` tuples, ``k`` members, ``c`` labels.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
import math
from typing import Any

from lightning.pytorch import LightningModule
import numpy as np
from numpy.typing import NDArray
import torch
from torch import Tensor
from torch.utils.data import DataLoader
from torch.utils.data import Dataset
from torch.utils.data import Sampler

from omnibind_core.data.embedding_table import EmbeddingTable
from omnibind_core.data.seeding import generator
from omnibind_core.models.adaptive_fusion import AdaptiveFusion
from omnibind_core.training.errors import TrainingError
from omnibind_core.training.fusion_settings import FusionSettings
from omnibind_core.training.fusion_tuples import FusionBatch
from omnibind_core.training.fusion_tuples import FusionTuples

Batch = Sequence[Tensor]
_WARM_UP = 0.1
_CHUNK = 1024
_KEPT_SMALL = ('weight', 'outer', 'traits', 'token_offset')


class FusionModule(LightningModule):
    """A fusion under training; everything drawn depends on seed and step alone.

    :param fusion: as it starts.
    :param tuples: of the fusion fold.
    :param adapted: vectors of the fold's rows, adapted without their own instances, ``[N, d]``.
    :param settings: of the run.
    :param run: its name, for errors.
    """

    def __init__(
        self,
        *,
        fusion: AdaptiveFusion,
        tuples: FusionTuples,
        adapted: NDArray[np.float32],
        settings: FusionSettings,
        run: str,
    ) -> None:
        super().__init__()
        self.fusion = fusion
        self.losses: dict[str, list[float]] = {}
        self._tuples = tuples
        self._settings = settings
        self._run = run
        self._labels = torch.tensor(tuples.table.labels)
        self._adapted = torch.from_numpy(adapted)
        random = generator('fusion', 'instances', settings.seed)
        shape = (len(tuples.table.instances), settings.design.members)
        self._learnt = torch.from_numpy(random.random(shape) < settings.instances).float()

    def train_dataloader(self) -> DataLoader[Batch]:
        """Batches by number of the step."""
        steps = _Steps(self._settings.steps_per_epoch)
        drawn = _Drawn(self._tuples, self._adapted, self._settings)
        return DataLoader(drawn, batch_size=None, sampler=steps)

    def on_train_epoch_start(self) -> None:
        """Forget the last epoch's losses."""
        self.losses = {}

    def training_step(self, batch: Batch, index: int) -> Tensor:
        """The loss of one batch: each member's own, so that they stay different.

        :raises TrainingError: it is not finite.
        """
        *given, adapted, label, instance = batch
        tokens, modality, mask, age = given
        fusion = self.fusion.fuse(tokens, modality, mask, age, self._labels, adapted)
        named, empty = likelihoods(fusion.members, label)
        weight = self._learnt[instance]
        known = (label >= 0).float().unsqueeze(-1)
        loss = (named * weight * known).sum() / (weight * known).sum().clamp(min=1.0)
        flat = (empty * (1.0 - known)).mean()
        total: Tensor = loss + self._settings.nothing_weight * flat
        for name, value in (('loss', total), ('nll', loss), ('flatness', flat)):
            self.losses.setdefault(name, []).append(float(value.detach()))
        if not math.isfinite(self.losses['loss'][-1]):
            raise TrainingError(
                f'{self._run}: the loss is not finite in epoch {self.current_epoch}, step {index}; '
                'the checkpoint of the last complete epoch is intact. A lower learning_rate may '
                'help'
            )
        return total

    def configure_optimizers(self) -> Any:
        """AdamW; a linear warm-up, then a cosine to 0."""
        settings = self._settings
        named = list(self.fusion.named_parameters())
        small = [item for name, item in named if name.split('.')[-1] in _KEPT_SMALL]
        free = [item for name, item in named if name.split('.')[-1] not in _KEPT_SMALL]
        optimizer = torch.optim.AdamW(
            [
                {'params': small, 'weight_decay': settings.weight_decay},
                {'params': free, 'weight_decay': 0.0},
            ],
            lr=settings.learning_rate,
        )
        total = settings.epochs * settings.steps_per_epoch
        warm_up = max(1, round(_WARM_UP * total))

        def share(step: int) -> float:
            if step < warm_up:
                return (step + 1) / (warm_up + 1)
            through = (step - warm_up) / max(total - warm_up, 1)
            return 0.5 * (1.0 + math.cos(math.pi * min(through, 1.0)))

        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, share)
        return {
            'optimizer': optimizer,
            'lr_scheduler': {'scheduler': scheduler, 'interval': 'step'},
        }


def likelihoods(logits: Tensor, label: Tensor) -> tuple[Tensor, Tensor]:
    """Negative log-likelihood of the label, and of a label drawn evenly, ``[b, ...]`` each.

    :param logits: ``[b, ..., c]``.
    :param label: ``[b]``; where it is -1 the first result means nothing.
    """
    logs = torch.log_softmax(logits, dim=-1)
    place = label.clamp(min=0).reshape(-1, *([1] * (logs.dim() - 1)))
    named = -logs.gather(-1, place.expand(*logs.shape[:-1], 1)).squeeze(-1)
    return named, -logs.mean(dim=-1)


def tensors(table: EmbeddingTable, batch: FusionBatch) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """What a fusion takes: tokens, modality, mask and age of a batch.

    :param table: whose rows the tuples are.
    """
    return (
        torch.from_numpy(table.vectors[batch.rows]),
        torch.from_numpy(batch.modality),
        torch.from_numpy(batch.mask),
        torch.from_numpy(batch.age),
    )


@torch.no_grad()
def fused_logits(fusion: AdaptiveFusion, table: EmbeddingTable, batch: FusionBatch) -> Tensor:
    """What a fusion says of tuples, float64 ``[b, c]``.

    :param table: whose rows the tuples are.
    """
    labels = torch.tensor(table.labels)
    given = tensors(table, batch)
    found = []
    for start in range(0, len(batch.label), _CHUNK):
        tokens, modality, mask, age = (item[start : start + _CHUNK] for item in given)
        found.append(fusion.fuse(tokens, modality, mask, age, labels).logits)
    return torch.cat(found).double()


class _Drawn(Dataset[Batch]):
    """The batch of each step, drawn when it is asked for."""

    def __init__(self, tuples: FusionTuples, adapted: Tensor, settings: FusionSettings) -> None:
        self._tuples = tuples
        self._adapted = adapted
        self._settings = settings

    def __getitem__(self, step: int) -> Batch:
        random = generator('fusion', 'tuples', self._settings.seed, step)
        batch = self._tuples.draw(random, self._settings.batch)
        return (
            *tensors(self._tuples.table, batch),
            self._adapted[torch.from_numpy(batch.rows)],
            torch.from_numpy(batch.label),
            torch.from_numpy(batch.instance),
        )

    def __len__(self) -> int:
        return self._settings.epochs * self._settings.steps_per_epoch


class _Steps(Sampler[int]):
    """Numbers of the steps of an epoch, which Lightning sets."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch that is iterated over next, from 0."""
        self._epoch = epoch

    def __iter__(self) -> Iterator[int]:
        # lazily: on going on with a run, Lightning sets the epoch after it has asked for this
        first = self._epoch * self._steps
        yield from range(first, first + self._steps)

    def __len__(self) -> int:
        return self._steps
