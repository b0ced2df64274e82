"""Touch preprocessing."""

from __future__ import annotations

from typing import Any

from bicubic_reference import bicubic
from hypothesis import given
from hypothesis import strategies as st
from malformed_pictures import PICTURES_OR_NOT
from malformed_pictures import ROIS
from malformed_pictures import ROTATIONS
import numpy as np
from numpy.typing import NDArray
import pytest
from scipy import ndimage

from omnibind_core.errors import InputError
from omnibind_core.modalities.registry import modality
from omnibind_core.modalities.touch import contact_share
from omnibind_core.modalities.touch import preprocess
from omnibind_core.modalities.touch import TouchFrame
from omnibind_core.modalities.touch import TouchSensor
from omnibind_core.modalities.touch import TouchSpecification

SMALL = TouchSpecification(size=32)
SENSOR = TouchSensor()


def _gel(rows: int = 60, columns: int = 80, seed: int = 0) -> NDArray[np.uint8]:
    """A gel lit from three sides."""
    y, x = np.mgrid[0:rows, 0:columns] / max(rows, columns)
    lights = np.stack([90 + 60 * x, 90 + 60 * y, 150 - 60 * x], axis=2)
    noise = np.random.default_rng(seed).normal(0, 2, lights.shape)
    return np.rint(lights + noise).astype(np.uint8)


def _pressed(gel: NDArray[np.uint8], depth: int = 40) -> NDArray[np.uint8]:
    """The same gel with a round thing in it: brighter on one side, darker on the other."""
    rows, columns = gel.shape[:2]
    y, x = np.mgrid[0:rows, 0:columns]
    y, x = y - rows / 2, x - columns / 2
    dent = np.exp(-(x**2 + y**2) / (min(rows, columns) / 5) ** 2)
    slope = np.stack([dent * x, dent * y, -dent * x], axis=2) / 5
    return np.clip(gel + depth * slope, 0, 255).astype(np.uint8)


def test_a_contact_against_float64() -> None:
    gel = _gel()
    frame = TouchFrame(_pressed(gel), _gel(seed=1))
    prepared = preprocess(frame, SMALL, SENSOR)
    difference = bicubic(frame.picture, 32) - bicubic(frame.background, 32)
    expected = np.clip(20 * difference / 255, -8, 8).transpose(2, 0, 1)
    assert prepared.array.shape == SMALL.shape == (3, 32, 32)
    assert prepared.array.dtype == np.float32
    assert prepared.array.flags.c_contiguous
    np.testing.assert_allclose(prepared.array, expected, atol=20 * 2.2 / 255)
    assert prepared.informative


def test_an_untouched_gel_is_all_zero_and_nothing_to_sense() -> None:
    gel = _gel()
    prepared = preprocess(TouchFrame(gel, gel), SMALL, SENSOR)
    np.testing.assert_array_equal(prepared.array, 0)
    assert (prepared.informative, prepared.evidence) == (False, 0.0)


def test_noise_is_no_contact() -> None:
    for seed in range(1, 6):
        frame = TouchFrame(_gel(240, 320, seed=seed), _gel(240, 320))
        assert not preprocess(frame, TouchSpecification(), SENSOR).informative


def test_the_same_change_everywhere_is_light_not_touch() -> None:
    gel = _gel()
    brighter = gel + np.array([30, 20, 10], np.uint8)
    prepared = preprocess(TouchFrame(brighter, gel), SMALL, SENSOR)
    assert not prepared.informative
    both = preprocess(TouchFrame(_pressed(brighter), gel), SMALL, SENSOR)
    assert both.informative


def test_the_gain_and_the_limit() -> None:
    background = np.full((32, 32, 3), 100, np.uint8)
    picture = background.copy()
    picture[:, :, 0] += 51
    picture[:, :, 1] -= 51
    specification = TouchSpecification(size=32, gain=10.0, limit=1.5)
    array = preprocess(TouchFrame(picture, background), specification, SENSOR).array
    np.testing.assert_allclose(array[0], 1.5)
    np.testing.assert_allclose(array[1], -1.5)
    np.testing.assert_allclose(array[2], 0)
    array = preprocess(TouchFrame(picture, background), TouchSpecification(size=32), SENSOR).array
    np.testing.assert_allclose(array[0], 20 * 51 / 255, rtol=1e-6)


