"""Event: what an event camera reported lately, as pictures of counts.

Counts per polarity and time slice are the representation of EventBind and EventCLIP (without
their colours) and of most event encoders built on picture networks.

Notation: ``n`` events, ``s`` side of the square a model takes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.configuration.option import option
from omnibind_core.errors import InputError
from omnibind_core.modalities import event_histogram
from omnibind_core.modalities.base import Modality
from omnibind_core.modalities.base import Prepared
from omnibind_core.modalities.event_slice import check_event_slice
from omnibind_core.modalities.event_slice import coordinates
from omnibind_core.modalities.event_slice import EventSlice
from omnibind_core.modalities.event_slice import polarities
from omnibind_core.modalities.event_stretch import stretch_us
from omnibind_core.modalities.picture import PictureSensor

LONGEST_STRETCH_MS = 500.0


@dataclass(frozen=True)
class EventSpecification:
    """What an event encoder takes: ``[2 * bins, size, size]``, 0 to 1.

    Channels in order of time, darker before brighter: (oldest, 0), (oldest, 1), ... (newest, 1).
    """

    size: int = option(96, 'Side of the square input.', unit='px', minimum=16, maximum=512)
    bins: int = option(2, 'Time slices.', minimum=1, maximum=16)
    window_ms: float = option(
        50.0,
        'How long the newest events are collected, at least (a sensor may want more, where they '
        'are few); time slices are equally long.',
        unit='ms',
        minimum=1.0,
        maximum=1000.0,
    )
    count: int = option(
        0,
        'If above 0, the newest so many events are taken instead, however long they took, and '
        'time slices hold equally many.',
        unit='events',
        minimum=0,
        maximum=1_000_000,
    )
    hot_pixel_deviations: float = option(
        10.0,
        'A pixel with more events than mean + so many standard deviations (of the pixels that '
        'fired) is left out. 0: none is.',
        minimum=0.0,
        maximum=1000.0,
    )
    scaling: str = option(
        'log', 'How counts become 0..1: by their logarithm or linear.', choices=('log', 'linear')
    )
    percentile: float = option(
        99.0,
        'Percentile of the occupied cells that becomes 1; fuller cells are clipped.',
        unit='%',
        minimum=50.0,
        maximum=100.0,
    )

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the prepared array, without a batch axis."""
        return (2 * self.bins, self.size, self.size)


@dataclass(frozen=True)
class EventSensor(PictureSensor):
    """What differs from event camera to event camera."""

    # About a quarter of OmniHome's readings have fewer. The longest time was chosen on validation
    # bags (docs/bag.md).
    enough: float = option(
        0.4,
        'Where the newest events are fewer than this, those of a longer time are taken: a robot '
        'that moves slowly, or an event rate controller, leaves less than the model has learnt '
        'from. 0: never.',
        unit='events per pixel',
        minimum=0.0,
        maximum=100.0,
        live=True,
    )
    longest_ms: float = option(
        200.0,
        'The longest time that is taken then. More is blurred where the motion changes, and older.',
        unit='ms',
        minimum=1.0,
        maximum=LONGEST_STRETCH_MS,
        live=True,
    )
    min_rate: float = option(
        0.3,
        'Event rate of the part that is used, below which nothing moves. Background noise is '
        'about 0.1 on most sensors in daylight, more in the dark.',
        unit='events per pixel and second',
        minimum=0.0,
        maximum=10_000.0,
        live=True,
    )
    min_events: int = option(
        100,
        'Fewer events than this are no picture, however small the part that is used.',
        unit='events',
        minimum=0,
        maximum=1_000_000,
        live=True,
    )


