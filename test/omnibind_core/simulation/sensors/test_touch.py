from __future__ import annotations

from dataclasses import replace
import importlib.util

import numpy as np
import pytest

pytest.importorskip('embreex')
if importlib.util.find_spec('taxim') is None:
    pytest.skip('needs the package taxim', allow_module_level=True)

from sensor_things import assortment
from sensor_things import cube
from sensor_things import view

from omnibind_core.errors import ConfigError
from omnibind_core.modalities.touch import preprocess
from omnibind_core.modalities.touch import TouchSensor
from omnibind_core.modalities.touch import TouchSpecification
from omnibind_core.simulation.physical_material import MATERIALS
from omnibind_core.simulation.sensors.touch import nothing
from omnibind_core.simulation.sensors.touch import simulate
from omnibind_core.simulation.sensors.touch import TouchSimulation
from omnibind_core.simulation.sensors.touch import Wear
from omnibind_core.simulation.thing import Reading
from omnibind_core.simulation.thing import Thing

OPTIONS = TouchSimulation()
SPECIFICATION, SENSOR = TouchSpecification(), TouchSensor()


def touched(thing: Thing, seed: int, options: TouchSimulation = OPTIONS) -> Reading:
    random = np.random.default_rng(seed)
    return simulate(thing, view(random), options, random)


@pytest.mark.parametrize('size', [(160, 120), (320, 240), (64, 48)])
def test_frames_are_what_preprocessing_takes(size: tuple[int, int]) -> None:
    options = TouchSimulation(width=size[0], height=size[1])
    for frame in (touched(cube(), 1, options).raw, nothing(options, np.random.default_rng(1)).raw):
        for picture in (frame.picture, frame.background):
            assert picture.dtype == np.uint8
            assert picture.shape == (size[1], size[0], 3)
        assert preprocess(frame, SPECIFICATION, SENSOR).array.shape == (3, 96, 96)


def test_contacts_are_noticed_and_their_absence_is() -> None:
    noticed = [
        preprocess(touched(thing, seed).raw, SPECIFICATION, SENSOR).informative
        for thing in assortment()
        for seed in range(12)
    ]
    assert np.mean(noticed) > 0.8
    for seed in range(40):
        frame = nothing(OPTIONS, np.random.default_rng(seed)).raw
        assert not preprocess(frame, SPECIFICATION, SENSOR).informative


def test_the_generator_decides_everything() -> None:
    thing = cube()
    for first, second, same in ((1, 1, True), (1, 2, False)):
        a, b = touched(thing, first), touched(thing, second)
        assert np.array_equal(a.raw.picture, b.raw.picture) is same
        assert (a.metadata == b.metadata) is same
        c, d = (nothing(OPTIONS, np.random.default_rng(seed)).raw for seed in (first, second))
        assert np.array_equal(c.picture, d.picture) is same


def test_more_force_dents_deeper() -> None:
    depths = []
    for force in (0.5, 2.0, 8.0):
        options = replace(OPTIONS, least_force=force, most_force=force)
        depths.append(
            np.mean([touched(cube(), seed, options).metadata['depth'] for seed in range(8)])
        )
    assert depths[0] < depths[1] < depths[2] <= OPTIONS.deepest


def test_forces_and_depths_stay_in_range() -> None:
    for seed in range(30):
        facts = touched(cube(), seed).metadata
        assert OPTIONS.least_force <= facts['force'] <= OPTIONS.most_force
        assert 0.0 < facts['depth'] <= OPTIONS.deepest
        assert 0.0 <= facts['wear'] <= OPTIONS.wear


def test_the_touched_material_shows_its_relief() -> None:
    """A weave changes the picture from pixel to pixel; glass does not."""
    plain = replace(OPTIONS, read_noise=0.0, electrons=1e6, wear=0.0, light_drift=0.0)
    fineness = {}
    for name in ('glass', 'fabric'):
        steps = []
        for seed in range(6):
            frame = touched(cube(substance=name), seed, plain).raw
            change = frame.picture.astype(float) - frame.background
            steps.append(np.abs(np.diff(change, 2, axis=1)).mean())
        fineness[name] = np.mean(steps)
    assert fineness['fabric'] > 3 * fineness['glass']


def test_shape_and_substance_are_all_that_is_seen_of_a_thing() -> None:
    """Colour and names of the materials change nothing."""
    one = cube()
    painted = replace(one.mesh.materials[0], name='armchair', diffuse=(1.0, 0.0, 0.0))
    other = Thing(
        mesh=replace(one.mesh, name='chair', materials=(painted,)), materials=one.materials
    )
    np.testing.assert_array_equal(touched(one, 3).raw.picture, touched(other, 3).raw.picture)


def test_noise_is_read_noise_and_shot_noise() -> None:
    options = replace(OPTIONS, wear=0.0, light_drift=0.0)
    frame = nothing(options, np.random.default_rng(4)).raw
    light = frame.background.astype(float) / 255
    expected = np.sqrt(light / options.electrons + (options.read_noise / 255) ** 2) * 255
    # Rounding to whole grey levels adds the variance of a uniform error, twice.
    expected = np.sqrt((expected**2).mean() + 2 / 12)
    inner = (frame.picture.astype(float) - frame.background)[10:-10, 10:-10]
    assert inner.std() == pytest.approx(expected, rel=0.04)
    assert abs(inner.mean()) < 0.1


def test_wear_darkens_and_scratches_picture_and_background_alike() -> None:
    worn = replace(OPTIONS, wear=1.0)
    gels = [Wear.drawn(worn, np.random.default_rng(seed)) for seed in range(30)]
    amounts = np.array([gel.amount for gel in gels])
    lost = np.array([1 - float(gel.reflectance.mean()) for gel in gels])
    assert np.corrcoef(amounts, lost)[0, 1] > 0.5
    for gel in gels:
        assert gel.reflectance.shape == (120, 160, 1)
        assert 0.0 < gel.reflectance.min() <= gel.reflectance.max() <= 1.0
    for seed in range(10):
        frame = nothing(worn, np.random.default_rng(seed)).raw
        assert not preprocess(frame, SPECIFICATION, SENSOR).informative


def test_every_material_can_be_touched() -> None:
    for name in MATERIALS:
        frame = touched(cube(substance=name), 5).raw
        assert not np.array_equal(frame.picture, frame.background)


def test_contradictory_forces_are_refused() -> None:
    with pytest.raises(ConfigError, match='most_force'):
        TouchSimulation(least_force=5.0, most_force=1.0)
