"""The bag's event camera."""

from __future__ import annotations

from bag_places import place_of
import numpy as np
import pytest
from sensor_things import cube

from omnibind_core.data.seeding import generator
from omnibind_core.evaluation.corruption.registry import corruption
from omnibind_core.evaluation.corruption.registry import corruptions
from omnibind_core.modalities.event_slice import EVENT_DTYPE
from omnibind_core.modalities.event_slice import EventSlice
from omnibind_core.simulation.bag.event_camera import controlled
from omnibind_core.simulation.bag.event_camera import EventRecording
from omnibind_core.simulation.bag.evt3_encoder import encode_evt3
from omnibind_core.simulation.bag.sensor_settings import EventCameraSettings
from omnibind_core.simulation.sensors.event import EventSimulation
from omnibind_ros.conversions.evt3 import Evt3Decoder

pytest.importorskip('embreex')

SETTINGS = EventCameraSettings(width=64, height=48, most_rate=1e6, renders=50.0)


def recording() -> EventRecording:
    """Five seconds."""
    return EventRecording(5.0, SETTINGS, EventSimulation(hot_pixels=0.0), 5)


def count(made: EventRecording, begin: float, end: float) -> int:
    """Events in a stretch, s."""
    return len(made.between(round(begin * 1e6), round(end * 1e6)).events)


def test_motion_and_rest() -> None:
    """A cube from 1 s to 4 s: events; before and after: noise; at rest: noise as well."""
    moving, resting = recording(), recording()
    moving.add(place_of(cube()))
    resting.add(place_of(cube(), moving=False))
    noise = count(resting, 1.0, 4.0)
    # 0.02 to 0.15 events per pixel and second
    assert 0.02 * 0.7 <= noise / 3.0 / (64 * 48) <= 0.15 * 1.3
    assert count(moving, 1.0, 4.0) > 10 * noise
    assert count(moving, 0.0, 1.0) == count(resting, 0.0, 1.0)
    assert count(moving, 4.0, 5.0) == count(resting, 4.0, 5.0)


def test_packets_are_the_whole() -> None:
    """Each event is in one packet, (begin, end], in order of time."""
    made = recording()
    made.add(place_of(cube()))
    parts = [made.between(20_000 * n, 20_000 * (n + 1)) for n in range(250)]
    together = np.concatenate([part.events for part in parts])
    whole = made.between(0, 5_000_000)
    assert (together == whole.events).all()
    for number, part in enumerate(parts):
        times = part.events['t']
        assert part.end_us == 20_000 * (number + 1)
        assert ((times > 20_000 * number) & (times <= part.end_us)).all()
        assert (times[1:] >= times[:-1]).all()
    assert whole.events['x'].max() < 64
    assert whole.events['y'].max() < 48


def test_events_follow_the_motion() -> None:
    """Most lie where the thing's outline passes: within its box in the picture, or nearly."""
    thing = cube()
    place = place_of(thing)
    made = recording()
    before = made.between(2_000_000, 2_040_000).events
    made.add(place)
    found = made.between(2_000_000, 2_040_000).events
    assert len(found) > 50 + len(before)
    camera = place.framing(place.event_camera, 2.02).camera(64, 48)
    places, _ = camera.project(thing.mesh.vertices)
    low, high = places.min(axis=0) - 3.0, places.max(axis=0) + 3.0
    # shadows and the floor's pattern move as well
    inside = (found['x'] >= low[0]) & (found['x'] <= high[0])
    assert inside.mean() > 0.5


def test_the_rate_controller() -> None:
    """Drops at random what is too much, in order, the same every time; leaves the rest alone."""
    events = np.zeros(1000, EVENT_DTYPE)
    events['t'] = np.arange(1000) * 20 + 1
    given = EventSlice(events, 64, 48, 20_000)
    found = controlled(given, 0, 20_000.0, generator('a'))
    assert len(found.events) == 400
    assert set(found.events['t'].tolist()) <= set(events['t'].tolist())
    assert (np.diff(found.events['t']) > 0).all()
    assert abs(found.events['t'].mean() - events['t'].mean()) < 600.0
    assert (controlled(given, 0, 20_000.0, generator('a')).events == found.events).all()
    assert not (controlled(given, 0, 20_000.0, generator('b')).events == found.events).all()
    assert (controlled(given, 0, 50_000.0, generator('a')).events == events).all()


@pytest.mark.parametrize('name', sorted(corruptions('event')))
def test_lies_can_be_sent(name: str) -> None:
    """Whatever is wrong with a packet of few events or of many, it fits its time and its rate."""
    for count in (0, 1, 2, 50):
        events = np.zeros(count, EVENT_DTYPE)
        events['t'] = 100_001 + np.arange(count) * 300
        given = EventSlice(events, 64, 48, 120_000)
        wrong = corruption('event', name).apply(given, 5, 7)
        sent = controlled(wrong, 100_000, 5000.0, generator('a'))
        assert len(sent.events) <= 100
        chunk = Evt3Decoder(width=64, height=48).decode(encode_evt3(sent.events, 100_000, 120_000))
        assert len(chunk.events) == len(sent.events)
        assert (sent.events['t'] > 100_000).all()
        assert len(sent.events) == min(len(wrong.events), 100)
