"""The household models before the simulated sensors: what OmniHome's generation draws on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from omnibind_core.data.seeding import generator
from omnibind_core.simulation.catalogue import Catalogue
from omnibind_core.simulation.catalogue import read_catalogue
from omnibind_core.simulation.class_table import read_class_table
from omnibind_core.simulation.curation import curate
from omnibind_core.simulation.curation import Curation
from omnibind_core.simulation.curation import read_pairs
from omnibind_core.simulation.deformation import deformed
from omnibind_core.simulation.folds import split
from omnibind_core.simulation.obj_mesh import load_model
from omnibind_core.simulation.omnihome import OmniHome
from omnibind_core.simulation.physical_material import material_of
from omnibind_core.simulation.plan import plan_instances
from omnibind_core.simulation.plan import PlannedInstance
from omnibind_core.simulation.sensor_table import sensor_module
from omnibind_core.simulation.sensor_table import SIMULATED
from omnibind_core.simulation.simulator import Simulator
from omnibind_core.simulation.thing import Thing
from omnibind_core.simulation.thing import View


@dataclass(frozen=True)
class Household:
    """The curated models and what is generated of them.

    :param catalogue: all models.
    :param curation: the instances, their classes, and the funnel.
    :param planned: instances and copies with their folds.
    """

    catalogue: Catalogue
    curation: Curation
    planned: tuple[PlannedInstance, ...]


def read_household(settings: OmniHome) -> Household:
    """Read the models' catalogue and the class table, and plan what is generated.

    :raises OmniBindError: models or tables are missing, contradict each other, or leave a class
        with too few instances.
    """
    catalogue = read_catalogue(settings.models, settings.libraries)
    table = read_class_table(settings.classes, settings.definitions)
    curation = curate(catalogue, table, read_pairs(settings.similar))
    splits = [split(curation.instances, seed, settings.folds) for seed in settings.split_seeds]
    planned = plan_instances(
        [(item.model_id, item.class_id, item.name) for item in curation.instances],
        splits,
        views=settings.views,
        nothing=settings.nothing,
        copies=settings.copies,
        copy_views=settings.copy_views,
    )
    return Household(catalogue, curation, planned)


class HouseholdStage:
    """Things and sensors of OmniHome, made in each process (a :class:`~.simulator.Stage`).

    :param settings: the configuration.
    """

    def __init__(self, settings: OmniHome) -> None:
        self._settings = settings
        self._catalogue = read_catalogue(settings.models, settings.libraries)
        self._simulators = {name: self._simulator(name) for name in SIMULATED}

    @property
    def simulators(self) -> Mapping[str, Simulator]:
        """By modality."""
        return self._simulators

    def thing(self, planned: PlannedInstance) -> Thing:
        """A model, or a deformed copy of it, with its substances.

        :raises MeshError: its mesh cannot be read.
        """
        seed = self._settings.seed
        mesh = load_model(self._catalogue, planned.model)
        if planned.copy:
            random = generator(seed, planned.instance, 'deformation')
            mesh = deformed(mesh, self._settings.deformation, random)
        random = generator(seed, planned.instance, 'material')
        materials = tuple(material_of(item.name, '', random) for item in mesh.materials)
        return Thing(mesh=mesh, materials=materials)

    def view(self, random: np.random.Generator) -> View:
        """Where the robot stands."""
        return View.drawn(random)

    def describe(self, planned: PlannedInstance, thing: Thing) -> Mapping[str, Any]:
        """Creator, licence, size, substances by their share of the surface, what was mended."""
        model = self._catalogue.model(planned.model)
        shares: dict[str, float] = {}
        total = float(thing.mesh.areas.sum())
        for number, material in enumerate(thing.materials):
            area = float(thing.mesh.areas[thing.mesh.material == number].sum())
            shares[material.name] = shares.get(material.name, 0.0) + area / total
        return {
            'library': model.library,
            'creator': model.creator,
            'licence': model.licence,
            'size_m': [round(float(side), 4) for side in thing.mesh.size],
            'substances': {name: round(share, 4) for name, share in sorted(shares.items())},
            'warnings': list(thing.mesh.warnings),
        }

    def _simulator(self, name: str) -> Simulator:
        module = sensor_module(name)
        options = self._settings.sensors[name]

        def simulate(
            planned: PlannedInstance, thing: Thing, view: View, random: np.random.Generator
        ) -> Any:
            if name == 'text':  # what people call the thing; no sensor is told
                nouns = (planned.label.replace('_', ' '),)
                return module.simulate(thing, view, options, random, name=planned.name, nouns=nouns)
            return module.simulate(thing, view, options, random)

        if name == 'text':  # nobody speaks where there is nothing
            return Simulator(simulate, None)
        return Simulator(simulate, partial(module.nothing, options))
