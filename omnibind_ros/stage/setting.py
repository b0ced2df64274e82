"""What every run on a stage is given."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from omnibind_core.configuration.robot import Encoder
from omnibind_core.configuration.robot import Robot
from omnibind_ros.stage.interrupts import Interrupts


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What the nodes are started with.

    :param bundle: that all nodes load, resolved.
    :param bag: what is played to them.
    :param parameters: the parameter file of the bag's sensors.
    :param robot: what it says.
    :param interrupts: what signals do.
    """

    bundle: Path
    bag: Path
    parameters: Path
    robot: Robot
    interrupts: Interrupts = field(default_factory=Interrupts)

    def sensor(self, modality: str) -> Encoder:
        """The bag's sensor of a modality."""
        return next(one for one in self.robot.encoders if one.parameters.modality == modality)
