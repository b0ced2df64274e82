"""How long an event camera is looked at: until enough has moved, within limits.

A slow robot, or an event rate controller, leaves a fixed time with few events, fewer than a model
has ever learnt from. The remedy of event-based vision is to let the motion decide how long events
are collected (a constant number of them: Rebecq et al. 2017; by area: Liu and Delbruck 2018); here
within a shortest and a longest time, so that a recognition is never old.
"""

from __future__ import annotations

import math

import numpy as np

from omnibind_core.modalities.event_slice import EventSlice


def wanted_events(raw: EventSlice, enough: float) -> int:
    """How many of its sensor's events are enough."""
    return math.ceil(enough * raw.width * raw.height)


def stretch_us(raw: EventSlice, *, shortest_us: int, longest_us: int, enough: float) -> int:
    """Length of the newest stretch that holds enough events, microseconds.

    :param raw: a checked slice. Where it does not say since when it is complete, or that is less
        than ``shortest_us`` ago, the shortest stretch is taken.
    :param shortest_us: at least; also where that is more than enough.
    :param longest_us: at most, however few events there are.
    :param enough: events per pixel of the sensor.
    """
    if raw.begin_us is None:
        return shortest_us
    end_us = int(raw.end_us)
    longest_us = max(min(longest_us, end_us - int(raw.begin_us)), shortest_us)
    wanted = wanted_events(raw, enough)
    if not wanted:
        return shortest_us
    times = raw.events['t']
    stop = int(np.searchsorted(times, end_us, side='right'))
    if stop < wanted:
        return longest_us
    # A stretch is open at its begin: one microsecond more holds the first of those that are enough.
    length = end_us - int(times[stop - wanted]) + 1
    return min(max(length, shortest_us), longest_us)
