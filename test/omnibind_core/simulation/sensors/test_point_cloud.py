"""The simulated range sensor."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
import numpy as np
import pytest

pytest.importorskip('embreex')

from sensor_things import assortment
from sensor_things import cube
from sensor_things import table
from sensor_things import wooden_chair

from omnibind_core.errors import ConfigError
from omnibind_core.modalities.point_cloud import PointCloudSensor
from omnibind_core.modalities.point_cloud import PointCloudSpecification
from omnibind_core.modalities.point_cloud import preprocess
from omnibind_core.simulation.mesh import Material
from omnibind_core.simulation.sensors.point_cloud import measured
from omnibind_core.simulation.sensors.point_cloud import nothing
from omnibind_core.simulation.sensors.point_cloud import PointCloudSimulation
from omnibind_core.simulation.sensors.point_cloud import returned
from omnibind_core.simulation.sensors.point_cloud import simulate
from omnibind_core.simulation.thing import Reading
from omnibind_core.simulation.thing import Thing
from omnibind_core.simulation.thing import View

OPTIONS = PointCloudSimulation()
EXACT = PointCloudSimulation(
    noise=0.0,
    noise_growth=0.0,
    quantum=0.0,
    loss=0.0,
    grazing=90.0,
    floor=0.0,
    strays=0.0,
    heading=0.0,
    tilt=0.0,
)
SPECIFICATION, SENSOR = PointCloudSpecification(), PointCloudSensor()


def taken(thing: Thing, seed: int, options: PointCloudSimulation = OPTIONS) -> Reading:
    random = np.random.default_rng(seed)
    return simulate(thing, View.drawn(random), options, random)


def test_the_product_reads_it_and_finds_enough() -> None:
    for seed, thing in enumerate(assortment() * 6):
        reading = taken(thing, seed)
        assert reading.raw.dtype == np.float32
        assert reading.raw.shape[1:] == (3,)
        assert 0.7 * 300 <= reading.metadata['hits'] <= 1.3 * 3000
        # 5 % are lost anywhere, more at grazing angles; few points of floor and strays come in
        assert 0.55 * reading.metadata['hits'] < len(reading.raw) < reading.metadata['hits'] * 1.04
        prepared = preprocess(reading.raw, SPECIFICATION, SENSOR)
        assert prepared.informative
        assert prepared.evidence == len(reading.raw)


def test_an_empty_range_is_empty_to_the_product() -> None:
    counts = []
    for seed in range(60):
        reading = nothing(OPTIONS, np.random.default_rng(seed))
        assert reading.raw.dtype == np.float32
        assert reading.raw.shape == (reading.metadata['strays'], 3)
        assert reading.metadata['nothing'] == 1
        assert not preprocess(reading.raw, SPECIFICATION, SENSOR).informative
        counts.append(len(reading.raw))
    assert min(counts) == 0
    assert max(counts) == OPTIONS.most_strays


def test_points_lie_on_the_visible_sides_of_a_cube() -> None:
    """Without errors: on planes, at true size, and on no side that is turned away."""
    side = 0.5
    view = View(azimuth=0.0, elevation=0.5)
    reading = simulate(cube(side), view, EXACT, np.random.default_rng(3))
    points = reading.raw.astype(np.float64)
    distance = reading.metadata['distance']
    # seen from straight before: x forwards; the cube's middle is ahead and below
    x = points[:, 0] - distance * np.cos(0.5)
    z = points[:, 2] + distance * np.sin(0.5)
    front = np.abs(x + side / 2) < 1e-3
    top = np.abs(z - side / 2) < 1e-3
    assert (front | top).all()
    assert front.sum() > 30
    assert top.sum() > 30
    width = np.ptp(points[:, 1])
    step = distance * np.radians(OPTIONS.azimuth_step)
    assert side - 2 * step < width <= side + 1e-4


def test_the_sensor_is_the_origin_and_looks_along_x() -> None:
    for seed in range(10):
        reading = taken(table(), seed, EXACT)
        middle = (reading.raw.min(axis=0) + reading.raw.max(axis=0)) / 2
        assert np.arctan2(middle[1], middle[0]) == pytest.approx(0.0, abs=0.2)
        assert middle[2] < 0.0
        radius = np.linalg.norm(reading.raw, axis=1)
        reach = np.linalg.norm(table().mesh.size) / 2
        assert np.abs(radius - reading.metadata['distance']).max() <= reach + 1e-3


def test_headings_spread() -> None:
    turns = [np.arctan2(*np.median(taken(cube(), seed).raw, axis=0)[[1, 0]]) for seed in range(60)]
    assert np.degrees(np.abs(turns)).max() < 40
    assert np.degrees(np.std(turns)) == pytest.approx(30 / np.sqrt(3), rel=0.3)


@pytest.mark.parametrize('distance', [0.5, 1.0, 9.0])
def test_range_noise_is_that_of_the_data_sheet(distance: float) -> None:
    options = replace(OPTIONS, quantum=0.0)
    true = np.full(40_000, distance)
    found = (measured(true, options, np.random.default_rng(1)) - true) * 1e3
    # L515: 2.5 mm at 1 m, 15.5 mm at 9 m
    wanted = {0.5: np.hypot(1.8, 0.85), 1.0: 2.5, 9.0: 15.5}[distance]
    assert found.std() == pytest.approx(wanted, rel=0.02)
    assert abs(found.mean()) < 0.1 + wanted * 0.02


@given(distance=st.floats(0.0, 50.0), quantum=st.floats(0.1, 50.0))
def test_ranges_are_whole_steps(distance: float, quantum: float) -> None:
    options = replace(EXACT, quantum=quantum)
    (found,) = measured(np.array([distance]), options, np.random.default_rng(0)).tolist()
    assert abs(found - distance) <= quantum * 0.5e-3 + 1e-9
    count = found / (quantum * 1e-3)
    assert abs(count - round(count)) < 1e-6


def test_echoes_are_lost_at_grazing_angles() -> None:
    """Half at the stated angle; 5 % anywhere; none is lost without loss."""
    options = replace(OPTIONS, loss=0.0)
    angles = np.radians([0.0, 60.0, 80.0, 89.0])
    share = returned(np.cos(angles), options)
    assert share[2] == pytest.approx(0.5)
    assert (np.diff(share) < 0).all()
    assert share[0] > 0.95
    np.testing.assert_allclose(returned(np.cos(angles), OPTIONS), 0.95 * share)
    np.testing.assert_allclose(returned(np.cos(angles), EXACT), 1.0, atol=1e-6)
    kept = [taken(cube(), seed, replace(EXACT, loss=0.3)) for seed in range(20)]
    hits = sum(reading.metadata['hits'] for reading in kept)
    deviation = np.sqrt(0.3 * 0.7 / hits)
    assert sum(len(reading.raw) for reading in kept) / hits == pytest.approx(0.7, abs=4 * deviation)


def test_points_of_the_floor_are_on_the_floor() -> None:
    options = replace(EXACT, loss=1.0, floor=0.5)
    found = 0
    for seed in range(8):
        # everything of the thing is lost: what is left counts as a share of nothing
        assert len(taken(table(), seed, options).raw) == 0
    options = replace(EXACT, floor=0.5)
    for seed in range(8):
        reading = taken(table(), seed, options)
        added = reading.metadata['floor']
        points = reading.raw[len(reading.raw) - added :]
        if added:
            assert np.ptp(points[:, 2]) < 1e-3
            assert points[0, 2] <= reading.raw[:, 2].min() + 1e-3
        found += added
    assert found > 100


@settings(max_examples=20)
@given(seed=st.integers(0, 10**6))
def test_strays_stay_near_the_thing(seed: int) -> None:
    options = replace(EXACT, strays=1.0)
    reading = taken(wooden_chair(), seed, options)
    strays = reading.metadata['strays']
    own = reading.raw[: len(reading.raw) - strays]
    reach = 1.4 * float(np.linalg.norm(wooden_chair().mesh.size))
    offset = np.linalg.norm(reading.raw - own.mean(axis=0), axis=1)
    assert offset.max() < reach


def test_a_farther_sensor_gets_fewer_points() -> None:
    """And a spinning one, with rows farther apart, fewer rows."""
    view = View(azimuth=0.4, elevation=0.2)
    few, many = (
        simulate(
            table(),
            view,
            replace(OPTIONS, least_points=count, most_points=count),
            np.random.default_rng(1),
        )
        for count in (300, 3000)
    )
    assert few.metadata['distance'] > 2 * many.metadata['distance']
    spinning = replace(EXACT, azimuth_step=0.2, elevation_step=1.5, least_points=1000)
    cloud = simulate(cube(), view, spinning, np.random.default_rng(1)).raw
    height = np.degrees(np.arcsin(cloud[:, 2] / np.linalg.norm(cloud, axis=1)))
    rows = np.unique(np.rint(height / 0.05))
    gaps = np.diff(rows)[np.diff(rows) > 1] * 0.05
    assert np.abs(gaps - 1.5).max() < 0.11


def test_beams_pass_glass() -> None:
    thing = cube()
    pane = replace(thing.mesh, materials=(Material('pane', opacity=0.2),))
    reading = taken(Thing(mesh=pane, materials=thing.materials), 1)
    assert reading.raw.shape == (0, 3)
    assert not preprocess(reading.raw, SPECIFICATION, SENSOR).informative


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, again, other = (taken(wooden_chair(), seed) for seed in (4, 4, 5))
    assert np.array_equal(first.raw, again.raw)
    assert first.metadata == again.metadata
    assert first.raw.shape != other.raw.shape or not np.array_equal(first.raw, other.raw)
    strays = [nothing(OPTIONS, np.random.default_rng(seed)).raw for seed in (2, 2)]
    assert np.array_equal(*strays)


def test_contradictory_settings_are_refused_together() -> None:
    with pytest.raises(ConfigError) as caught:
        PointCloudSimulation(least_points=5000, least_distance=19.0, most_distance=2.0)
    assert [problem.key for problem in caught.value.problems] == ['most_points', 'most_distance']
