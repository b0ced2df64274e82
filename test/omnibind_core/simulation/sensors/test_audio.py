from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip('embreex')

from sensor_things import assortment
from sensor_things import cube
from sensor_things import cup
from sensor_things import table
from sensor_things import view

from omnibind_core.errors import ConfigError
from omnibind_core.modalities.audio import AudioSensor
from omnibind_core.modalities.audio import AudioSpecification
from omnibind_core.modalities.audio import preprocess
from omnibind_core.simulation.modal_model import modal_model
from omnibind_core.simulation.physical_material import MATERIALS
from omnibind_core.simulation.sensors.audio import AudioSimulation
from omnibind_core.simulation.sensors.audio import nothing
from omnibind_core.simulation.sensors.audio import ringing
from omnibind_core.simulation.sensors.audio import simulate
from omnibind_core.simulation.thing import Reading
from omnibind_core.simulation.thing import Thing

OPTIONS = AudioSimulation()
SPECIFICATION, SENSOR = AudioSpecification(), AudioSensor()
SILENT = replace(
    OPTIONS, own_noise=0.0, least_background=0.0, most_background=0.0, sensitivity_spread=0.0
)


def knocked(thing: Thing, seed: int, options: AudioSimulation = OPTIONS) -> Reading:
    random = np.random.default_rng(seed)
    return simulate(thing, view(random), options, random)


@pytest.mark.parametrize(('rate', 'span'), [(16_000, 1.0), (48_000, 0.5), (16_000, 2.0)])
def test_clips_are_what_preprocessing_takes(rate: int, span: float) -> None:
    options = AudioSimulation(sample_rate=rate, span=span)
    for clip in (knocked(cube(), 1, options).raw, nothing(options, np.random.default_rng(1)).raw):
        assert clip.sample_rate == rate
        assert clip.samples.dtype == np.float32
        assert clip.samples.shape == (round(rate * span),)
        assert np.abs(clip.samples).max() <= 1.0
        assert preprocess(clip, SPECIFICATION, SENSOR).array.shape == (1, 64, 98)


def test_knocks_are_heard_and_silence_is_silent() -> None:
    heard = [
        preprocess(knocked(thing, seed).raw, SPECIFICATION, SENSOR).informative
        for thing in assortment()
        for seed in range(15)
    ]
    assert np.mean(heard) > 0.85
    for seed in range(60):
        prepared = preprocess(
            nothing(OPTIONS, np.random.default_rng(seed)).raw, SPECIFICATION, SENSOR
        )
        assert not prepared.informative
        # Far from the threshold, and no digital silence either.
        assert -110.0 < prepared.evidence < -65.0


def test_the_generator_decides_everything() -> None:
    thing = table()
    for first, second, same in ((1, 1, True), (1, 2, False)):
        a, b = knocked(thing, first), knocked(thing, second)
        assert np.array_equal(a.raw.samples, b.raw.samples) is same
        assert (a.metadata == b.metadata) is same


def test_a_things_sound_does_not_depend_on_what_was_heard_before() -> None:
    alone = knocked(cup(), 3).raw.samples
    for thing in assortment():
        knocked(thing, 4)
    np.testing.assert_array_equal(knocked(cup(), 3).raw.samples, alone)


def test_ringing_is_the_sum_of_decaying_cosines() -> None:
    thing = table()
    model = modal_model(thing.mesh, thing.materials)
    amplitude = np.random.default_rng(5).standard_normal(len(model.frequency))
    time = np.arange(1000) / 16_000
    damped = np.sqrt(model.frequency**2 - model.decay**2)
    expected = (
        amplitude * np.exp(-model.decay * time[:, None]) * np.cos(damped * time[:, None])
    ).sum(axis=1)
    np.testing.assert_allclose(ringing(model, amplitude, 16_000, 1000), expected, atol=1e-3)


def test_nothing_sounds_before_the_knock() -> None:
    for seed in range(10):
        reading = knocked(table(), seed, SILENT)
        onset = round(reading.metadata['onset'] * 16_000)
        before, after = reading.raw.samples[:onset], reading.raw.samples[onset:]
        if len(before):
            assert np.abs(before).max() < 1e-3 * np.abs(after).max()


def test_the_spectrum_has_its_peaks_at_the_things_modes() -> None:
    thing = Thing(mesh=cup().mesh, materials=(replace(MATERIALS['ceramic'], loss_factor=0.001),))
    model = modal_model(thing.mesh, thing.materials)
    reading = knocked(thing, 6, replace(SILENT, most_reverberation=0.2, latest_onset=0.0))
    power = np.abs(np.fft.rfft(reading.raw.samples * np.hanning(16_000))) ** 2
    modes = model.frequency / (2 * np.pi)
    for peak in np.argsort(power)[-5:]:
        assert np.abs(modes - peak).min() < 3.0  # bins of 1 Hz


def test_metal_rings_longer_than_rubber() -> None:
    """Energy of the second half second against the first, right after the knock."""
    options = replace(SILENT, latest_onset=0.0, most_reverberation=0.2)
    left = {}
    for name in ('steel', 'rubber'):
        shares = []
        for seed in range(6):
            sound = knocked(cube(substance=name), seed, options).raw.samples.astype(float)
            shares.append((sound[4000:] ** 2).sum() / (sound**2).sum())
        left[name] = np.median(shares)
    assert left['steel'] > 10 * left['rubber']


def test_levels_are_those_of_knocks() -> None:
    levels = [
        knocked(thing, seed).metadata['level'] for thing in assortment() for seed in range(20)
    ]
    # A soft tap to a loud blow at arm's length.
    assert 55.0 < np.median(levels) < 100.0
    assert max(levels) < 120.0


def test_the_level_in_decibels_is_the_microphones() -> None:
    """94 dB SPL is a root mean square of 1 Pa, and full scale times the sensitivity."""
    options = replace(SILENT, least_background=60.0, most_background=60.0)
    samples = nothing(options, np.random.default_rng(7)).raw.samples.astype(float)
    level = 10 * np.log10((samples**2).mean())
    assert level == pytest.approx(60.0 - 94.0 + options.sensitivity, abs=0.1)


def test_background_falls_with_frequency() -> None:
    options = replace(SILENT, span=8.0, least_background=70.0, most_background=70.0)
    samples = nothing(options, np.random.default_rng(8)).raw.samples
    power = np.abs(np.fft.rfft(samples)) ** 2
    frequency = np.fft.rfftfreq(len(samples), 1 / 16_000)

    def band(low: float, high: float) -> float:
        return power[(frequency >= low) & (frequency < high)].mean()

    assert 10 * np.log10(band(200, 220) / band(1600, 1760)) == pytest.approx(13.5, abs=1.5)


def test_colour_and_names_are_not_heard() -> None:
    one = cube()
    painted = replace(one.mesh.materials[0], name='bell', diffuse=(1.0, 0.0, 0.0))
    other = Thing(
        mesh=replace(one.mesh, name='bell', materials=(painted,)), materials=one.materials
    )
    np.testing.assert_array_equal(knocked(one, 3).raw.samples, knocked(other, 3).raw.samples)


def test_contradictory_settings_are_refused_together() -> None:
    with pytest.raises(ConfigError) as caught:
        AudioSimulation(least_mass=1.0, most_mass=0.1, least_background=50.0, most_background=40.0)
    assert [problem.key for problem in caught.value.problems] == ['most_mass', 'most_background']
