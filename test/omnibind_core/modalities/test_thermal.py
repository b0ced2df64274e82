"""Thermal preprocessing."""

from __future__ import annotations

from typing import Any

from bicubic_reference import bicubic
from hypothesis import given
from hypothesis import strategies as st
from malformed_pictures import PICTURES_OR_NOT
from malformed_pictures import ROIS
from malformed_pictures import ROTATIONS
import numpy as np
import pytest

from omnibind_core.configuration.reader import read
from omnibind_core.errors import ConfigError
from omnibind_core.errors import InputError
from omnibind_core.modalities.registry import modality
from omnibind_core.modalities.thermal import preprocess
from omnibind_core.modalities.thermal import ThermalSensor
from omnibind_core.modalities.thermal import ThermalSpecification

SMALL = ThermalSpecification(size=32)
COUNTS = ThermalSensor(mode='percentile')


def _tlinear(celsius: np.ndarray | float, rows: int = 40, columns: int = 50) -> np.ndarray:
    """What a FLIR camera in TLinear mode sends: hundredths of a kelvin."""
    field = np.broadcast_to(np.asarray(celsius, dtype=np.float64), (rows, columns))
    return np.round((field + 273.15) * 100).astype(np.uint16)


def _scene(rows: int = 40, columns: int = 50) -> np.ndarray:
    """A room at 21 degrees with something warm in it, in degrees C."""
    y, x = np.mgrid[0:rows, 0:columns]
    return 21 + 15 * np.exp(-((y - rows / 2) ** 2 + (x - columns / 2) ** 2) / 60)


def test_a_radiometric_scene_against_float64() -> None:
    celsius = _scene()
    prepared = preprocess(_tlinear(celsius), SMALL, ThermalSensor())
    unit = np.clip(bicubic(np.clip(celsius, 0, 60) / 60, 32), 0, 1)
    assert prepared.array.shape == SMALL.shape == (1, 32, 32)
    assert prepared.array.dtype == np.float32
    assert prepared.array.flags.c_contiguous
    np.testing.assert_allclose(prepared.array[0], (unit - 0.5) / 0.5, atol=5e-4)
    assert prepared.informative
    assert prepared.unit == 'K'
    low, high = np.percentile(unit * 60, [1, 99])
    assert prepared.evidence == pytest.approx(high - low, abs=0.02)


@pytest.mark.parametrize('celsius', [0.0, 21.5, 30.0, 60.0])
def test_a_wall_has_the_closed_form_and_nothing_to_sense(celsius: float) -> None:
    prepared = preprocess(_tlinear(celsius), SMALL, ThermalSensor())
    np.testing.assert_allclose(prepared.array, (celsius / 60 - 0.5) / 0.5, atol=3e-4)
    assert not prepared.informative
    assert prepared.evidence == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize(('celsius', 'expected'), [(-20.0, -1.0), (150.0, 1.0)])
def test_temperatures_beyond_the_range_are_clipped(celsius: float, expected: float) -> None:
    np.testing.assert_allclose(
        preprocess(_tlinear(celsius), SMALL, ThermalSensor()).array, expected
    )


@pytest.mark.parametrize(
    ('make', 'sensor'),
    [
        (lambda c: (c + 273.15).astype(np.float32), ThermalSensor(scale=1.0)),
        (lambda c: c.astype(np.float32), ThermalSensor(scale=1.0, offset=273.15)),
        (lambda c: np.round((c + 273.15) * 64).astype(np.uint16), ThermalSensor(scale=1 / 64)),
        (
            lambda c: np.round((c + 40) * 2).astype(np.uint8),
            ThermalSensor(mode='radiometric', scale=0.5, offset=233.15),
        ),
    ],
)
def test_every_way_to_write_a_temperature_gives_the_same_array(make: Any, sensor: Any) -> None:
    celsius = _scene()
    reference = preprocess(_tlinear(celsius), SMALL, ThermalSensor()).array
    np.testing.assert_allclose(
        preprocess(make(celsius), SMALL, sensor).array, reference, atol=0.3 / 60 * 2
    )


@given(st.floats(0, 58), st.floats(0.05, 2))
def test_warmer_is_more(celsius: float, step: float) -> None:
    cold = preprocess(_tlinear(celsius), SMALL, ThermalSensor()).array
    warm = preprocess(_tlinear(celsius + step), SMALL, ThermalSensor()).array
    assert np.all(warm > cold)


