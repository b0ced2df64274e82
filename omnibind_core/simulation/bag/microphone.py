"""The robot's microphone: one continuous recording, with the robot's knocks in it.

The background is one: the robot's own fans go wherever it goes.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from omnibind_core.data.seeding import generator
from omnibind_core.simulation.bag.place import Place
from omnibind_core.simulation.sensors import audio
from omnibind_core.simulation.sensors.audio import AudioSimulation

_RING = 1.6  # s of sound after a knock
_INAUDIBLE = 0.0  # dB SPL

_Sound = NDArray[np.float32]


class Recording:
    """What the microphone would record if it were always plugged in.

    :param duration: of the bag, s.
    :param options: of the simulated microphone; gain and background are drawn once.
    :param seed: of the bag.
    """

    def __init__(self, duration: float, options: AudioSimulation, seed: int) -> None:
        random = generator(seed, 'microphone')
        spread = options.sensitivity_spread
        background = float(random.uniform(options.least_background, options.most_background))
        self._seed = seed
        self._options = replace(
            options,
            sensitivity=options.sensitivity + float(random.uniform(-spread, spread)),
            sensitivity_spread=0.0,
            least_background=background,
            most_background=background,
            span=duration,
        )
        self._sound: _Sound = audio.nothing(self._options, random).raw.samples.copy()

    @property
    def sample_rate(self) -> int:
        """Hz."""
        return self._options.sample_rate

    def add(self, place: Place) -> None:
        """The knocks at a stop, all in one room."""
        if place.thing is None:
            return
        random = generator(self._seed, 'room', place.number)
        options = self._options
        distance = float(random.uniform(options.least_distance, options.most_distance))
        reverberation = float(
            random.uniform(options.least_reverberation, options.most_reverberation)
        )
        knock_options = replace(
            options,
            span=_RING,
            latest_onset=0.0,
            least_distance=distance,
            most_distance=distance,
            least_reverberation=reverberation,
            most_reverberation=reverberation,
            least_background=_INAUDIBLE,
            most_background=_INAUDIBLE,
            own_noise=_INAUDIBLE,
        )
        for number, after in enumerate(place.stop.knocks):
            own = generator(self._seed, 'knock', place.number, number)
            reading = audio.simulate(place.thing, place.middle, knock_options, own)
            begin = round((place.period.begin + after) * self.sample_rate)
            part = self._sound[begin : begin + len(reading.raw.samples)]
            part += reading.raw.samples[: len(part)]

    def samples(self, begin: float, count: int) -> _Sound:
        """Part of it, full scale -1 to 1, clipped there; silence beyond its end.

        :param begin: s after the begin of the bag.
        :param count: samples.
        """
        first = round(begin * self.sample_rate)
        part = np.clip(self._sound[first : first + count], -1.0, 1.0)
        return np.pad(part, (0, count - len(part)))
