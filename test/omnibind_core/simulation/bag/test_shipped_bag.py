"""The bag that the repository ships: opened with rosbags, it is what it is said to be."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from bag_reading import BagContent
from bag_reading import gaps
from bag_reading import read_bag
from bag_reading import true_class
import numpy as np
import pytest

from omnibind_core.simulation.bag.settings import read_bag_settings
from omnibind_core.simulation.bag.topics import SENSORS

ROOT = Path(__file__).parents[4]
SHIPPED = ROOT / 'samples' / 'bag_lite'

pytest.importorskip('rosbags')
pytestmark = pytest.mark.skipif(not SHIPPED.is_dir(), reason='samples/bag_lite is not there')


@pytest.fixture(scope='module')
def content() -> BagContent:
    """Every message decoded."""
    return read_bag(SHIPPED)


def test_size_and_settings() -> None:
    """At most 20 MB, 60 to 90 s, of the configuration that lies in the repository."""
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) <= 20_000_000
    told = json.loads((SHIPPED / 'bag.json').read_text())
    assert told['simulated'] is True
    assert 60.0 <= told['duration_s'] <= 90.0
    settings = read_bag_settings(ROOT / 'config' / 'bag_lite.yaml')
    assert told['settings_sha256'] == settings.digest()
    assert all(item['creator'] and item['licence'] for item in told['attribution'])


def test_types_and_quality(content: BagContent) -> None:
    """Real message types; sensors best effort, latched topics reliable and kept."""
    assert {item.topic: content.types[item.topic] for item in SENSORS} == {
        item.topic: item.message for item in SENSORS
    }
    for item in SENSORS:
        assert content.qualities[item.topic][:2] == ('BEST_EFFORT', 'VOLATILE')
    for topic in ('/truth', '/microphone/audio_info'):
        assert content.qualities[topic][:2] == ('RELIABLE', 'TRANSIENT_LOCAL')


@pytest.mark.parametrize(
    ('topic', 'rate'),
    [
        ('/camera/image/compressed', 10.0),
        ('/thermal/image', 9.0),
        ('/lidar/points', 5.0),
        ('/microphone/audio', 20.0),
        ('/event_camera/events', 50.0),
    ],
)
def test_rates(content: BagContent, topic: str, rate: float) -> None:
    """By stamps; and messages come in order."""
    heard = content.heard[topic]
    assert np.median(gaps([item.stamp for item in heard])) == pytest.approx(1 / rate, rel=0.02)
    assert (gaps([item.received for item in heard]) > 0.0).all()


def test_content(content: BagContent) -> None:
    """Sizes as documented; no more events than allowed in any second; sound is continuous."""
    assert {item.raw.shape for item in content.heard['/camera/image/compressed']} == {(240, 320, 3)}
    assert {item.raw.shape for item in content.heard['/thermal/image']} == {(60, 80)}
    assert {item.raw.shape for item in content.heard['/touch/image/compressed']} == {(120, 160, 3)}
    at_things = [item for item in content.heard['/lidar/points'] if true_class(content, item.stamp)]
    assert max(len(item.raw) for item in at_things) == 1024
    assert np.median([len(item.raw) for item in at_things]) >= 1000
    packets = content.heard['/event_camera/events']
    counts = np.array([len(item.raw.events) for item in packets])
    assert max(counts[at : at + 50].sum() for at in range(len(counts) - 50)) <= 20_000
    assert (content.lost, content.restarts) == (0, 1)
    sound = content.heard['/microphone/audio']
    assert sum(len(item.raw) for item in sound) == 73 * 16_000


def test_truth(content: BagContent) -> None:
    """On the topic as in the file; with stretches of nothing."""
    with (SHIPPED / 'truth.csv').open(newline='') as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        middle = (int(row['begin_ns']) + int(row['end_ns'])) // 2
        assert true_class(content, middle) == row['class_id']
    nothing = [row for row in rows if not row['class_id']]
    assert len(nothing) >= 3
    assert len({row['class_id'] for row in rows}) >= 7
