from __future__ import annotations

import numpy as np
import pytest

from omnibind_core.simulation.room import Room

RATE = 16_000


def room(reverberation: float = 0.5) -> Room:
    return Room((5.0, 4.0, 2.6), (2.0, 2.0, 0.8), (2.6, 2.2, 1.1), reverberation)


def test_the_direct_sound_comes_first_with_amplitude_one() -> None:
    response = room().response(RATE, 8000, np.random.default_rng(0))
    assert response[0] == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize('reverberation', [0.25, 0.5, 1.0])
def test_sound_falls_by_60_db_in_the_reverberation_time(reverberation: float) -> None:
    slopes = []
    for seed in range(4):
        length = round(reverberation * RATE)
        response = room(reverberation).response(RATE, length, np.random.default_rng(seed))
        # Schroeder's backward integration, from -5 to -25 dB.
        level = 10 * np.log10(np.cumsum(response[::-1] ** 2)[::-1] / (response**2).sum())
        first, last = np.argmax(level < -5), np.argmax(level < -25)
        slopes.append((level[last] - level[first]) / ((last - first) / RATE))
    assert -60.0 / np.mean(slopes) == pytest.approx(reverberation, rel=0.15)


def test_the_reverberant_energy_is_sabines() -> None:
    place = room(0.4)
    x, y, z = place.size
    walls = 2 * (x * y + y * z + z * x)
    constant = walls * place.absorption / (1 - place.absorption)
    expected = 16 * np.pi * place.distance**2 / constant
    energy = [
        (place._late(RATE, RATE, np.random.default_rng(seed)) ** 2).sum() for seed in range(20)
    ]
    # The fade-in takes the part in which the early reflections are.
    assert 0.5 * expected < np.mean(energy) < expected


def test_early_reflections_are_those_of_mirrored_sources() -> None:
    images, bounces = room()._images()
    assert bounces.max() == 2
    assert (bounces == 0).sum() == 1
    assert (bounces == 1).sum() == 6
    np.testing.assert_allclose(images[bounces == 0], [[2.0, 2.0, 0.8]])
    expected = {(-2.0, 2.0, 0.8), (8.0, 2.0, 0.8), (2.0, -2.0, 0.8), (2.0, 6.0, 0.8)}
    expected |= {(2.0, 2.0, -0.8), (2.0, 2.0, 4.4)}
    assert {tuple(np.round(item, 6)) for item in images[bounces == 1]} == expected


def test_drawn_rooms_hold_source_and_microphone() -> None:
    random = np.random.default_rng(5)
    for _ in range(200):
        place = Room.drawn(0.6, (0.2, 0.8), random)
        for position in (place.source, place.microphone):
            assert all(0.0 < value < side for value, side in zip(position, place.size, strict=True))
        assert 0.2 <= place.reverberation <= 0.8
        assert 0.0 < place.absorption < 1.0
        assert 0.1 < place.distance < 0.9