def preprocess(raw: EventSlice, specification: EventSpecification, sensor: EventSensor) -> Prepared:
    """Events made ready for the event encoder.

    The central square of the sensor (or of its ``roi``) is used, as for pictures: an event camera
    beside a camera shows the same part of the world, and no cells are wasted on bars. Events are
    counted straight into the input's cells; a sensor smaller than the input is counted at its own
    resolution and enlarged, or every other cell would stay empty.

    Where the model's window holds few events, the sensor's ``enough`` and ``longest_ms`` extend it
    (:mod:`~omnibind_core.modalities.event_stretch`), if the slice reaches back that far.

    *Nothing to sense* means no motion: the event rate is below the sensor's ``min_rate``, or there
    are fewer than ``min_events``. Hot pixels do not count.

    :return: array ``[2 * bins, s, s]``; evidence is the rate, in events per pixel and second.
    :raises InputError: see :func:`check_event_slice` and :func:`coordinates`; and for a ``roi``
        outside the sensor. Up to 1 % of events outside the sensor are dropped.
    """
    check_event_slice(raw)
    left, top, side = _used_square(raw, sensor)
    events, slices, seconds = _newest(raw, specification, sensor)
    x, y = coordinates(events, raw.width, raw.height)
    # unsigned numbers: what lies left of or above the square wraps around and is large
    x = np.minimum(x - np.uint16(left), np.uint16(side))
    y = np.minimum(y - np.uint16(top), np.uint16(side))
    deviations = specification.hot_pixel_deviations
    x[event_histogram.hot_events(x, y, side=side, deviations=deviations)] = side
    counts = event_histogram.histogram(
        x,
        y,
        np.repeat(np.arange(specification.bins, dtype=np.int32) * 2, slices) + polarities(events),
        channels=2 * specification.bins,
        side=side,
        cells=min(side, specification.size),
    )
    grid = event_histogram.scaled(
        event_histogram.evenly(counts, side),
        percentile=specification.percentile,
        logarithmic=specification.scaling == 'log',
    )
    grid = event_histogram.enlarged(grid, specification.size)
    turned = np.rot90(grid, k=-(sensor.rotation // 90), axes=(1, 2))
    kept = int(counts.sum())
    rate = kept / (side * side * seconds)
    informative = kept >= max(sensor.min_events, 1) and rate >= sensor.min_rate
    return Prepared(np.ascontiguousarray(turned), informative, rate, 'events per pixel and second')


def _used_square(raw: EventSlice, sensor: EventSensor) -> tuple[int, int, int]:
    """Left edge, upper edge and side of the central square of the sensor or its ``roi``."""
    x, y, width, height = sensor.roi if any(sensor.roi) else (0, 0, raw.width, raw.height)
    if min(x, y) < 0 or min(width, height) < 1 or x + width > raw.width or y + height > raw.height:
        allowed = f'within the sensor of {raw.width} x {raw.height} px'
        raise InputError('roi', list(sensor.roi), allowed)
    side = int(min(width, height))
    return int(x + (width - side) // 2), int(y + (height - side) // 2), side


def taken_us(raw: EventSlice, specification: EventSpecification, sensor: EventSensor) -> int:
    """How long the newest events are collected, microseconds, where not their number decides."""
    return stretch_us(
        raw,
        shortest_us=round(specification.window_ms * 1000),
        longest_us=round(sensor.longest_ms * 1000),
        enough=sensor.enough,
    )


def _newest(
    raw: EventSlice, specification: EventSpecification, sensor: EventSensor
) -> tuple[NDArray[np.void], NDArray[np.intp], float]:
    """The events that count, how many are in each time slice ``[bins]``, and their time in s."""
    times = np.ascontiguousarray(raw.events['t'])
    end_us = int(raw.end_us)
    stop = int(np.searchsorted(times, end_us, side='right'))
    bins = specification.bins
    if specification.count:
        start = max(stop - specification.count, 0)
        edges = start + np.arange(bins + 1) * (stop - start) // bins
        length = max(end_us - int(times[start]), 1) if stop > start else 1
    else:
        length = taken_us(raw, specification, sensor)
        # a window of 50 ms that ends at 50 ms has the events of (0, 50]: none is in two windows
        begins = [end_us - length + length * index // bins for index in range(bins)]
        edges = np.append(np.searchsorted(times, begins, side='right'), stop)
    return raw.events[edges[0] : stop], np.diff(edges), length * 1e-6


MODALITY = Modality(
    name='event',
    title='Event',
    role='student',
    raw='EventSlice: structured array [n] of x, y, p (0 or 1), t; width, height, end',
    unit='pixels and microseconds',
    span=0.05,
    specification=EventSpecification,
    sensor=EventSensor,
    preprocess=preprocess,
)
