"""Corruptions of event slices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from omnibind_core.evaluation.corruption.base import Corruption
from omnibind_core.modalities.event_slice import EVENT_DTYPE
from omnibind_core.modalities.event_slice import EventSlice

FALLBACK_US = 50_000  # length of a slice with fewer than two events


def noise(raw: EventSlice, level: float, random: np.random.Generator) -> EventSlice:
    """``level`` noise events for each real one, uniform over sensor and time: a low threshold."""
    count = round(level * len(raw.events))
    added = _anywhere(raw, count, random)
    added['x'] = random.integers(0, raw.width, count)
    added['y'] = random.integers(0, raw.height, count)
    return _merged(raw, added)


def hot_pixels(raw: EventSlice, level: float, random: np.random.Generator) -> EventSlice:
    """Ten pixels that report on their own: ``level`` events for each real one."""
    count = round(level * len(raw.events))
    added = _anywhere(raw, count, random)
    which = random.integers(0, 10, count)
    added['x'] = random.integers(0, raw.width, 10)[which]
    added['y'] = random.integers(0, raw.height, 10)[which]
    return _merged(raw, added)


def drop_out(raw: EventSlice, level: float, random: np.random.Generator) -> EventSlice:
    """The share ``level`` of the events is lost: a full bus."""
    return replace(raw, events=raw.events[random.random(len(raw.events)) >= level])


def dead_rows(raw: EventSlice, level: float, random: np.random.Generator) -> EventSlice:
    """The share ``level`` of the rows reports nothing: a saturated read-out."""
    dead = random.random(raw.height) < level
    rows = np.minimum(raw.events['y'], raw.height - 1)
    return replace(raw, events=raw.events[~dead[rows]])


def polarity(raw: EventSlice, level: float, random: np.random.Generator) -> EventSlice:
    """The share ``level`` of the polarities is random: mismatched thresholds."""
    events = raw.events.copy()
    wrong = random.random(len(events)) < level
    events['p'][wrong] = random.integers(0, 2, int(wrong.sum()))
    return replace(raw, events=events)


def garbled(raw: EventSlice, level: float, random: np.random.Generator) -> EventSlice:
    """The share ``level`` of the events gets the address of another one's row."""
    events = raw.events.copy()
    moved = np.flatnonzero(random.random(len(events)) < level)
    events['y'][moved] = events['y'][random.permutation(moved)]
    return replace(raw, events=events)


def _anywhere(raw: EventSlice, count: int, random: np.random.Generator) -> NDArray[np.void]:
    """Events without coordinates, at times within the slice."""
    events = np.zeros(count, dtype=EVENT_DTYPE)
    begin = int(raw.events['t'][0]) if len(raw.events) > 1 else max(raw.end_us - FALLBACK_US, 0)
    events['t'] = random.integers(begin, max(raw.end_us, begin) + 1, count)
    events['p'] = random.integers(0, 2, count)
    return events


def _merged(raw: EventSlice, added: NDArray[np.void]) -> EventSlice:
    events = np.concatenate([raw.events, added])
    return replace(raw, events=events[np.argsort(events['t'], kind='stable')])


EVENT_CORRUPTIONS = tuple(
    Corruption(name, 'event', text, unit, levels, change)
    for name, text, unit, levels, change in (
        ('noise', 'Noise events.', 'per event', (0.1, 0.3, 0.7, 1.5, 4.0), noise),
        (
            'hot_pixels',
            'Pixels that report on their own.',
            'per event',
            (0.1, 0.3, 0.7, 1.5, 4.0),
            hot_pixels,
        ),
        ('drop_out', 'Events are lost.', 'share', (0.2, 0.4, 0.6, 0.8, 0.95), drop_out),
        ('dead_rows', 'Rows report nothing.', 'share', (0.1, 0.2, 0.4, 0.6, 0.8), dead_rows),
        ('polarity', 'Random polarities.', 'share', (0.1, 0.25, 0.5, 0.75, 1.0), polarity),
        ('garbled', 'Rows change places.', 'share', (0.1, 0.25, 0.5, 0.75, 1.0), garbled),
    )
)
