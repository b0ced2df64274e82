"""Learning the background of a gel."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from malformed_pictures import PICTURES_OR_NOT
import numpy as np
from numpy.typing import NDArray
import pytest

from omnibind_core.errors import InputError
from omnibind_core.modalities.touch import TouchSensor
from omnibind_core.modalities.touch_background import BackgroundEstimator

SECOND = 1_000_000_000
SENSOR = TouchSensor(background_frames=5, background_drift=10.0)
GEL = np.random.default_rng(7).integers(80, 160, (24, 32, 3), dtype=np.uint8)


def _free(seed: int = 0) -> NDArray[np.uint8]:
    """The gel without contact, with a camera's noise."""
    noise = np.random.default_rng(seed).integers(-2, 3, GEL.shape)
    return (GEL + noise).astype(np.uint8)


def _touched(place: int = 4) -> NDArray[np.uint8]:
    picture = _free(place)
    picture[place : place + 8, place : place + 8] += 60
    return picture


def _learned(sensor: TouchSensor = SENSOR) -> BackgroundEstimator:
    estimator = BackgroundEstimator(sensor)
    for index in range(sensor.background_frames):
        estimator.update(GEL, index * SECOND // 30)
    return estimator


def test_the_median_of_the_first_agreeing_pictures() -> None:
    estimator = BackgroundEstimator(SENSOR)
    pictures = [_free(seed) for seed in range(5)]
    for index, picture in enumerate(pictures):
        assert estimator.background is None
        assert estimator.agreeing == index
        estimator.update(picture, index * SECOND // 30)
    np.testing.assert_array_equal(estimator.background, np.median(pictures, axis=0))
    assert estimator.agreeing == 0


def test_a_contact_while_learning_starts_it_again() -> None:
    estimator = BackgroundEstimator(SENSOR)
    for index, picture in enumerate([GEL, GEL, GEL, GEL, _touched(), GEL, GEL, GEL, GEL]):
        estimator.update(picture, index * SECOND // 30)
    assert (estimator.background, estimator.agreeing) == (None, 4)
    estimator.update(GEL, SECOND)
    np.testing.assert_array_equal(estimator.background, GEL)


def test_a_contact_that_wanders_is_never_learned() -> None:
    estimator = BackgroundEstimator(SENSOR)
    for index in range(64):
        estimator.update(_touched(index % 16), index * SECOND // 30)
    assert estimator.background is None


def test_a_contact_does_not_move_the_background() -> None:
    estimator = _learned()
    for index in range(1, 200):
        estimator.update(_touched(), index * SECOND)
    np.testing.assert_array_equal(estimator.background, GEL)


def test_slow_wear_is_followed_with_the_time_constant() -> None:
    estimator = _learned()
    worn = GEL.copy()
    worn[:, :16] += 2  # half the gel: below the threshold of a contact
    start = 4 * SECOND // 30
    remaining = 2.0
    for second in range(1, 16):
        estimator.update(worn, start + second * SECOND)
        remaining *= np.exp(-1 / 10)
        expected = np.rint(worn[0, 0].astype(np.float64) - remaining)
        np.testing.assert_array_equal(estimator.background[0, 0], expected)
        np.testing.assert_array_equal(estimator.background[:, 16:], GEL[:, 16:])


def test_the_background_is_followed_once_a_second_whatever_the_rate() -> None:
    slow, fast = _learned(), _learned()
    worn = GEL + np.uint8(20)  # other light: no contact
    for tick in range(1, 241):
        fast.update(worn, SECOND + tick * SECOND // 60)
        if tick % 60 == 0:
            slow.update(worn, SECOND + tick * SECOND // 60)
    assert int(fast.background[0, 0, 0]) - GEL[0, 0, 0] in range(6, 9)  # 20 * (1 - exp(-0.4)) = 6.6
    np.testing.assert_allclose(fast.background.astype(int), slow.background, atol=2)


def test_after_a_long_pause_a_single_picture_moves_it_by_a_tenth_at_most() -> None:
    estimator = _learned()
    estimator.update(GEL + np.uint8(50), 10_000 * SECOND)
    np.testing.assert_array_equal(estimator.background, GEL + np.uint8(5))


def test_a_step_back_in_time_is_harmless() -> None:
    estimator = _learned()
    worn = GEL + np.uint8(50)
    estimator.update(worn, -1000 * SECOND)
    np.testing.assert_array_equal(estimator.background, GEL)
    estimator.update(worn, -998 * SECOND)  # goes on from there: 2 s of a time constant of 10 s
    expected = GEL + np.uint8(5)  # at most a tenth
    np.testing.assert_array_equal(estimator.background, expected)


def test_another_picture_size_is_learned_anew() -> None:
    estimator = _learned()
    large = np.repeat(GEL, 2, axis=0)
    estimator.update(large, SECOND)
    assert (estimator.background, estimator.agreeing) == (None, 1)
    estimator.update(GEL, SECOND)
    assert (estimator.background, estimator.agreeing) == (None, 1)


def test_reset_forgets() -> None:
    estimator = _learned()
    estimator.reset()
    assert (estimator.background, estimator.agreeing) == (None, 0)


def test_a_background_once_handed_out_does_not_change() -> None:
    estimator = _learned()
    before = estimator.background
    kept = before.copy()
    with pytest.raises(ValueError, match='read-only'):
        before[0, 0, 0] = 1
    estimator.update(GEL + np.uint8(20), 5 * SECOND)
    np.testing.assert_array_equal(before, kept)
    assert not np.array_equal(estimator.background, kept)


def test_pictures_are_copied() -> None:
    estimator = BackgroundEstimator(SENSOR)
    picture = GEL.copy()
    for index in range(5):
        estimator.update(picture, index)
        picture[:] = 0 if index == 4 else GEL
    np.testing.assert_array_equal(estimator.background, GEL)


def test_only_the_region_decides_but_all_of_the_picture_is_learned() -> None:
    estimator = BackgroundEstimator(
        TouchSensor(background_frames=3, roi=(16, 0, 16, 24), contact_area=0.01)
    )
    for index in range(3):
        picture = GEL.copy()
        picture[:, :8] = 40 * index  # something moves outside the region
        estimator.update(picture, index)
    expected = GEL.copy()
    expected[:, :8] = 40
    np.testing.assert_array_equal(estimator.background, expected)


def test_pictures_too_large_to_keep_are_refused() -> None:
    estimator = BackgroundEstimator(TouchSensor(background_frames=31))
    with pytest.raises(InputError, match='2886402 pixels') as caught:
        estimator.update(np.broadcast_to(np.uint8(0), (1700, 1700, 3)), 0)
    assert caught.value.field == 'picture.shape'


@given(st.lists(st.tuples(st.booleans(), st.integers(-2, 3)), max_size=40))
def test_learned_exactly_after_the_wanted_run_of_free_pictures(
    steps: list[tuple[bool, int]],
) -> None:
    estimator = BackgroundEstimator(SENSOR)
    now = 0
    run = 0
    for index, (touched, seconds) in enumerate(steps):
        now += seconds * SECOND
        # every contact is elsewhere, so no two pictures with contact agree
        estimator.update(_touched(index % 16) if touched else GEL, now)
        learned = run >= 5
        if not learned:
            run = 0 if touched else run + 1
        assert (estimator.background is not None) == (run >= 5)
        if estimator.background is not None:
            np.testing.assert_allclose(estimator.background, GEL, atol=1)


@pytest.mark.malformed
@pytest.mark.filterwarnings('error')
@given(st.tuples(PICTURES_OR_NOT, PICTURES_OR_NOT), st.integers())
def test_anything_else_is_an_input_error_and_changes_nothing(
    pictures: tuple[Any, Any], stamp: int
) -> None:
    estimator = BackgroundEstimator(SENSOR)
    for picture in pictures:
        before = estimator.agreeing
        try:
            estimator.update(picture, stamp)
        except InputError:
            assert estimator.agreeing == before
        else:
            assert picture.dtype == np.uint8
            assert estimator.agreeing in (1, before + 1)
