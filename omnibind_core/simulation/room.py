"""What a room adds to a sound: early reflections and reverberation.

A shoe-box room by image sources (Allen & Berkley 1979) up to the second order, then exponentially
decaying noise with the energy that Sabine's theory gives the reverberant field (Kuttruff, "Room
Acoustics", 5th ed. 2009, section 5.5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SOUND = 343.0  # m/s
_ORDER = 2


@dataclass(frozen=True)
class Room:
    """A room with a source and a microphone in it.

    :param size: m.
    :param source: position in it, m.
    :param microphone: position in it, m.
    :param reverberation: time in which sound falls by 60 dB, s.
    """

    size: tuple[float, float, float]
    source: tuple[float, float, float]
    microphone: tuple[float, float, float]
    reverberation: float

    @staticmethod
    def drawn(
        distance: float, reverberation: tuple[float, float], random: np.random.Generator
    ) -> Room:
        """A room of random size and reverberation, the microphone so far from the source.

        :param distance: m; at most a third of the smallest room.
        :param reverberation: least and most, s.
        """
        size = random.uniform((3.0, 2.8, 2.3), (7.0, 6.0, 3.2))
        reach = min(distance, 0.8)
        source = np.array([*random.uniform(0.3, 0.7, 2) * size[:2], random.uniform(0.3, 1.0)])
        turn = random.uniform(0.0, 2.0 * np.pi)
        offset = np.array([np.cos(turn), np.sin(turn), 0.3]) * reach
        microphone = np.clip(source + offset, 0.1, size - 0.1)
        return Room(
            size=(float(size[0]), float(size[1]), float(size[2])),
            source=(float(source[0]), float(source[1]), float(source[2])),
            microphone=(float(microphone[0]), float(microphone[1]), float(microphone[2])),
            reverberation=float(random.uniform(*reverberation)),
        )

    @property
    def distance(self) -> float:
        """From source to microphone, m."""
        return float(np.linalg.norm(np.subtract(self.source, self.microphone)))

    @property
    def absorption(self) -> float:
        """Absorbed share of the sound that meets a wall, by Sabine's formula, at most 0.95."""
        x, y, z = self.size
        walls = 2.0 * (x * y + y * z + z * x)
        return min(0.161 * x * y * z / (walls * self.reverberation), 0.95)

    def response(
        self, sample_rate: int, length: int, random: np.random.Generator
    ) -> NDArray[np.float64]:
        """Impulse response ``[length]``, the direct sound at sample 0 with amplitude 1.

        :param sample_rate: Hz.
        :param length: samples.
        """
        result = np.zeros(length)
        images, bounces = self._images()
        path = np.linalg.norm(images - np.asarray(self.microphone), axis=1)
        delay = np.rint((path - self.distance) / _SOUND * sample_rate).astype(np.int64)
        gain = self.distance / path * (1.0 - self.absorption) ** (bounces / 2.0)
        early = delay < length
        np.add.at(result, delay[early], gain[early])
        return result + self._late(sample_rate, length, random)

    def _images(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Mirrored sources ``[i, 3]`` and how many walls each was mirrored at ``[i]``."""
        number = np.arange(-_ORDER, _ORDER + 1)
        grid = np.stack(np.meshgrid(number, number, number, indexing='ij'), axis=-1).reshape(-1, 3)
        bounces = np.abs(grid).sum(axis=1)
        grid, bounces = grid[bounces <= _ORDER], bounces[bounces <= _ORDER]
        size, source = np.asarray(self.size), np.asarray(self.source)
        # The n-th image along an axis: odd ones are mirrored within their box.
        within = np.where(grid % 2 == 0, source, size - source)
        return grid * size + within, bounces

    def _late(
        self, sample_rate: int, length: int, random: np.random.Generator
    ) -> NDArray[np.float64]:
        """Decaying noise, fading in while early reflections grow dense."""
        time = np.arange(length) / sample_rate
        walls = 2.0 * sum(self.size[i] * self.size[(i + 1) % 3] for i in range(3))
        constant = walls * self.absorption / (1.0 - self.absorption)
        energy = 16.0 * np.pi * self.distance**2 / constant  # reverberant against direct
        rate = 6.0 * np.log(10.0) / self.reverberation
        onset = 1.0 - np.exp(-time / 0.015)
        envelope = np.exp(-0.5 * rate * time) * onset
        noise = random.standard_normal(length)
        return np.asarray(noise * envelope * np.sqrt(energy * rate / sample_rate), np.float64)
