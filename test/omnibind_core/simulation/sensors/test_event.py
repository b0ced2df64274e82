"""The simulated event camera."""

from __future__ import annotations

from dataclasses import replace
import math

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

pytest.importorskip('embreex')

from sensor_things import assortment
from sensor_things import wooden_chair

from omnibind_core.errors import ConfigError
from omnibind_core.modalities.event import EventSensor
from omnibind_core.modalities.event import EventSpecification
from omnibind_core.modalities.event import preprocess
from omnibind_core.modalities.event_slice import check_event_slice
from omnibind_core.simulation.framing import Framing
from omnibind_core.simulation.sensors.event import EventSimulation
from omnibind_core.simulation.sensors.event import Motion
from omnibind_core.simulation.sensors.event import noise_events
from omnibind_core.simulation.sensors.event import nothing
from omnibind_core.simulation.sensors.event import simulate
from omnibind_core.simulation.thing import Reading
from omnibind_core.simulation.thing import Thing
from omnibind_core.simulation.thing import View

OPTIONS = EventSimulation(width=64, height=64)
SPECIFICATION, SENSOR = EventSpecification(), EventSensor()


def taken(thing: Thing, seed: int, options: EventSimulation = OPTIONS) -> Reading:
    random = np.random.default_rng(seed)
    return simulate(thing, View.drawn(random), options, random)


def test_the_product_reads_it_and_sees_motion() -> None:
    found = []
    for seed, thing in enumerate(assortment() * 3):
        reading = taken(thing, seed)
        events = check_event_slice(reading.raw).events
        assert (reading.raw.width, reading.raw.height, reading.raw.end_us) == (64, 64, 50_000)
        assert 0 < events['t'].min() <= events['t'].max() <= 50_000
        assert max(events['x'].max(), events['y'].max()) < 64
        assert set(np.unique(events['p'])) <= {0, 1}
        facts = reading.metadata
        assert len(events) == facts['motion_events'] + facts['noise_events']
        assert facts['nothing'] == 0
        assert 6 <= facts['frames'] <= 14
        found.append(preprocess(reading.raw, SPECIFICATION, SENSOR).informative)
    assert np.mean(found) > 0.9


def test_a_camera_at_rest_is_uninformative_to_the_product() -> None:
    for seed in range(150):
        reading = nothing(EventSimulation(), np.random.default_rng(seed))
        check_event_slice(reading.raw)
        assert reading.metadata['nothing'] == 1
        assert not preprocess(reading.raw, SPECIFICATION, SENSOR).informative


def test_without_motion_a_thing_gives_noise_alone() -> None:
    still = replace(OPTIONS, least_speed=0.0, most_speed=0.0, orbit=0.0, roll=0.0, approach=0.0)
    reading = taken(wooden_chair(), 3, still)
    assert reading.metadata['motion_events'] == 0
    assert not preprocess(reading.raw, SPECIFICATION, SENSOR).informative


def test_faster_motion_and_lower_thresholds_give_more_events() -> None:
    def count(**changes: float) -> int:
        options = replace(OPTIONS, least_noise=0.0, most_noise=0.0, hot_pixels=0.0, **changes)
        return sum(
            taken(wooden_chair(), seed, options).metadata['motion_events'] for seed in (1, 2)
        )

    slow = count(least_speed=0.3, most_speed=0.3)
    fast = count(least_speed=1.5, most_speed=1.5)
    assert fast > 1.5 * slow
    dull = count(least_speed=0.3, most_speed=0.3, least_threshold=0.7, most_threshold=0.7)
    assert dull < 0.7 * slow


