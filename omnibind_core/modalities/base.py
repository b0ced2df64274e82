"""What every modality declares: its raw data, its model input, its sensor's settings.

Notation: ``h, w`` picture height and width, ``n`` number of points or events, ``s`` samples.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from typing import Literal
from typing import Protocol
from typing import TYPE_CHECKING

from omnibind_core.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Prepared:
    """What a model takes, made from one raw sensor reading.

    :param array: float32, C-contiguous, of the input specification's shape, without a batch axis.
    :param informative: false when the sensor had nothing to sense (no contact, silence, no motion,
        empty range). The array is valid all the same.
    :param evidence: the measured quantity that decided ``informative``, for people and logs.
    :param unit: what ``evidence`` is measured in.
    """

    array: NDArray[np.float32]
    informative: bool = True
    evidence: float = float('nan')
    unit: str = ''


class InputSpecification(Protocol):
    """What a model was trained on: a frozen dataclass, stored in the bundle."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the prepared array, without a batch axis."""


@dataclass(frozen=True)
class Modality:
    """One kind of sensor data and how it becomes a model's input.

    :param name: as used in files, messages and on the command line.
    :param title: for people.
    :param role: ``teacher`` (image, text) or ``student`` (OmniBind section 3).
    :param raw: the raw reading's type, shape and meaning.
    :param unit: unit of the raw values.
    :param span: length of what one reading covers, in seconds; 0 for a picture.
    :param specification: frozen dataclass of what the *model* needs; its defaults are ours.
    :param sensor: frozen dataclass of what differs from *sensor* to sensor, set on the robot.
    :param preprocess: ``(raw, specification, sensor) -> Prepared``; raises
        :class:`~omnibind_core.errors.InputError` for anything it cannot use. ``None`` for text,
        which becomes an array only in the text encoder's own tokenizer. Call :meth:`prepare`.
    """

    name: str
    title: str
    role: Literal['teacher', 'student']
    raw: str
    unit: str
    span: float
    specification: type[Any]
    sensor: type[Any]
    preprocess: Callable[[Any, Any, Any], Prepared] | None

    def prepare(self, raw: object, specification: object, sensor: object) -> Prepared:
        """Make a raw reading ready for the model.

        :raises InputError: for anything that cannot be used, and for a modality without arrays.
        """
        if self.preprocess is None:
            raise InputError('modality', self.name, 'a modality that a sensor measures')
        return self.preprocess(raw, specification, sensor)

    def default_specification(self) -> InputSpecification:
        """The input specification with our defaults."""
        return self.specification()  # type: ignore[no-any-return]
