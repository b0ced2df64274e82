"""Lightning's trainer as all runs use it: resumable, quiet, and with errors that name the run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
import logging
import os
from pathlib import Path
import signal
from typing import Any
import warnings

from lightning.pytorch import LightningModule
from lightning.pytorch import Trainer
import torch

from omnibind_core.training.errors import CheckpointError
from omnibind_core.training.run_recorder import BEST_NAME
from omnibind_core.training.run_recorder import CHECKPOINT_NAME
from omnibind_core.training.run_recorder import RunRecorder

_PRECISIONS = {'float32': '32-true', 'bfloat16': 'bf16-mixed'}


def fit(
    module: LightningModule,
    recorder: RunRecorder,
    *,
    folder: Path | None,
    fingerprint: str,
    epochs: int,
    precision: str = 'float32',
    gradient_norm: float = 0.0,
    device: str = 'cpu',
    devices: int = 1,
) -> int:
    """Train, or go on training where a checkpoint in the folder ends.

    Several processes are started by ``torchrun``; each calls this.

    :param folder: of the run, which exists; ``None`` keeps nothing on disk.
    :param fingerprint: identifies settings, data and teacher.
    :param precision: ``float32`` or ``bfloat16``.
    :param gradient_norm: longest gradient; 0: any.
    :param device: ``cpu`` or ``auto``: a GPU where there is one.
    :param devices: processes on this machine, each with a device.
    :return: this process's rank: 0 is the one that writes.
    :raises CheckpointError: the folder's checkpoint is broken or of another run.
    :raises TrainingError: what the module raises, for example for a loss that is not finite.
    """
    start = None if folder is None else _checkpoint(folder, recorder, fingerprint, epochs)
    if recorder.stopped or len(recorder.rows) >= epochs:
        return int(os.environ.get('RANK', '0'))  # as torchrun says
    with _quiet(), torch.random.fork_rng(devices=[]), _interruptible():
        trainer = Trainer(
            accelerator=device,
            devices=devices,
            strategy='ddp' if devices > 1 else 'auto',
            precision=_PRECISIONS[precision],  # type: ignore[arg-type]
            max_epochs=epochs,
            callbacks=[recorder],
            logger=_loggers(folder),
            gradient_clip_val=gradient_norm or None,
            num_sanity_val_steps=0,
            enable_checkpointing=True,
            enable_progress_bar=False,
            enable_model_summary=False,
            use_distributed_sampler=False,
            log_every_n_steps=1,
            default_root_dir=folder,
        )
        trainer.fit(module, ckpt_path=start, weights_only=True)
        return int(trainer.global_rank)


def _checkpoint(folder: Path, recorder: RunRecorder, fingerprint: str, epochs: int) -> Path | None:
    """The checkpoint to go on from, checked; its state is given to the recorder."""
    path = folder / CHECKPOINT_NAME
    if not path.exists():
        return None
    advice = f'delete {path} to train from the start, or choose another folder'
    try:
        content: Any = torch.load(path, map_location='cpu', weights_only=True)
        state = content['callbacks'][recorder.state_key]
        theirs, done = str(state['fingerprint']), len(state['rows'])
    except Exception as error:  # torch raises whatever its unpickler and zip reader do
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise CheckpointError(f'{path} is broken ({reason[:120]}); {advice}') from error
    if theirs != fingerprint:
        raise CheckpointError(
            f'{path} is of a run with other settings, data or teacher ({theirs[:12]}, not '
            f'{fingerprint[:12]}); {advice}'
        )
    if not (folder / BEST_NAME).is_file():
        raise CheckpointError(f'{folder / BEST_NAME} is missing beside {path.name}; {advice}')
    if done > epochs:
        raise CheckpointError(f'{path} has {done} epochs, {epochs} were asked for; {advice}')
    recorder.load_state_dict(state)
    return path


def _loggers(folder: Path | None) -> Any:
    """TensorBoard's logger where it is installed; the CSV file is the recorder's."""
    if folder is None or find_spec('tensorboard') is None:
        return False
    from lightning.pytorch.loggers import TensorBoardLogger

    return TensorBoardLogger(folder, name='', version='tensorboard')


@contextmanager
def _quiet() -> Iterator[None]:
    """Without Lightning's advice on machines and data loaders; errors still speak."""
    loggers = [logging.getLogger(name) for name in ('lightning.pytorch', 'lightning.fabric')]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        with warnings.catch_warnings():
            warnings.filterwarnings('ignore', module=r'lightning\..*')
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextmanager
def _interruptible() -> Iterator[None]:
    """ctrl-C stays ctrl-C: Lightning turns it into an exit and leaves the signal switched off."""
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    except SystemExit as error:
        if isinstance(error.__context__, KeyboardInterrupt):
            signal.signal(signal.SIGINT, before)
            raise KeyboardInterrupt from error
        raise