def test_noise_is_poisson_at_the_stated_rate() -> None:
    """Over many slices; times and polarities are even."""
    options = EventSimulation(least_noise=0.1, most_noise=0.1, hot_pixels=0.0)
    slices = [noise_events(options, np.random.default_rng(seed)) for seed in range(200)]
    expected = 0.1 * 128 * 128 * 0.05
    counts = np.array([len(item) for item in slices])
    assert counts.mean() == pytest.approx(expected, abs=4 * math.sqrt(expected / 200))
    assert counts.var() == pytest.approx(expected, rel=0.5)
    together = np.concatenate(slices)
    assert together['t'].mean() == pytest.approx(25_000, rel=0.03)
    assert together['p'].mean() == pytest.approx(0.5, abs=0.03)
    assert together['t'].min() > 0


def test_hot_pixels_fire_again_and_again() -> None:
    options = EventSimulation(
        least_noise=0.0,
        most_noise=0.0,
        hot_pixels=0.001,
        least_hot_rate=1000.0,
        most_hot_rate=1000.0,
    )
    events = noise_events(options, np.random.default_rng(0))
    pixels, counts = np.unique(events['y'].astype(int) * 128 + events['x'], return_counts=True)
    assert 4 < len(pixels) < 40
    assert counts.mean() == pytest.approx(50.0, rel=0.2)


START = Framing(target=(0.0, 0.0, 0.5), distance=2.0, azimuth=0.5, elevation=0.3, fov=0.8)


def test_panning_moves_the_picture_at_the_stated_speed() -> None:
    """1 picture a second to the right: 10 ms are a hundredth of the square."""
    camera = Motion(pan=(1.0, 0.0)).after(START, 0.01).camera(100, 100)
    (place,), _ = camera.project([(0.0, 0.0, 0.5)])
    assert place[0] == pytest.approx(51.0, abs=0.02)
    assert place[1] == pytest.approx(50.0, abs=0.02)


def test_motion_is_even_and_as_stated() -> None:
    motion = Motion(pan=(0.1, -0.2), azimuth=1.0, elevation=0.5, roll=-0.3, approach=0.5)
    later = motion.after(START, 0.1)
    assert later.azimuth == pytest.approx(0.6)
    assert later.elevation == pytest.approx(0.35)
    assert later.roll == pytest.approx(-0.03)
    assert later.distance == pytest.approx(2.0 * math.exp(-0.05))
    assert later.shift == pytest.approx((0.02, -0.04))
    assert motion.after(START, 0.0) == START


@given(seed=st.integers(0, 10**6))
def test_motions_stay_within_the_options(seed: int) -> None:
    motion = Motion.drawn(OPTIONS, np.random.default_rng(seed))
    assert 0.3 - 1e-9 <= math.hypot(*motion.pan) <= 2.0 + 1e-9
    assert abs(motion.azimuth) <= math.radians(45)
    assert abs(motion.roll) <= math.radians(30)
    high = replace(START, elevation=1.48)
    assert motion.after(high, 5.0).elevation <= math.radians(85.0)


def test_motion_and_noise_do_not_depend_on_the_thing() -> None:
    for seed in range(4):
        facts = [taken(thing, seed).metadata for thing in assortment()]
        for key in ('speed', 'threshold', 'frames', 'noise_events'):
            assert len({item[key] for item in facts}) == 1


def test_the_same_seed_gives_the_same_events() -> None:
    first, again, other = (taken(wooden_chair(), seed) for seed in (4, 4, 5))
    assert np.array_equal(first.raw.events, again.raw.events)
    assert first.metadata == again.metadata
    assert not np.array_equal(first.raw.events, other.raw.events)


def test_other_sizes_and_spans() -> None:
    options = EventSimulation(width=80, height=48, span_ms=20.0, least_frames=3, most_frames=4)
    reading = taken(wooden_chair(), 2, options)
    assert (reading.raw.width, reading.raw.height, reading.raw.end_us) == (80, 48, 20_000)
    assert reading.raw.events['x'].max() > 48
    assert reading.metadata['frames'] <= 4


def test_contradictory_settings_are_refused_together() -> None:
    with pytest.raises(ConfigError) as caught:
        EventSimulation(least_speed=3.0, most_speed=1.0, least_frames=20, most_frames=10)
    assert [problem.key for problem in caught.value.problems] == ['most_frames', 'most_speed']
