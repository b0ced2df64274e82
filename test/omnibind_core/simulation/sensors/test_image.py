"""The simulated camera."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip('embreex')

from sensor_things import assortment
from sensor_things import cube
from sensor_things import wooden_chair

from omnibind_core.errors import ConfigError
from omnibind_core.modalities.image import ImageSensor
from omnibind_core.modalities.image import ImageSpecification
from omnibind_core.modalities.image import preprocess
from omnibind_core.simulation.sensors.image import ImageSimulation
from omnibind_core.simulation.sensors.image import nothing
from omnibind_core.simulation.sensors.image import simulate
from omnibind_core.simulation.thing import Reading
from omnibind_core.simulation.thing import Thing
from omnibind_core.simulation.thing import View

OPTIONS = ImageSimulation(width=96, height=96)


def taken(thing: Thing, seed: int, options: ImageSimulation = OPTIONS) -> Reading:
    random = np.random.default_rng(seed)
    return simulate(thing, View.drawn(random), options, random)


def test_the_product_reads_it_and_sees_something() -> None:
    for seed, thing in enumerate(assortment() * 5):
        reading = taken(thing, seed)
        assert reading.raw.dtype == np.uint8
        assert reading.raw.shape == (96, 96, 3)
        prepared = preprocess(reading.raw, ImageSpecification(), ImageSensor())
        assert prepared.informative
        assert reading.metadata['nothing'] == 0
        assert 0.005 < reading.metadata['coverage'] < 0.95
        assert 30.0 <= reading.metadata['fov'] <= 65.0
        assert all(isinstance(value, int | float | str) for value in reading.metadata.values())


def test_a_picture_of_nothing_says_so_and_is_a_picture() -> None:
    pictures = [nothing(OPTIONS, np.random.default_rng(seed)) for seed in range(30)]
    for reading in pictures:
        assert reading.raw.shape == (96, 96, 3)
        assert reading.metadata['nothing'] == 1
        assert reading.metadata['coverage'] == 0.0
    contrast = [reading.raw.std(axis=(0, 1)).max() for reading in pictures]
    assert np.mean(np.array(contrast) > 2.0) > 0.8
    # not told apart by brightness or by the light's colour
    of_things = [taken(cube(), seed) for seed in range(30)]
    for key in ('kelvin', 'exposure', 'fov'):
        values = [[r.metadata[key] for r in group] for group in (pictures, of_things)]
        spread = np.std(values[0] + values[1])
        assert abs(np.mean(values[0]) - np.mean(values[1])) < 0.8 * spread


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, again, other = (taken(wooden_chair(), seed) for seed in (4, 4, 5))
    assert np.array_equal(first.raw, again.raw)
    assert first.metadata == again.metadata
    assert not np.array_equal(first.raw, other.raw)
    empty = [nothing(OPTIONS, np.random.default_rng(seed)).raw for seed in (1, 1, 2)]
    assert np.array_equal(empty[0], empty[1])
    assert not np.array_equal(empty[0], empty[2])


@pytest.mark.parametrize(('width', 'height'), [(320, 240), (60, 120)])
def test_any_resolution_and_aspect_shows_the_same_scene(width: int, height: int) -> None:
    """The middle square, brought to one size, hardly differs but for noise."""
    from PIL import Image

    quiet = replace(OPTIONS, least_full_well=1e6, most_full_well=1e6, read_noise=0.0)
    quiet = replace(quiet, least_blur=0.0, most_blur=0.0)
    square = taken(wooden_chair(), 3, quiet).raw
    other = taken(wooden_chair(), 3, replace(quiet, width=width, height=height)).raw
    assert other.shape == (height, width, 3)
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    middle = other[top : top + side, left : left + side]
    small = [
        np.asarray(Image.fromarray(p).resize((24, 24), Image.Resampling.BOX), float)
        for p in (square, middle)
    ]
    # automatic exposure sees the sides too
    scaled = small[1] * small[0].mean() / small[1].mean()
    assert np.corrcoef(small[0].ravel(), scaled.ravel())[0, 1] > 0.97


def test_size_does_not_show() -> None:
    """A cube and a cube of ten times the size give the same picture but for rounding."""
    small, large = (taken(cube(side), 11).raw.astype(int) for side in (0.2, 2.0))
    assert np.mean(np.abs(small - large) > 3) < 0.02


def test_noise_and_light_do_not_depend_on_the_thing() -> None:
    for seed in range(10):
        facts = [taken(thing, seed).metadata for thing in assortment()]
        for key in ('kelvin', 'exposure', 'full_well', 'fov'):
            assert len({item[key] for item in facts}) == 1


def test_dim_light_is_noisier() -> None:
    def noise(electrons: float) -> float:
        options = replace(OPTIONS, least_full_well=electrons, most_full_well=electrons)
        pair = [
            simulate(cube(), View(azimuth=0.3, elevation=0.3), options, np.random.default_rng(2)),
            simulate(
                cube(),
                View(azimuth=0.3, elevation=0.3),
                replace(options, least_full_well=1e6, most_full_well=1e6, read_noise=0.0),
                np.random.default_rng(2),
            ),
        ]
        return float((pair[0].raw.astype(float) - pair[1].raw).std())

    assert noise(500.0) > 2 * noise(10_000.0) > 0.0


def test_contradictory_settings_are_refused_together() -> None:
    with pytest.raises(ConfigError) as caught:
        ImageSimulation(least_fov=60.0, most_fov=20.0, least_kelvin=9000.0)
    assert [problem.key for problem in caught.value.problems] == ['most_fov', 'most_kelvin']
