"""A bag from end to end: a household of boxes, three seconds, read as a robot would hear it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
import sys

from bag_reading import BagContent
from bag_reading import gaps
from bag_reading import read_bag
from bag_reading import true_class
import numpy as np
import pytest
from tiny_bag import tiny_bag

from omnibind_core.errors import ConfigError
from omnibind_core.errors import UnavailableError
from omnibind_core.simulation.bag.errors import BagError
from omnibind_core.simulation.bag.errors import FoldError
from omnibind_core.simulation.bag.generate import MadeBag
from omnibind_core.simulation.bag.generate import make_bag
from omnibind_core.simulation.bag.settings import read_bag_settings
from omnibind_core.simulation.bag.topics import SENSORS
from omnibind_core.simulation.household import read_household
from omnibind_core.simulation.omnihome import read_omnihome

pytest.importorskip('embreex')
pytest.importorskip('taxim')
pytest.importorskip('rosbags')

START = 1_700_000_000 * 10**9
SECOND = 10**9


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Household, configuration and bag."""
    return tmp_path_factory.mktemp('bag')


@pytest.fixture(scope='module')
def made(folder: Path) -> MadeBag:
    """The bag is written once for all tests."""
    return make_bag(read_bag_settings(tiny_bag(folder)), folder / 'first')


@pytest.fixture(scope='module')
def content(folder: Path, made: MadeBag) -> BagContent:
    """And read once."""
    return read_bag(folder / 'first')


def test_types_and_quality(content: BagContent) -> None:
    """Those of real drivers: sensors best effort, what is said once reliable and kept."""
    sensors = {item.topic: item.message for item in SENSORS}
    assert content.types == {
        **sensors,
        '/truth': 'vision_msgs/msg/Classification',
        '/microphone/audio_info': 'audio_common_msgs/msg/AudioInfo',
    }
    for topic, quality in content.qualities.items():
        if topic in sensors:
            assert quality == ('BEST_EFFORT', 'VOLATILE', 'KEEP_LAST', 5)
        else:
            assert quality == ('RELIABLE', 'TRANSIENT_LOCAL', 'KEEP_LAST', 1)


def test_rates_and_clocks(content: BagContent) -> None:
    """As configured: stamps by the sensor's clock, reception after what was sensed."""
    for topic, rate, offset, span in (
        ('/camera/image/compressed', 10.0, 0.007, 0.0),
        ('/lidar/points', 5.0, 0.0, 0.0),
        ('/microphone/audio', 20.0, 0.0, 0.05),
    ):
        heard = content.heard[topic]
        assert np.median(gaps([item.stamp for item in heard])) == pytest.approx(1 / rate, abs=1e-3)
        late = np.array([item.received - item.stamp for item in heard]) * 1e-9
        assert 0.02 + span - offset <= late.min() <= late.max() <= 0.03 + span - offset
    assert len(content.heard['/microphone/audio']) == 60
    assert len(content.heard['/lidar/points']) in (14, 15)


def test_truth(content: BagContent, folder: Path) -> None:
    """Said at each change, first of all; the same in the file beside it."""
    changes = [
        (item.received - START, item.stamp - START, item.raw) for item in content.heard['/truth']
    ]
    assert changes == [
        (0, 0, ''),
        (600_000_000, 600_000_000, 'board'),
        (2_200_000_000, 2_200_000_000, ''),
    ]
    with (folder / 'first' / 'truth.csv').open(newline='') as file:
        rows = list(csv.DictReader(file))
    assert [(int(row['begin_ns']) - START, row['class_id']) for row in rows] == [
        (begin, name) for begin, _, name in changes
    ]
    assert rows[1]['instance'].startswith('tiny_board_')


def test_every_message_decodes(content: BagContent, made: MadeBag) -> None:
    """To what the sensors gave: sizes, types, plausible values."""
    assert sum(len(heard) for heard in content.heard.values()) == made.messages
    assert all(item.raw.shape == (48, 64, 3) for item in content.heard['/camera/image/compressed'])
    for item in content.heard['/thermal/image']:
        assert item.raw.shape == (24, 32)
        assert 270.0 < item.raw.mean() * 0.01 < 320.0
    for item in content.heard['/lidar/points']:
        there = true_class(content, item.stamp) != ''
        # a flat board seen at a grazing angle gives some fewer than the 128 that were asked for
        assert 90 <= len(item.raw) <= 128 if there else len(item.raw) <= 8
    assert all(item.raw.shape == (800, 1) for item in content.heard['/microphone/audio'])
    assert all(item.raw.shape == (48, 64, 3) for item in content.heard['/touch/image/compressed'])


