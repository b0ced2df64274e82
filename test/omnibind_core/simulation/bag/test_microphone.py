"""The bag's microphone: continuous sound with knocks."""

from __future__ import annotations

from bag_places import place_of
import numpy as np
import pytest
from sensor_things import cube

from omnibind_core.modalities.audio_clip import AudioClip
from omnibind_core.modalities.registry import modality
from omnibind_core.simulation.bag.microphone import Recording
from omnibind_core.simulation.sensors.audio import AudioSimulation

pytest.importorskip('embreex')

RATE = 16_000


def made(*knocks: float) -> Recording:
    """Six seconds, a steel cube from 1 s to 4 s."""
    recording = Recording(6.0, AudioSimulation(), 5)
    recording.add(place_of(cube(substance='steel'), knocks=knocks))
    return recording


def test_knocks_are_where_they_are_said_to_be() -> None:
    """Up to them the sound is the background's; from then on it rings; the rest is as before."""
    quiet, loud = made(), made(0.5, 1.75)
    background, sound = (item.samples(0.0, 6 * RATE) for item in (quiet, loud))
    added = sound - background
    first, second = round(1.5 * RATE), round(2.75 * RATE)
    assert (added[:first] == 0.0).all()
    assert np.abs(added[first : first + 800]).max() > 10.0 * background.std()
    rising = np.abs(added[second : second + 800]).max()
    assert rising > 3.0 * np.abs(added[second - 800 : second]).max()
    assert (added[second + round(1.7 * RATE) :] == 0.0).all()


def test_chunks_follow_each_other() -> None:
    """Parts put together are the whole; beyond the end there is silence."""
    recording = made(0.5)
    whole = recording.samples(0.0, 6 * RATE)
    parts = [recording.samples(0.05 * number, 800) for number in range(120)]
    assert (np.concatenate(parts) == whole).all()
    assert whole.dtype == np.float32
    tail = recording.samples(5.95, 1600)
    assert (tail[800:] == 0.0).all()
    assert tail[:800].any()


def test_what_the_product_hears() -> None:
    """Silence before the knock, something to sense in the second after it."""
    kind = modality('audio')
    recording = made(0.5)

    def informative(begin: float) -> bool:
        clip = AudioClip(recording.samples(begin, RATE), RATE)
        return kind.prepare(clip, kind.specification(), kind.sensor()).informative

    assert not informative(0.3)
    assert informative(1.0)
    assert not informative(4.5)


def test_nothing_makes_no_sound() -> None:
    """Where there is no thing there are no knocks."""
    recording = Recording(3.0, AudioSimulation(), 5)
    before = recording.samples(0.0, 3 * RATE)
    recording.add(place_of(None))
    assert (recording.samples(0.0, 3 * RATE) == before).all()
