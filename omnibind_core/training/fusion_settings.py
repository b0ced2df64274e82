"""The settings of stage 2 (adaptive fusion), from one commented YAML file."""

from __future__ import annotations

from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from pathlib import Path
from typing import Any

from omnibind_core.configuration.option import option
from omnibind_core.configuration.reader import read
from omnibind_core.configuration.yaml_file import read_yaml
from omnibind_core.models.fusion_design import FusionDesign
from omnibind_core.training.fusion_mix import FusionMix


@dataclass(frozen=True, kw_only=True)
class FusionSettings:
    """How a fusion is trained."""

    design: FusionDesign = field(default_factory=FusionDesign)
    mix: FusionMix = field(default_factory=FusionMix)
    health: bool = option(
        True, 'Whether a linear probe of each modality tells broken readings from whole ones.'
    )
    adapter_strengths: tuple[float, ...] = option(
        (0.0, 0.3, 0.5),
        'Shares of the adapted posterior that are tried on val; 0: no adapter.',
        minimum=0.0,
        maximum=0.9,
    )
    adapter_shrinkages: tuple[float, ...] = option(
        (300.0, 100.0),
        'Of the adapters towards no change; tried with each strength.',
        minimum=1e-3,
        maximum=1e6,
    )
    epochs: int = option(
        16, 'How long. 0: the calibrated product.', unit='epochs', minimum=0, maximum=10_000
    )
    steps_per_epoch: int = option(50, 'In an epoch.', unit='batches', minimum=1, maximum=100_000)
    batch: int = option(256, 'In a step.', unit='tuples', minimum=2, maximum=65_536)
    learning_rate: float = option(
        1e-2, 'Highest; rises in the first tenth, then falls to 0.', minimum=1e-7, maximum=1.0
    )
    weight_decay: float = option(1.0, "AdamW's.", minimum=0.0, maximum=100.0)
    gradient_norm: float = option(
        1.0, 'Longer gradients are shortened to this. 0: none is.', minimum=0.0, maximum=1e6
    )
    instances: float = option(
        0.8, 'Share of the instances that each member learns from.', minimum=0.1, maximum=1.0
    )
    mixture: float = option(
        0.3, 'Weight of the mixture at the first step of training.', minimum=0.0, maximum=1.0
    )
    nothing_weight: float = option(
        0.3, 'Of tuples of nothing, whose posterior shall be flat.', minimum=0.0, maximum=100.0
    )
    patience: int = option(
        0,
        'Looks at the val fold without a better one after which training ends. 0: never.',
        minimum=0,
        maximum=10_000,
    )
    val_tuples: int = option(
        4096, 'Drawn once from the val fold for all choices.', minimum=64, maximum=1_000_000
    )
    abstain_risk: float = option(
        0.5,
        'Share of wrong answers among those given that the abstention threshold aims at.',
        minimum=0.0,
        maximum=1.0,
    )
    seed: int = option(0, 'Of everything drawn.', minimum=0)

    def changed(self, **changes: Any) -> FusionSettings:
        """The same with some fields changed."""
        return replace(self, **changes)

    def document(self) -> dict[str, Any]:
        """All fields as JSON has them."""
        found = asdict(self)
        found['mix'] |= {'sizes': list(self.mix.sizes), 'weights': dict(self.mix.weights)}
        for name in ('adapter_strengths', 'adapter_shrinkages'):
            found[name] = list(found[name])
        return found


def read_fusion_settings(path: Path) -> FusionSettings:
    """The settings of a file.

    :param path: YAML file.
    :raises ConfigError: with every problem found.
    """
    content = read_yaml(path)
    return read(FusionSettings, {} if content is None else content, source=str(path))
