"""One student's training step: augment, embed, gather, compare with the teachers.

Notation: ``b`` readings in a process's part of the batch, ``d`` dimension of the space.
"""

from __future__ import annotations

from collections.abc import Sequence
import math
from typing import Any

from lightning.pytorch import LightningModule
import torch
from torch import nn
from torch import Tensor
from torch.utils.data import DataLoader
from torch.utils.data import Dataset

from omnibind_core.data.seeding import seed_of
from omnibind_core.training.augmentation.registry import Augmentation
from omnibind_core.training.cad_settings import CadSettings
from omnibind_core.training.epoch_batches import EpochBatches
from omnibind_core.training.errors import TrainingError
from omnibind_core.training.gathering import gathered
from omnibind_core.training.losses.objective import CadObjective
from omnibind_core.training.losses.objective import Targets
from omnibind_core.training.student_readings import StudentReadings
from omnibind_core.training.synchronised_norm import synchronise_norms

Batch = Sequence[Tensor]
_SEEDS = 2**63


class CadModule(LightningModule):
    """A student under training; everything drawn depends on seed, epoch, step and process alone.

    :param student: ``[b, *shape] -> [b, d]``.
    :param objective: the loss.
    :param readings: what it learns from.
    :param augment: changes of the arrays; ``None`` for none.
    :param settings: of the run.
    :param run: its name, for errors.
    """

    def __init__(
        self,
        *,
        student: nn.Module,
        objective: CadObjective,
        readings: StudentReadings,
        augment: Augmentation | None,
        settings: CadSettings,
        run: str,
    ) -> None:
        super().__init__()
        self.student = student
        self.objective = objective
        self.losses: dict[str, list[float]] = {}
        self._readings = readings
        self._augment = augment
        self._settings = settings
        self._run = run

    def train_dataloader(self) -> DataLoader[Batch]:
        """Batches of the readings; each process gets its part."""
        processes = self.trainer.world_size
        batch = self._settings.batch
        if batch % processes or batch // processes < 2:
            raise TrainingError(
                f'{self._run}: batches of {batch} cannot be shared by {processes} processes; '
                'choose a batch that is a multiple of them, with at least 2 readings for each'
            )
        batches = EpochBatches(
            len(self._readings),
            batch,
            steps=self._settings.steps_per_epoch,
            seed=self._settings.seed,
            rank=self.trainer.global_rank,
            processes=processes,
        )
        return DataLoader(_Rows(self._readings), batch_size=None, sampler=batches)

    def on_fit_start(self) -> None:
        """Normalise over all processes, if there are several."""
        if self.trainer.world_size > 1:
            synchronise_norms(self.student)

    def on_train_epoch_start(self) -> None:
        """Forget the last epoch's losses."""
        self.losses = {}

    def training_step(self, batch: Batch, index: int) -> Tensor:
        """The loss of one batch.

        :raises TrainingError: it is not finite.
        """
        arrays, classes, image, caption = batch
        # dropout draws from torch's own generator, whose state depends on whether the run was
        # interrupted; the engine restores it after the run
        torch.manual_seed(self._seed('dropout', self.current_epoch, index))
        if self._augment is not None and self._settings.augmentation > 0.0:
            random = torch.Generator().manual_seed(
                self._seed('augmentation', self.current_epoch, index)
            )
            changed = self._augment(arrays.cpu(), self._settings.augmentation, random)
            arrays = changed.to(self.device)
        if arrays.dim() == 4:
            arrays = arrays.contiguous(memory_format=torch.channels_last)
        vectors = gathered(self.student(arrays).float())
        targets = Targets(gathered(classes), gathered(image), gathered(caption))
        with torch.autocast(self.device.type, enabled=False):
            terms = self.objective(vectors, targets)
        for name, value in terms.items():
            self.losses.setdefault(name, []).append(float(value.detach()))
        if not math.isfinite(self.losses['loss'][-1]):
            parts = ', '.join(f'{name} {values[-1]:g}' for name, values in self.losses.items())
            raise TrainingError(
                f'{self._run}: the loss is not finite in epoch {self.current_epoch}, step {index} '
                f'({parts}); the checkpoint of the last complete epoch is intact. A lower '
                'learning_rate or precision float32 may help'
            )
        loss: Tensor = terms['loss']
        return loss

    def configure_optimizers(self) -> Any:
        """AdamW; a linear warm-up, then a cosine to 0."""
        settings = self._settings
        parameters = [item for item in self.parameters() if item.requires_grad]
        groups = [
            {
                'params': [item for item in parameters if item.dim() > 1],
                'weight_decay': settings.weight_decay,
            },
            # scales, biases and temperatures have no reason to be small
            {'params': [item for item in parameters if item.dim() <= 1], 'weight_decay': 0.0},
        ]
        optimizer = torch.optim.AdamW(groups, lr=settings.learning_rate)
        total = int(self.trainer.estimated_stepping_batches)
        warm_up = max(1, round(settings.warm_up * total))

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

    def _seed(self, use: str, *numbers: int) -> int:
        return seed_of('cad', use, self._settings.seed, *numbers, self.trainer.global_rank) % _SEEDS


class _Rows(Dataset[Batch]):
    """Readings by an array of indices."""

    def __init__(self, readings: StudentReadings) -> None:
        self._readings = readings

    def __getitem__(self, indices: Any) -> Batch:
        arrays, targets = self._readings.batch(indices)
        return arrays, targets.classes, targets.image, targets.caption

    def __len__(self) -> int:
        return len(self._readings)


def set_dropout(network: nn.Module, share: float) -> None:
    """Set the share of every dropout layer in a network."""
    for layer in network.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = share
