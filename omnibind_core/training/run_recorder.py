"""What a run leaves on disk while it goes on: its curve, its best weights, its checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
import csv
import io
import math
from pathlib import Path
from typing import Any

from lightning.pytorch import LightningModule
from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import Checkpoint
import torch

from omnibind_core.data.atomic_file import write_atomically
from omnibind_core.training.student_evaluation import Evaluation

CHECKPOINT_NAME = 'last.ckpt'
BEST_NAME = 'best.safetensors'
METRICS_NAME = 'metrics.csv'

Row = Mapping[str, float]


class RunRecorder(Checkpoint):
    """After each epoch: metrics, a look at the val fold, and a checkpoint; all or nothing each.

    The best weights are those of the lowest val ``nll``: of a calibrated posterior, because that is
    what fusion multiplies. Ties go to the later epoch.

    :param folder: of the run; ``None`` keeps everything in memory.
    :param fingerprint: identifies settings, data and teacher; a checkpoint carries it.
    :param losses: gives the epoch's losses by name, one value a step, from the module.
    :param weights: gives the weights worth keeping, from the module.
    :param evaluate: looks at the val fold.
    :param evaluate_every: epochs from look to look; the last epoch always gets one.
    :param patience: looks without a better one after which the run stops; 0: never.
    :param observe: called with each epoch's row when everything is on disk.
    """

    def __init__(
        self,
        *,
        folder: Path | None,
        fingerprint: str,
        losses: Callable[[], Mapping[str, list[float]]],
        weights: Callable[[], Mapping[str, torch.Tensor]],
        evaluate: Callable[[], Evaluation],
        evaluate_every: int = 1,
        patience: int = 0,
        observe: Callable[[Row], None] | None = None,
    ) -> None:
        self._folder = folder
        self._fingerprint = fingerprint
        self._losses = losses
        self._weights = weights
        self._evaluate = evaluate
        self._every = evaluate_every
        self._patience = patience
        self._observe = observe
        self._waited = 0
        self._best_weights: dict[str, torch.Tensor] = {}
        self.rows: list[dict[str, float]] = []
        self.best_epoch = -1
        self.best_nll = math.inf
        self.stopped = False

    def on_train_epoch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,  # noqa: ARG002 (the signature is Lightning's)
    ) -> None:
        """Record the epoch."""
        epoch = trainer.current_epoch
        row: dict[str, float] = {
            'epoch': epoch,
            'step': trainer.global_step,
            'learning_rate': trainer.optimizers[0].param_groups[0]['lr'],
        }
        for name, values in self._losses().items():
            row[f'train_{name}'] = math.fsum(values) / len(values)
        last = epoch + 1 == trainer.max_epochs
        if last or (epoch + 1) % self._every == 0:
            self._look(epoch, row, keep=trainer.is_global_zero)
        self.rows.append(row)
        for logger in trainer.loggers:
            logger.log_metrics({name: row[name] for name in row if name != 'step'}, epoch)
        if self._folder is not None:
            self._save(trainer)
        if self.stopped:
            trainer.should_stop = True
        if self._observe is not None and trainer.is_global_zero:
            self._observe(row)

    def best_weights(self) -> dict[str, torch.Tensor]:
        """The weights of the best look at the val fold."""
        if self._folder is None or self._best_weights:
            return self._best_weights
        from safetensors.torch import load_file

        return load_file(self._folder / BEST_NAME)

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint needs of this."""
        return {
            'fingerprint': self._fingerprint,
            'rows': [dict(row) for row in self.rows],
            'best_epoch': self.best_epoch,
            'best_nll': self.best_nll,
            'waited': self._waited,
            'stopped': self.stopped,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self.rows = [dict(row) for row in state_dict['rows']]
        self.best_epoch = int(state_dict['best_epoch'])
        self.best_nll = float(state_dict['best_nll'])
        self._waited = int(state_dict['waited'])
        self.stopped = bool(state_dict['stopped'])

    def _look(self, epoch: int, row: dict[str, float], *, keep: bool) -> None:
        found = self._evaluate()
        row.update(val_top1=found.top1, val_nll=found.nll, val_temperature=found.temperature)
        if found.nll > self.best_nll:
            self._waited += 1
            self.stopped = 0 < self._patience <= self._waited
            return
        self.best_epoch, self.best_nll, self._waited = epoch, found.nll, 0
        if not keep:
            return
        self._best_weights = {
            name: value.detach().cpu().clone(memory_format=torch.contiguous_format)
            for name, value in self._weights().items()
        }
        if self._folder is not None:
            from safetensors.torch import save

            write_atomically(self._folder / BEST_NAME, save(self._best_weights))

    def _save(self, trainer: Trainer) -> None:
        """The curve and the checkpoint, each complete or not there; every process takes part."""
        assert self._folder is not None
        draft = self._folder / f'.{CHECKPOINT_NAME}.part'
        trainer.save_checkpoint(draft)
        if trainer.is_global_zero:
            draft.replace(self._folder / CHECKPOINT_NAME)
            write_atomically(self._folder / METRICS_NAME, table(self.rows))


def table(rows: list[dict[str, float]]) -> str:
    """Rows as CSV; a column for every name that occurs, empty where a row has none."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator='\n', restval='')
    writer.writeheader()
    for row in rows:
        writer.writerow({name: f'{value:.9g}' for name, value in row.items()})
    return text.getvalue()
