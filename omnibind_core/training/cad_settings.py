"""The settings of stage 1 (cross-modal alignment distillation), from one commented YAML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import fields
from dataclasses import replace
from pathlib import Path
from typing import Any

from omnibind_core.configuration.option import option
from omnibind_core.configuration.reader import read
from omnibind_core.configuration.yaml_file import read_yaml
from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem
from omnibind_core.modalities.registry import SENSOR_NAMES

TERMS = ('in', 'cr', 'se')
"""L_in, L_cr and L_se."""

SCRATCH = 'scratch'
"""Instead of them: labels alone, without a teacher."""

_SECTION = 'modalities'


def _temperature(text: str) -> Any:
    """An option for what divides a standardised relation."""
    return option(0.5, text, unit='standard deviations', minimum=0.05, maximum=10.0)


@dataclass(frozen=True, kw_only=True)
class CadSettings:
    """How one student is trained."""

    size: str = option('small', 'Of the student; base is for GPUs.', choices=('small', 'base'))
    terms: tuple[str, ...] = option(
        TERMS,
        'Which losses: in (student against class prompts), cr (relations of images to texts), se '
        '(relations within); or scratch alone: labels without a teacher.',
        choices=(*TERMS, SCRATCH),
    )
    cr_weight: float = option(
        0.1, 'Weight of cr against captions; in has 1.', minimum=0.0, maximum=100.0
    )
    cr_prompt_weight: float = option(
        1.0, 'Weight of cr against class prompts.', minimum=0.0, maximum=100.0
    )
    se_weight: float = option(0.1, 'Weight of se.', minimum=0.0, maximum=100.0)
    temperature: float = option(
        0.07, 'Of in, to begin with; it is learnt, down to 0.01.', minimum=0.01, maximum=1.0
    )
    cr_prompt_temperature: float = option(
        0.1, "Of cr: the teacher's cosines to class prompts.", minimum=0.01, maximum=1.0
    )
    cr_teacher_temperature: float = _temperature(
        "Of cr: the teacher's relation of images to captions."
    )
    cr_temperature: float = _temperature("Of cr: the student's relation to captions.")
    se_image_temperature: float = _temperature('Of se: relations among images.')
    se_text_temperature: float = _temperature('Of se: relations among texts.')
    se_temperature: float = _temperature("Of se: the student's relations.")
    epochs: int = option(30, 'How long.', unit='epochs', minimum=1, maximum=100_000)
    steps_per_epoch: int = option(
        0,
        'Batches in an epoch. 0: each reading once.',
        unit='batches',
        minimum=0,
        maximum=1_000_000,
    )
    batch: int = option(
        64,
        'Readings compared with each other in one step, over all processes.',
        unit='readings',
        minimum=4,
        maximum=65_536,
    )
    learning_rate: float = option(
        2e-3, 'Highest; falls to 0 along a cosine.', minimum=1e-7, maximum=1.0
    )
    warm_up: float = option(0.05, 'Share of all steps in which it rises.', minimum=0.0, maximum=0.9)
    weight_decay: float = option(0.05, "AdamW's.", minimum=0.0, maximum=1.0)
    gradient_norm: float = option(
        1.0, 'Longer gradients are shortened to this. 0: none is.', minimum=0.0, maximum=1e6
    )
    precision: str = option(
        'bfloat16',
        'Of the network; losses are always float32.',
        choices=('float32', 'bfloat16'),
    )
    augmentation: float = option(
        0.5, 'Strength of random changes; 0: none.', minimum=0.0, maximum=2.0
    )
    dropout: float = option(
        0.2,
        'Share of the features before the last layer that are left out at random.',
        minimum=0.0,
        maximum=0.9,
    )
    evaluate_every: int = option(
        1, 'From one look at the val fold to the next.', unit='epochs', minimum=1, maximum=100_000
    )
    patience: int = option(
        0,
        'Looks at the val fold without a better one after which training ends. 0: never.',
        minimum=0,
        maximum=100_000,
    )
    budget: int | None = option(
        None,
        'Most readings that the student may learn from; null: all.',
        unit='readings',
        minimum=1,
    )
    seed: int = option(0, 'Of everything drawn.', minimum=0)

    def __post_init__(self) -> None:
        """Check what concerns several fields.

        :raises ConfigError: with all problems found.
        """
        problems = []
        allowed = f'some of {", ".join(TERMS)}, each once; or {SCRATCH} alone'
        repeated = len(set(self.terms)) < len(self.terms)
        if not self.terms or repeated or (SCRATCH in self.terms and len(self.terms) > 1):
            problems.append(Problem('terms', ', '.join(self.terms), allowed))
        if self.evaluate_every > self.epochs:
            allowed = f'at most epochs ({self.epochs})'
            problems.append(Problem('evaluate_every', str(self.evaluate_every), allowed))
        if problems:
            raise ConfigError(type(self).__name__, problems)

    @property
    def scratch(self) -> bool:
        """Whether labels alone are learnt from."""
        return SCRATCH in self.terms

    def changed(self, **changes: Any) -> CadSettings:
        """The same with some fields changed.

        :raises ConfigError: they contradict each other.
        """
        return replace(self, **changes)

    def document(self) -> dict[str, Any]:
        """All fields as JSON has them."""
        return {**asdict(self), 'terms': list(self.terms)}


def read_cad_settings(path: Path, modality: str) -> CadSettings:
    """The settings for one modality.

    The file holds fields of :class:`CadSettings`, and under ``modalities`` what differs for some.

    :param path: YAML file.
    :param modality: a sensor's name.
    :raises ConfigError: with every problem found, also those of other modalities.
    """
    content = read_yaml(path)
    if content is None:
        content = {}
    if not isinstance(content, Mapping):
        raise ConfigError(str(path), [Problem('(file)', type(content).__name__, 'a mapping')])
    common = {name: value for name, value in content.items() if name != _SECTION}
    sections = content.get(_SECTION) or {}
    problems = _problems_of_sections(sections)
    if modality not in SENSOR_NAMES:
        problems.append(Problem('modality', repr(modality), ', '.join(SENSOR_NAMES)))
    if problems:
        raise ConfigError(str(path), problems)
    found = read(CadSettings, common, source=str(path))
    for name in SENSOR_NAMES:
        own = sections.get(name)
        if own is not None:
            # the common part was right, so whatever is wrong now stands in the section
            special = read(CadSettings, {**common, **own}, source=f'{path}, {_SECTION}.{name}')
            found = special if name == modality else found
    return found


def _problems_of_sections(sections: Any) -> list[Problem]:
    if not isinstance(sections, Mapping):
        return [Problem(_SECTION, type(sections).__name__, f'some of {", ".join(SENSOR_NAMES)}')]
    known = {item.name for item in fields(CadSettings)}
    problems = []
    for name, own in sections.items():
        key = f'{_SECTION}.{name}'
        if name not in SENSOR_NAMES:
            problems.append(Problem(key, 'an unknown key', ', '.join(SENSOR_NAMES)))
        elif own is not None and not isinstance(own, Mapping):
            problems.append(Problem(key, type(own).__name__, 'a mapping of keys to values'))
        else:
            problems += [
                Problem(f'{key}.{field}', 'an unknown key', f'one of {", ".join(sorted(known))}')
                for field in own or {}
                if field not in known
            ]
    return problems
