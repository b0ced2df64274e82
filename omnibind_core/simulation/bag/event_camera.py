"""The robot's event camera: what moves past it while the robot sways, and its noise.

At each stop the scene is drawn many times a second and each pixel reports changes of the logarithm
of its light, as in :mod:`omnibind_core.simulation.sensors.event`. Thresholds, noise and hot pixels
are those of one sensor for the whole bag. Where the robot stands still there is noise alone.
"""

from __future__ import annotations

from dataclasses import replace
import math

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.seeding import generator
from omnibind_core.modalities.event_slice import EventSlice
from omnibind_core.simulation.bag.place import Place
from omnibind_core.simulation.bag.sensor_settings import EventCameraSettings
from omnibind_core.simulation.colour_temperature import LUMINANCE
from omnibind_core.simulation.event_pixels import EventPixels
from omnibind_core.simulation.gaussian_blur import gaussian_blur
from omnibind_core.simulation.sensors.event import EventSimulation
from omnibind_core.simulation.sensors.event import noise_events

MICROSECONDS = 1_000_000
_LEAST_THRESHOLD = 0.01


class EventRecording:
    """What the event camera would report if it were always plugged in.

    :param duration: of the bag, s.
    :param settings: of the bag's camera.
    :param options: of the simulated camera.
    :param seed: of the bag.
    """

    def __init__(
        self, duration: float, settings: EventCameraSettings, options: EventSimulation, seed: int
    ) -> None:
        random = generator(seed, 'event_camera')
        rate = float(random.uniform(options.least_noise, options.most_noise))
        self._settings = settings
        self._seed = seed
        self._options = replace(
            options,
            width=settings.width,
            height=settings.height,
            span_ms=duration * 1e3,
            least_noise=rate,
            most_noise=rate,
        )
        shape = (settings.height, settings.width)
        ratio = math.exp(random.normal(0.0, options.asymmetry) / 2.0)
        rising, falling = (
            np.maximum(
                settings.threshold * factor + options.mismatch * random.standard_normal(shape),
                _LEAST_THRESHOLD,
            )
            for factor in (ratio, 1.0 / ratio)
        )
        self._pixels = EventPixels(rising, falling, options.refractory_us)
        self._parts = [noise_events(self._options, random)]
        self._events: NDArray[np.void] | None = None

    def add(self, place: Place) -> None:
        """What moves at a stop."""
        if not place.path.moving:
            return
        period = place.period
        frames = max(math.ceil((period.end - period.begin) * self._settings.renders), 2) + 1
        times = np.linspace(period.begin, period.end, frames)
        shape = (self._settings.height, self._settings.width)
        light = np.empty((frames, *shape), np.float32)
        for number, time in enumerate(times.tolist()):
            camera = place.framing(place.event_camera, time).camera(shape[1], shape[0])
            rendered = place.scene.seen(camera, place.caster)
            light[number] = gaussian_blur(rendered.light @ LUMINANCE, self._options.blur)
        light /= max(float(light.mean()), 1e-9)
        logarithms = np.log(light + np.float32(self._options.dark_light))
        # where each pixel is between its thresholds when the robot arrives is anyone's guess
        share = generator(self._seed, 'event_camera', place.number).random(shape)
        pixels = self._pixels
        level = logarithms[0] - share * pixels.rising + (1.0 - share) * pixels.falling
        self._parts.append(pixels.events(logarithms, times * MICROSECONDS, level))
        self._events = None

    def between(self, begin: int, end: int) -> EventSlice:
        """The events of (begin, end].

        :param begin: microseconds after the begin of the bag.
        :param end: likewise.
        :returns: times count from the begin of the bag.
        """
        if self._events is None:
            together = np.concatenate(self._parts)
            self._events = together[np.argsort(together['t'], kind='stable')]
        first, last = np.searchsorted(self._events['t'], [begin, end], side='right').tolist()
        own = self._events[first:last]
        return EventSlice(own, self._settings.width, self._settings.height, end)


def controlled(
    given: EventSlice, begin: int, most_rate: float, random: np.random.Generator
) -> EventSlice:
    """What an event rate controller lets through: which events are dropped is drawn evenly.

    :param given: of one packet. Events that a corruption dated before it are dated at its begin.
    :param begin: of the packet, microseconds.
    :param most_rate: events a second.
    """
    most = int(most_rate * (given.end_us - begin) / MICROSECONDS)
    events = given.events
    if len(events) > most:
        events = events[np.sort(random.choice(len(events), most, replace=False))]
    if len(events) and events['t'][0] <= begin:
        events = events.copy()
        events['t'] = np.maximum(events['t'], begin + 1)
    return replace(given, events=events)