def test_noise_of_50_mk_is_nothing_and_a_hand_is_something() -> None:
    noise = np.random.default_rng(0).normal(0, 0.05, (120, 160))
    wall = _tlinear(22 + noise, 120, 160)
    hand = noise + 22
    hand[40:80, 60:100] += 9
    sensor = ThermalSensor()
    assert not preprocess(wall, ThermalSpecification(), sensor).informative
    assert preprocess(_tlinear(hand, 120, 160), ThermalSpecification(), sensor).informative


def test_one_burning_pixel_is_no_contrast() -> None:
    counts = _tlinear(22.0)
    counts[20, 25] = 65535
    prepared = preprocess(counts, SMALL, ThermalSensor())
    assert not prepared.informative
    assert prepared.array.max() <= 1.0


@pytest.mark.parametrize(
    'raw',
    [
        np.full((40, 50), 8000, np.uint16),  # plain counts: 80 K
        np.zeros((40, 50), np.uint16),  # a closed shutter
        np.full((40, 50), 22, np.float32),  # degrees C taken for counts
        np.full((40, 50), 1e8, np.float32),
    ],
)
def test_temperatures_of_no_place_are_refused_with_the_remedy(raw: Any) -> None:
    with pytest.raises(InputError, match='mode: percentile') as caught:
        preprocess(raw, SMALL, ThermalSensor())
    assert caught.value.field == 'picture.temperature'


def test_counts_are_stretched_between_their_percentiles() -> None:
    raw = np.random.default_rng(1).integers(3000, 9000, (32, 32)).astype(np.uint16)
    prepared = preprocess(raw, SMALL, COUNTS)
    low, high = np.percentile(raw.astype(np.float64), [2, 98])
    expected = (np.clip((raw - low) / (high - low), 0, 1) - 0.5) / 0.5
    np.testing.assert_allclose(prepared.array[0], expected, atol=1e-5)
    first, last = np.percentile(raw.astype(np.float64), [1, 99])
    assert prepared.evidence == pytest.approx(last - first, rel=1e-5)
    assert (prepared.informative, prepared.unit) == (True, 'counts')


@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(0, 9000))
def test_stretching_knows_neither_gain_nor_offset(seed: int, gain: int, offset: float) -> None:
    raw = np.random.default_rng(seed).integers(0, 6000, (20, 30)).astype(np.uint16)
    other = raw * np.uint16(gain) + np.uint16(offset)
    np.testing.assert_allclose(
        preprocess(other, SMALL, COUNTS).array, preprocess(raw, SMALL, COUNTS).array, atol=2e-3
    )


@pytest.mark.parametrize(
    ('dtype', 'threshold'), [(np.uint8, 8), (np.uint16, 30), (np.float32, 0.3)]
)
def test_the_threshold_of_counts_goes_by_pixel_type(dtype: Any, threshold: float) -> None:
    def halves(step: float) -> np.ndarray:
        raw = np.full((32, 32), 50, dtype)
        raw[:, 16:] += np.asarray(step, dtype)
        return raw

    below, above = (threshold - 1, threshold + 1) if threshold > 1 else (0.2, 0.4)
    assert not preprocess(halves(below), SMALL, COUNTS).informative
    assert preprocess(halves(above), SMALL, COUNTS).informative
    strict = ThermalSensor(mode='percentile', flat_counts=100.0)
    assert not preprocess(halves(above), SMALL, strict).informative


def test_a_flat_picture_of_counts_is_not_stretched() -> None:
    raw = np.full((32, 32), 1000, np.uint16)
    np.testing.assert_allclose(preprocess(raw, SMALL, COUNTS).array, 0.0, atol=1e-6)
    raw[:, 16:] += 3
    values = np.unique(preprocess(raw, SMALL, COUNTS).array)
    np.testing.assert_allclose(values, [-0.1, 0.1], atol=1e-5)  # 3 of 30 counts


def test_8_bit_pictures_are_counts_unless_told_otherwise() -> None:
    raw = np.random.default_rng(0).integers(0, 256, (32, 40), dtype=np.uint8)
    automatic = preprocess(raw, SMALL, ThermalSensor())
    np.testing.assert_array_equal(automatic.array, preprocess(raw, SMALL, COUNTS).array)
    assert automatic.unit == 'counts'


