from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip('embreex')

from sensor_things import assortment
from sensor_things import cube
from sensor_things import table
from sensor_things import view

from omnibind_core.errors import ConfigError
from omnibind_core.modalities.thermal import preprocess
from omnibind_core.modalities.thermal import ThermalSensor
from omnibind_core.modalities.thermal import ThermalSpecification
from omnibind_core.simulation.heat import SOURCES
from omnibind_core.simulation.physical_material import MATERIALS
from omnibind_core.simulation.planck import band_radiance
from omnibind_core.simulation.planck import band_temperature
from omnibind_core.simulation.sensors.thermal import exitance
from omnibind_core.simulation.sensors.thermal import nothing
from omnibind_core.simulation.sensors.thermal import simulate
from omnibind_core.simulation.sensors.thermal import ThermalSimulation
from omnibind_core.simulation.thing import Reading
from omnibind_core.simulation.thing import Thing

OPTIONS = ThermalSimulation()
QUIET = ThermalSimulation(least_netd=0.0, most_netd=0.0, fixed_pattern=0.0, accuracy=0.0)
SPECIFICATION, SENSOR = ThermalSpecification(), ThermalSensor()


def taken(thing: Thing, seed: int, options: ThermalSimulation = OPTIONS) -> Reading:
    random = np.random.default_rng(seed)
    return simulate(thing, view(random), options, random)


def celsius(raw: np.ndarray) -> np.ndarray:
    return raw * 0.01 - 273.15


@pytest.mark.parametrize('size', [(80, 60), (160, 120), (60, 80)])
def test_pictures_are_what_preprocessing_takes(size: tuple[int, int]) -> None:
    options = ThermalSimulation(width=size[0], height=size[1])
    for raw in (taken(cube(), 1, options).raw, nothing(options, np.random.default_rng(1)).raw):
        assert raw.dtype == np.uint16
        assert raw.shape == (size[1], size[0])
        assert -5.0 < np.median(celsius(raw)) < 60.0
        assert preprocess(raw, SPECIFICATION, SENSOR).array.shape == (1, 96, 96)


def test_things_are_noticed_and_a_bare_wall_is_not() -> None:
    noticed = [
        preprocess(taken(thing, seed).raw, SPECIFICATION, SENSOR).informative
        for thing in assortment()
        for seed in range(10)
    ]
    assert np.mean(noticed) > 0.9
    for seed in range(100):
        raw = nothing(OPTIONS, np.random.default_rng(seed)).raw
        assert not preprocess(raw, SPECIFICATION, SENSOR).informative


def test_the_generator_decides_everything() -> None:
    thing = table()
    for first, second, same in ((1, 1, True), (1, 2, False)):
        a, b = taken(thing, first), taken(thing, second)
        assert np.array_equal(a.raw, b.raw) is same
        assert (a.metadata == b.metadata) is same


def test_a_grey_body_mixes_its_own_and_the_rooms_radiation() -> None:
    own, around = np.full(4, 310.0), np.full(4, 290.0)
    emissivity = np.array([1.0, 0.9, 0.5, 0.0])
    found = exitance(own, around, emissivity, np.ones(4, np.float32))
    expected = emissivity * band_radiance(310.0) + (1 - emissivity) * band_radiance(290.0)
    np.testing.assert_allclose(found, expected)
    # In a room as warm as itself a body looks as warm as it is, whatever it is made of.
    level = exitance(own, own, emissivity, np.float32([1.0, 0.7, 0.3, 0.1]))
    np.testing.assert_allclose(band_temperature(level), 310.0, atol=1e-3)


def test_grazing_surfaces_mirror_the_room() -> None:
    cosine = np.array([1.0, 0.5, 0.1, 0.0], np.float32)
    found = exitance(np.full(4, 310.0), np.full(4, 290.0), np.full(4, 0.95), cosine)
    seen = band_temperature(found)
    assert (np.diff(seen) < 0).all()
    assert seen[-1] == pytest.approx(290.0, abs=1e-3)