def test_events(content: BagContent) -> None:
    """Packets without a gap but for the outage, after which the camera starts anew."""
    heard = content.heard['/event_camera/events']
    assert (content.lost, content.restarts) == (0, 1)
    assert [item.message.seq for item in heard] == [*range(50), *range(80)]
    ends = [item.raw.end_us for item in heard]
    assert [item.raw.begin_us for item in heard] == [0, *ends[:49], 0, *ends[50:-1]]
    assert ends[49] == 1_000_000
    assert ends[-1] == 1_600_000
    # what the rate controller lets through in 20 ms
    assert max(len(item.raw.events) for item in heard) <= 120
    rest = [len(item.raw.events) for item in heard if item.stamp < START + 0.55 * SECOND]
    moving = [
        len(item.raw.events)
        for item in heard
        if START + 0.7 * SECOND < item.stamp < START + 2.1 * SECOND
    ]
    assert np.mean(moving) > 3 * max(np.mean(rest), 1.0)
    gap = gaps([item.stamp for item in heard])
    assert gap.max() == pytest.approx(0.42, abs=0.01)


def test_presence(content: BagContent) -> None:
    """The thermal camera comes late; the fingertip speaks when it is new and when it touches."""
    thermal = [(item.stamp - START) / SECOND for item in content.heard['/thermal/image']]
    assert min(thermal) == pytest.approx(1.05, abs=0.06)
    touch = [(item.stamp - START) / SECOND for item in content.heard['/touch/image/compressed']]
    near = [time for time in touch if 0.69 <= time <= 2.11]
    assert sorted([*[time for time in touch if time < 0.31], *near]) == touch
    assert len(near) >= 13
    (info,) = content.heard['/microphone/audio_info']
    assert info.received == START


def test_the_lie(content: BagContent) -> None:
    """The camera is over- or underexposed by 4.5 stops from 1.4 to 2.0 s, and good again after."""
    level: dict[bool, list[float]] = {True: [], False: []}
    for item in content.heard['/camera/image/compressed']:
        time = (item.stamp - START) / SECOND - 0.007
        if 0.6 <= time < 2.2:
            level[1.4 <= time < 2.0].append(float(item.raw.mean()))
    assert len(level[True]) in (5, 6, 7)
    honest = np.mean(level[False])
    assert max(level[False]) - min(level[False]) < 0.25 * honest
    assert all(value < 0.5 * honest or value > 1.5 * honest for value in level[True])


def test_sidecar(folder: Path, content: BagContent, made: MadeBag) -> None:
    """Tells what was done, and to whom the shown models are due."""
    told = json.loads((folder / 'first' / 'bag.json').read_text())
    assert told['simulated'] is True
    assert told['messages'] == {topic: len(heard) for topic, heard in content.heard.items()}
    assert told['sensors']['thermal']['plugged_in'] == [[1.0, 3.0]]
    assert told['sensors']['event_camera']['plugged_in'] == [[0.0, 1.0], [1.4, 3.0]]
    assert told['sensors']['camera']['lies'][0]['corruption'] == 'exposure'
    assert told['stops'][1]['knocks'] == [1.0]
    assert told['stops'][1]['touches'] == [[0.9, 1.9]]
    (shown,) = told['attribution']
    assert shown['instance'] == made.instances[0]
    assert shown['creator'] == 'A. Modeller'
    assert shown['licence']
    text = (folder / 'first' / 'bag.json').read_text()
    assert str(folder) not in text


def test_the_thing_is_a_test_instance(folder: Path, made: MadeBag) -> None:
    """Of the first split; another one is refused by its name."""
    home = read_omnihome(folder / 'tiny.yaml')
    folds = {item.instance: item.folds[0] for item in read_household(home).planned}
    assert [folds[name] for name in made.instances] == ['test']
    student = next(name for name, fold in folds.items() if fold == 'student')
    stops = [{'seconds': 1.0, 'thing': student}]
    settings = read_bag_settings(
        tiny_bag(folder / 'student', stops=stops, outages=[], lies=[], thermal={})
    )
    with pytest.raises(FoldError, match='in the fold student'):
        make_bag(settings, folder / 'student' / 'bag')
    assert not (folder / 'student' / 'bag').exists()


def test_again(folder: Path, made: MadeBag) -> None:
    """The same bytes; another seed gives others."""
    again = make_bag(read_bag_settings(tiny_bag(folder / 'again')), folder / 'again' / 'first')
    assert again == made
    for name in ('first.mcap', 'metadata.yaml', 'truth.csv', 'bag.json'):
        first, second = (folder / part / name for part in ('first', 'again/first'))
        assert first.read_bytes() == second.read_bytes()


def test_what_cannot_be(folder: Path, made: MadeBag, monkeypatch: pytest.MonkeyPatch) -> None:
    """A taken folder, messages of sound with parts of samples, no rosbags."""
    settings = read_bag_settings(folder / 'bag.yaml')
    with pytest.raises(BagError, match='exists already'):
        make_bag(settings, folder / 'first')
    uneven = read_bag_settings(tiny_bag(folder / 'uneven', microphone={'rate': 30.0}))
    with pytest.raises(ConfigError, match='a divisor of the sample rate, 16000 Hz'):
        make_bag(uneven, folder / 'uneven' / 'bag')
    monkeypatch.setitem(sys.modules, 'rosbags.typesys', None)
    with pytest.raises(UnavailableError, match='rosbags'):
        make_bag(settings, folder / 'other')
