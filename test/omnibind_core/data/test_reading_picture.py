"""Pictures of readings: the right place, the right colour, for every modality."""

from __future__ import annotations

import numpy as np
import pytest
from tiny_readings import reading

from omnibind_core.data.reading_picture import draw
from omnibind_core.data.reading_picture import in_colour
from omnibind_core.modalities.audio_clip import AudioClip
from omnibind_core.modalities.event_slice import EVENT_DTYPE
from omnibind_core.modalities.event_slice import EventSlice
from omnibind_core.modalities.registry import NAMES
from omnibind_core.modalities.touch import TouchFrame


@pytest.mark.parametrize('name', NAMES)
def test_every_modality_is_a_square_picture(name: str) -> None:
    """Of the asked-for size, with something in it."""
    raw = reading(name, np.random.default_rng(0))
    picture = draw(name, raw, 100)
    assert picture.shape == (100, 100, 3)
    assert picture.dtype == np.uint8
    assert picture.std() > 0


def test_heat_is_bright() -> None:
    """Brightness grows with temperature; a uniform scene is not stretched to noise."""
    steps = in_colour(np.linspace(0.0, 1.0, 20)[None])[0].astype(int).sum(axis=1)
    assert (np.diff(steps) > 0).all()
    scene = np.full((40, 40), 29_500, np.uint16)
    assert draw('thermal', scene, 40).std(axis=(0, 1)).max() == 0
    scene[:, 20:] += 1000
    picture = draw('thermal', scene, 40).astype(int).sum(axis=2)
    assert picture[:, :20].max() < picture[:, 20:].min()


def test_events_are_red_and_blue_where_they_were() -> None:
    """Brighter on the left, darker on the right, paper elsewhere."""
    events = np.zeros(6, EVENT_DTYPE)
    events['x'] = [2, 2, 2, 17, 17, 17]
    events['y'] = 5
    events['p'] = [1, 1, 1, 0, 0, 0]
    picture = draw('event', EventSlice(events, 20, 20, 100), 20).astype(int)
    assert picture[5, 2, 0] > picture[5, 2, 2] + 100
    assert picture[5, 17, 2] > picture[5, 17, 0] + 100
    assert (picture[10] == 245).all()


def test_a_cloud_stands_upright_and_unmirrored() -> None:
    """Sensor at the origin looking along +y: +z up, +x right; near is brighter."""
    random = np.random.default_rng(0)
    cluster = random.uniform(-0.1, 0.1, (200, 3))
    right_above, left_below = np.array([0.5, 2.0, 0.5]), np.array([-0.5, 2.0, -0.5])
    points = np.concatenate([cluster + right_above, cluster + left_below])
    drawn = draw('point_cloud', points.astype(np.float32), 100).astype(int).sum(axis=2) > 100
    assert min(drawn[:50, 50:].sum(), drawn[50:, :50].sum()) > 100
    assert max(drawn[:50, :50].sum(), drawn[50:, 50:].sum()) == 0
    far = np.array([[-0.4, 3.0, 0.0]] * 50 + [[0.4, 2.0, 0.0]] * 50, np.float32)
    columns = draw('point_cloud', far, 100).astype(int).sum(axis=(0, 2))
    assert columns[50:].max() > columns[:50].max()
    assert draw('point_cloud', np.zeros((0, 3), np.float32), 50).max() <= 10


def test_a_tone_is_a_line_at_its_height() -> None:
    """High tones above, low ones below; silence is dark."""
    time = np.arange(16_000) / 16_000

    def row(hertz: float) -> int:
        clip = AudioClip((0.3 * np.sin(2 * np.pi * hertz * time)).astype(np.float32), 16_000)
        picture = draw('audio', clip, 128).astype(int).sum(axis=(1, 2))
        return int(picture.argmax())

    assert row(4000.0) < row(1000.0) < row(250.0)
    silent = draw('audio', AudioClip(np.zeros(16_000, np.float32), 16_000), 64)
    assert np.median(silent) < 60


def test_a_touch_shows_its_change_below() -> None:
    """Grey where nothing changed."""
    gel = np.full((20, 40, 3), 100, np.uint8)
    pressed = gel.copy()
    pressed[5:15, 5:15] += 10
    picture = draw('touch', TouchFrame(pressed, gel), 40)
    assert (picture[22, 38] == 128).all()
    assert (picture[29, 9] > 180).all()
