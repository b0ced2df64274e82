"""The pixels of an event camera: they report when the logarithm of the light has changed enough.

Each pixel remembers a level and fires when the logarithm of its light is a threshold above or
below it, then remembers the new level (Lichtsteiner et al. 2008). Between two pictures the
logarithm is taken to change evenly, which dates the events within (ESIM, Rebecq et al. 2018). After
an event a pixel is blind for the refractory period, and remembers what it sees at its end.

Notation: ``k`` pictures, ``h, w`` their size, ``n`` events.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omnibind_core.modalities.event_slice import EVENT_DTYPE

_Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class EventPixels:
    """One sensor's pixels.

    :param rising: change of the natural logarithm of the light that makes each pixel report
        *brighter*, ``[h, w]``, above 0.
    :param falling: likewise for *darker*, above 0.
    :param refractory: microseconds.
    """

    rising: _Floats
    falling: _Floats
    refractory: float = 0.0

    def events(
        self, logarithms: _Floats | NDArray[np.float32], times: _Floats, level: _Floats
    ) -> NDArray[np.void]:
        """What the pixels report, in order of time.

        :param logarithms: natural logarithm of the light, ``[k, h, w]``.
        :param times: of the pictures, growing, microseconds, ``[k]``.
        :param level: remembered level of each pixel at the beginning, within its thresholds of the
            first picture, ``[h, w]``.
        :returns: ``[n]`` of :data:`~omnibind_core.modalities.event_slice.EVENT_DTYPE`; times are
            rounded up to whole microseconds.
        """
        width = level.shape[1]
        up, down = self.rising.ravel(), self.falling.ravel()
        level = level.astype(np.float64).ravel()
        blind = np.full(len(level), -np.inf)  # until when
        found: list[tuple[NDArray[np.int64], NDArray[np.bool_], _Floats]] = []
        for number in range(len(times) - 1):
            first = logarithms[number].ravel().astype(np.float64)
            slope = (logarithms[number + 1].ravel() - first) / (times[number + 1] - times[number])
            start, stop = float(times[number]), float(times[number + 1])
            waking = np.flatnonzero((blind > start) & (blind <= stop))
            level[waking] = first[waking] + slope[waking] * (blind[waking] - start)
            pixel = np.flatnonzero(blind <= stop)
            while len(pixel):
                brighter = slope[pixel] > 0.0
                wanted = level[pixel] + np.where(brighter, up[pixel], -down[pixel])
                change = wanted - first[pixel]
                span = slope[pixel] * (stop - start)
                fires = (np.abs(span) > 0.0) & (np.abs(change) <= np.abs(span))
                fires &= np.where(brighter, change >= 0.0, change <= 0.0)
                pixel, brighter, wanted = pixel[fires], brighter[fires], wanted[fires]
                time = start + change[fires] / slope[pixel]
                found.append((pixel, brighter, time))
                blind[pixel] = time + self.refractory
                level[pixel] = wanted
                pixel = pixel[blind[pixel] <= stop]  # the others wake in a later stretch
                if self.refractory > 0.0:
                    level[pixel] = first[pixel] + slope[pixel] * (blind[pixel] - start)
        if not found:
            return np.empty(0, EVENT_DTYPE)
        index, bright, when = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return packed(index, bright, when, width)


def packed(
    pixel: NDArray[np.int64], brighter: NDArray[np.bool_], time: _Floats, width: int
) -> NDArray[np.void]:
    """Events of pixels counted row by row, in order of time, then of place."""
    events = np.empty(len(pixel), EVENT_DTYPE)
    stamp = np.ceil(time).astype(np.int64)
    order = np.lexsort((brighter, pixel, stamp))
    events['x'], events['y'] = pixel[order] % width, pixel[order] // width
    events['p'], events['t'] = brighter[order], stamp[order]
    return events