def test_telemetry_rows_are_left_out() -> None:
    scene = _tlinear(_scene())
    garbage = np.random.default_rng(0).integers(0, 65536, (2, 50)).astype(np.uint16)
    with_telemetry = np.vstack([scene, garbage])
    np.testing.assert_array_equal(
        preprocess(with_telemetry, SMALL, ThermalSensor(skip_rows=2)).array,
        preprocess(scene, SMALL, ThermalSensor()).array,
    )
    with pytest.raises(InputError, match='more than 2 rows'):
        preprocess(garbage, SMALL, ThermalSensor(skip_rows=2))


def test_region_then_rotation() -> None:
    scene = _tlinear(_scene())
    turned = np.rot90(scene[4:34, 8:38], k=-2).copy()
    np.testing.assert_allclose(
        preprocess(scene, SMALL, ThermalSensor(roi=(8, 4, 30, 30), rotation=180)).array,
        preprocess(turned, SMALL, ThermalSensor()).array,
        atol=1e-5,
    )


@pytest.mark.parametrize('bad', [np.nan, np.inf, -np.inf, 3e38])
def test_a_few_invalid_pixels_take_the_median(bad: float) -> None:
    raw = (_scene() + 273.15).astype(np.float32)
    raw[3, 4:44] = bad  # 2 % of 2000
    filled = raw.copy()
    filled[3, 4:44] = np.median(raw[np.isfinite(raw) & (np.abs(raw) < 1e9)])
    sensor = ThermalSensor(scale=1.0)
    np.testing.assert_array_equal(
        preprocess(raw, SMALL, sensor).array, preprocess(filled, SMALL, sensor).array
    )
    with pytest.raises(InputError, match=r'2\.0%') as caught:
        preprocess(raw, SMALL, ThermalSensor(scale=1.0, maximum_invalid=0.01))
    assert caught.value.field == 'picture.pixels'


def test_the_raw_picture_is_left_alone() -> None:
    raw = (_scene() + 273.15).astype(np.float32)
    raw[0, 0] = np.nan
    before = raw.copy()
    raw.flags.writeable = False
    preprocess(raw, SMALL, ThermalSensor(scale=1.0))
    np.testing.assert_array_equal(raw, before)


SENSORS = st.builds(
    ThermalSensor,
    mode=st.sampled_from(['auto', 'radiometric', 'percentile']),
    scale=st.sampled_from([0.0001, 0.01, 1.0, 100.0]),
    offset=st.sampled_from([-10_000.0, 0.0, 273.15, 10_000.0]),
    maximum_invalid=st.sampled_from([0.0, 0.05, 0.5]),
    skip_rows=st.integers(0, 3),
    roi=ROIS,
    rotation=ROTATIONS,
)


@pytest.mark.malformed
@pytest.mark.filterwarnings('error')
@given(PICTURES_OR_NOT, SENSORS)
def test_anything_else_is_an_input_error(raw: Any, sensor: Any) -> None:
    try:
        prepared = preprocess(raw, SMALL, sensor)
    except InputError:
        return
    assert raw.ndim == 2
    assert raw.dtype in (np.uint8, np.uint16, np.float32)
    assert prepared.array.shape == SMALL.shape
    assert prepared.array.min() >= -1
    assert prepared.array.max() <= 1
    assert np.isfinite(prepared.evidence)


@pytest.mark.parametrize(
    ('cls', 'given', 'key'),
    [
        (ThermalSpecification, {'low': 30.0, 'high': 20.0}, 'high'),
        (ThermalSensor, {'low_percentile': 60.0, 'high_percentile': 40.0}, 'high_percentile'),
        (ThermalSensor, {'scale': 0.0}, 'scale'),
        (ThermalSensor, {'mode': 'celsius'}, 'mode'),
    ],
)
def test_configurations_that_make_no_sense_are_refused(
    cls: type[Any], given: dict[str, Any], key: str
) -> None:
    with pytest.raises(ConfigError, match=key):
        read(cls, given, source='robot.yaml')


def test_all_problems_of_a_sensor_come_at_once() -> None:
    settings = {'roi': [0, 0, 4, 0], 'low_percentile': 60.0, 'high_percentile': 40.0}
    with pytest.raises(ConfigError) as caught:
        read(ThermalSensor, settings, source='robot.yaml')
    assert [problem.key for problem in caught.value.problems] == ['roi', 'high_percentile']


def test_the_modality_declares_itself() -> None:
    thermal = modality('thermal')
    assert (thermal.name, thermal.role, thermal.span) == ('thermal', 'student', 0.0)
    assert thermal.default_specification() == ThermalSpecification()
    assert thermal.sensor is ThermalSensor