def test_bare_metal_hides_its_warmth() -> None:
    """A warm thing of polished metal shows the room; one of wood shows itself."""
    options = replace(QUIET, least_ambient=20.0, most_ambient=20.0)
    contrast = {}
    for name in ('wood', 'steel'):
        material = replace(MATERIALS[name], emissivity=0.93 if name == 'wood' else 0.06)
        thing = Thing(mesh=cube().mesh, materials=(material,))
        spreads = []
        for seed in range(60):
            reading = taken(thing, seed, options)
            if reading.metadata['source'] == 'inside':
                spreads.append(np.ptp(celsius(reading.raw)))
        contrast[name] = np.mean(spreads)
    assert contrast['wood'] > 2 * contrast['steel']


def test_noise_is_as_strong_as_stated() -> None:
    options = replace(QUIET, least_netd=55.0, most_netd=55.0)
    spread = [nothing(options, np.random.default_rng(seed)).raw.std() for seed in range(5)]
    # Counts of 10 mK round with a standard deviation of 2.9 mK.
    assert np.mean(spread) * 10 == pytest.approx(np.hypot(55.0, 2.9), rel=0.02)
    columns = nothing(replace(QUIET, fixed_pattern=200.0), np.random.default_rng(9)).raw
    of_columns = columns.astype(float).mean(axis=0).std() * 10
    assert of_columns == pytest.approx(200.0, rel=0.3)


def test_temperatures_and_sources_are_drawn_alike_for_every_thing() -> None:
    """Of one state of the generator every thing gets the same ambient, source and strength."""
    for seed in range(20):
        facts = [
            taken(thing, seed).metadata for thing in (cube(), cube(1.2), cube(substance='steel'))
        ]
        for name in ('ambient', 'source', 'strength'):
            assert len({item[name] for item in facts}) == 1
    sources = [
        taken(cube(), seed, replace(OPTIONS, oversampling=1)).metadata['source']
        for seed in range(120)
    ]
    for source in SOURCES:
        assert 12 < sources.count(source) < 50


def test_a_probe_of_temperatures_alone_is_at_chance() -> None:
    """Nearest class mean on (mean, highest, lowest) temperature of another half of the pictures."""
    things = assortment()
    options = replace(OPTIONS, oversampling=1)
    count = 60
    features = np.array(
        [
            [
                (lambda t: (t.mean(), t.max(), t.min()))(
                    celsius(taken(thing, 1000 * k + i, options).raw)
                )
                for i in range(count)
            ]
            for k, thing in enumerate(things)
        ]
    )
    features = (features - features.mean(axis=(0, 1))) / features.std(axis=(0, 1))
    centres = features[:, ::2].mean(axis=1)
    held = features[:, 1::2]
    nearest = ((held[:, :, None] - centres[None, None]) ** 2).sum(axis=-1).argmin(axis=-1)
    share = (nearest == np.arange(len(things))[:, None]).mean()
    chance = 1 / len(things)
    deviation = np.sqrt(chance * (1 - chance) / held.shape[0] / held.shape[1])
    # A nearest-mean rule on noise has some spread of its own: three deviations of a fair coin.
    assert abs(share - chance) < 3 * deviation


def test_glass_is_opaque_to_heat() -> None:
    one = cube()
    pane = replace(one.mesh.materials[0], opacity=0.1)
    clear = Thing(mesh=replace(one.mesh, materials=(pane,)), materials=one.materials)
    np.testing.assert_array_equal(taken(one, 4).raw, taken(clear, 4).raw)


def test_heat_passes_where_a_texture_is_cut_out() -> None:
    one = cube()
    holes = replace(
        one.mesh.materials[0],
        texture=np.full((4, 4, 3), 200, np.uint8),
        alpha=np.zeros((4, 4), np.uint8),
    )
    gone = Thing(mesh=replace(one.mesh, materials=(holes,)), materials=one.materials)
    assert taken(one, 5).metadata['coverage'] > 0.05
    assert taken(gone, 5).metadata['coverage'] == 0.0


def test_a_warm_camera_still_sees_the_thing_in_the_middle_square() -> None:
    for seed in range(6):
        reading = taken(table(), seed, replace(QUIET, least_ambient=20.0, most_ambient=20.0))
        assert 0.02 < reading.metadata['coverage'] < 0.8


def test_contradictory_settings_are_refused_together() -> None:
    with pytest.raises(ConfigError) as caught:
        ThermalSimulation(least_ambient=30.0, most_ambient=20.0, least_netd=80.0, most_netd=40.0)
    assert [problem.key for problem in caught.value.problems] == ['most_ambient', 'most_netd']
