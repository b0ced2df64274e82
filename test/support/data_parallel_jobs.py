"""What two processes do together, and the same in one: for the tests of data-parallel training."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torch.nn.parallel import DistributedDataParallel

from omnibind_core.models.students.thermal import build
from omnibind_core.training.cad_settings import CadSettings
from omnibind_core.training.gathering import gathered
from omnibind_core.training.losses.objective import CadObjective
from omnibind_core.training.losses.objective import Targets
from omnibind_core.training.synchronised_norm import synchronise_norms

BATCH = 8
DIMENSION = 6


def unit(seed: int, count: int) -> torch.Tensor:
    """Unit vectors."""
    random = torch.Generator().manual_seed(seed)
    return functional.normalize(torch.randn(count, DIMENSION, generator=random), dim=1)


def inputs() -> tuple[torch.Tensor, Targets]:
    """The whole batch: classes that occur in both halves, with duplicates."""
    random = torch.Generator().manual_seed(0)
    arrays = torch.randn(BATCH, 1, 32, 32, generator=random)
    return arrays, Targets(torch.tensor([0, 1, 2, 0, 0, 1, 2, 2]), unit(1, BATCH), unit(2, BATCH))


def networks() -> tuple[nn.Module, CadObjective]:
    """A student without dropout, and all three terms."""
    torch.manual_seed(0)
    student = build((1, 32, 32), DIMENSION, 'small')
    for layer in student.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = 0.0
        if isinstance(layer, nn.BatchNorm2d):
            # blocks begin as their shortcuts; here everything shall take part
            nn.init.uniform_(layer.weight, 0.5, 1.5)
    return student, CadObjective(CadSettings(), unit(3, 3))


class Whole(nn.Module):
    """Student and objective as one, so that one wrapper sees all parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.student, self.objective = networks()

    def forward(self, arrays: torch.Tensor, targets: Targets) -> torch.Tensor:
        """The loss of the batch of all processes."""
        vectors = gathered(self.student(arrays))
        everything = Targets(
            gathered(targets.classes), gathered(targets.image), gathered(targets.caption)
        )
        loss: torch.Tensor = self.objective(vectors, everything)['loss']
        return loss


def outcome(whole: Whole, loss: torch.Tensor) -> dict[str, Any]:
    """Loss, gradients, and the running statistics of normalisation."""
    loss.backward()
    found = {'loss': loss.detach()}
    for name, value in whole.named_parameters():
        assert value.grad is not None
        found[f'gradient {name}'] = value.grad.clone()
    found.update({f'buffer {name}': value for name, value in whole.named_buffers()})
    return found


def one_process() -> dict[str, Any]:
    """The whole batch at once."""
    whole = Whole()
    return outcome(whole, whole(*inputs()))


def half_a_batch(rank: int) -> dict[str, Any]:
    """A process's half, with everything gathered and synchronised."""
    whole = Whole()
    synchronise_norms(whole)
    arrays, targets = inputs()
    own = slice(rank * BATCH // 2, (rank + 1) * BATCH // 2)
    half = Targets(targets.classes[own], targets.image[own], targets.caption[own])
    parallel = DistributedDataParallel(whole)
    return outcome(whole, parallel(arrays[own], half))


def gather_only(rank: int) -> dict[str, Any]:
    """Vectors of both processes, and the slope of a loss that weighs each row differently."""
    own = torch.full((2, 3), float(rank + 1), requires_grad=True)
    both = gathered(own)
    (both * torch.arange(1.0, 5.0)[:, None]).sum().backward()
    return {'both': both.detach(), 'slope': own.grad, 'numbers': gathered(torch.tensor([rank, 7]))}


def both_jobs(rank: int) -> dict[str, Any]:
    """The two above in one start of the processes, names apart."""
    step = {f'step {name}': value for name, value in half_a_batch(rank).items()}
    return {**step, **{f'gather {name}': value for name, value in gather_only(rank).items()}}