@given(st.integers(0, 2**32 - 1), st.floats(0.5, 60), st.integers(5, 40))
def test_the_share_in_contact_against_scipy(seed: int, threshold: float, side: int) -> None:
    rng = np.random.default_rng(seed)
    difference = rng.normal(0, 20, (side, side, 3)).astype(np.float32)
    smooth = ndimage.uniform_filter(difference.astype(np.float64), size=(3, 3, 1))[1:-1, 1:-1]
    light = np.median(smooth[::2, ::2], axis=(0, 1))
    distance = np.abs(smooth - light).max(axis=2)
    clear = np.abs(distance - threshold) > 1e-4  # rounding may decide either way there
    low, high = (distance > threshold)[clear].sum(), (distance > threshold).size - clear.sum()
    found = contact_share(difference, threshold) * distance.size
    assert low - 0.5 <= found <= low + high + 0.5


@given(st.integers(0, 2**32 - 1), st.floats(0.5, 50), st.floats(0, 20))
def test_a_higher_threshold_sees_no_more_contact(seed: int, threshold: float, more: float) -> None:
    difference = np.random.default_rng(seed).normal(0, 20, (20, 20, 3)).astype(np.float32)
    assert contact_share(difference, threshold + more) <= contact_share(difference, threshold)


@given(st.integers(0, 2**32 - 1), st.tuples(*[st.integers(-80, 80)] * 3))
def test_light_does_not_change_the_share_in_contact(seed: int, light: tuple[int, int, int]) -> None:
    difference = np.random.default_rng(seed).integers(-40, 40, (20, 20, 3)).astype(np.float32)
    lit = difference + np.array(light, np.float32)
    # a threshold that no sum of nine whole numbers can hit
    assert contact_share(lit, 6.05) == contact_share(difference, 6.05)


def test_the_area_that_counts_as_a_contact() -> None:
    gel = np.full((96, 96, 3), 100, np.uint8)
    picture = gel.copy()
    picture[10:20, 10:20] = 160  # about 1 % of the gel
    frame = TouchFrame(picture, gel)
    assert preprocess(frame, TouchSpecification(), SENSOR).informative
    strict = TouchSensor(contact_area=0.05)
    assert not preprocess(frame, TouchSpecification(), strict).informative
    assert preprocess(TouchFrame(gel, gel), TouchSpecification(), TouchSensor(contact_area=0.0))
    assert preprocess(frame, TouchSpecification(), SENSOR).evidence == pytest.approx(
        144 / 94**2, abs=0.003
    )


def test_region_then_rotation() -> None:
    frame = TouchFrame(_pressed(_gel()), _gel(seed=1))
    sensor = TouchSensor(roi=(15, 5, 50, 50), rotation=270)
    turned = TouchFrame(
        *(np.rot90(p[5:55, 15:65]).copy() for p in (frame.picture, frame.background))
    )
    prepared = preprocess(frame, SMALL, sensor)
    reference = preprocess(turned, SMALL, SENSOR)
    np.testing.assert_allclose(prepared.array, reference.array, atol=20 * 2.2 / 255)
    assert prepared.evidence == pytest.approx(reference.evidence, abs=0.01)


@pytest.mark.parametrize(
    ('raw', 'field'),
    [
        (_gel(), 'frame'),
        (TouchFrame(_gel().astype(np.float32), _gel()), 'picture.dtype'),
        (TouchFrame(_gel(), None), 'background'),  # type: ignore[arg-type]
        (TouchFrame(_gel(), _gel(60, 81)), 'background.shape'),
    ],
)
def test_refused(raw: Any, field: str) -> None:
    with pytest.raises(InputError) as caught:
        preprocess(raw, SMALL, SENSOR)
    assert caught.value.field == field


@pytest.mark.malformed
@pytest.mark.filterwarnings('error')
@given(PICTURES_OR_NOT, PICTURES_OR_NOT, st.booleans(), ROIS, ROTATIONS)
def test_anything_else_is_an_input_error(
    picture: Any, background: Any, same: bool, roi: tuple[int, int, int, int], rotation: int
) -> None:
    frame = TouchFrame(picture, picture if same else background)
    try:
        prepared = preprocess(frame, SMALL, TouchSensor(roi=roi, rotation=rotation))
    except InputError:
        return
    assert picture.dtype == np.uint8
    assert prepared.array.shape == SMALL.shape
    assert np.abs(prepared.array).max() <= SMALL.limit
    assert 0 <= prepared.evidence <= 1


def test_the_modality_declares_itself() -> None:
    touch = modality('touch')
    assert (touch.name, touch.role, touch.span) == ('touch', 'student', 0.0)
    assert touch.default_specification() == TouchSpecification()
    assert touch.sensor is TouchSensor
