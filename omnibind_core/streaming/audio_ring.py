"""The last seconds of a microphone, assembled from its messages.

A message's stamp is the time of its *first* sample, as ros-drivers' ``audio_capture`` has it. What
happens to a message is decided by where its stamp lies compared with where the samples before it
end:

* within ``tolerance``: it follows directly; stamps jitter, samples do not;
* later by up to ``longest_fill``: messages were lost, silence takes their place;
* later than that, or earlier by more than ``tolerance``: the ring starts over with it (lost for
  long, the clock was set, or the sample rate is not what was said);
* at or before the last message's stamp: a duplicate, or out of order: refused. Samples that came
  late are worth less than samples in order. Earlier by more than a second: the clock stepped back
  (a bag began again), the ring starts over.

Time is an argument: integers, nanoseconds. Notation: ``s`` samples, ``c`` channels.
"""

from __future__ import annotations

from collections import Counter
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_core.modalities.audio_clip import AudioClip
from omnibind_core.streaming.sensor_health import REGRESSION_NS
from omnibind_core.streaming.stream_clock import StreamClock

MOST_BYTES = 256 * 2**20
_SECOND = 1_000_000_000


class AudioOutcome(Enum):
    """What became of a message; the values are the keys in diagnostics."""

    APPENDED = 'appended'
    """It followed directly."""
    FILLED = 'filled'
    """Silence was put in for lost messages, then it was appended."""
    RESTARTED = 'restarted'
    """Everything before it was dropped."""
    DUPLICATE = 'duplicate'
    """Refused: its stamp is the last one's."""
    LATE = 'late'
    """Refused: its stamp is before the last one's."""
    EMPTY = 'empty'
    """It held no samples."""


@dataclass(frozen=True, eq=False)
class AudioSpan:
    """An unbroken stretch of sound.

    :param clip: the samples, float32 ``[s, c]``, and their rate.
    :param end_ns: ROS time at the end of the last sample.
    :param filled: how many of the samples are silence in place of lost ones.
    """

    clip: AudioClip
    end_ns: int
    filled: int


class AudioRing:
    """Messages in, spans out. Not thread-safe: one caller at a time.

    :param sample_rate: in Hz.
    :param channels: of every message.
    :param capacity_ns: how much is kept; the longest span there can be.
    :param tolerance_ns: see above: the jitter of the stamps.
    :param longest_fill_ns: see above; the capacity at most.
    :raises InputError: if the ring would take more than 256 MiB, or less than a sample.
    """

    def __init__(
        self,
        *,
        sample_rate: int,
        channels: int,
        capacity_ns: int = 2 * _SECOND,
        tolerance_ns: int = 50_000_000,
        longest_fill_ns: int = 200_000_000,
    ) -> None:
        if sample_rate < 1 or channels < 1:
            given = f'{sample_rate} Hz, {channels} channels'
            raise InputError('audio', given, 'a sample rate and a number of channels of 1 or more')
        capacity = capacity_ns * sample_rate // _SECOND
        if not 4 <= capacity * channels * 4 <= MOST_BYTES:
            given = f'{capacity} samples of {channels} channels'
            raise InputError('capacity', given, f'1 sample to {MOST_BYTES >> 20} MiB')
        self._rate = sample_rate
        self._ring = np.zeros((capacity, channels), np.float32)
        self._tolerance = tolerance_ns
        self._longest_fill = min(longest_fill_ns, capacity_ns)
        self._outcomes = Counter(dict.fromkeys(AudioOutcome, 0))
        # Samples are numbered from the last start: first kept is max(0, number - capacity).
        self._number = 0
        self._silences: deque[tuple[int, int]] = deque()  # begin and end of filled gaps
        self._clock: StreamClock | None = None
        self._stamp = 0

    @property
    def outcomes(self) -> Mapping[AudioOutcome, int]:
        """How many messages ended how; every outcome is present."""
        return MappingProxyType(dict(self._outcomes))

    @property
    def end_ns(self) -> int | None:
        """ROS time at the end of the newest sample; None while the ring is empty."""
        return None if self._clock is None else self._clock.to_ros(self._time(self._number))

    def push(self, stamp_ns: int, samples: NDArray[np.float32]) -> AudioOutcome:
        """A message arrived.

        :param stamp_ns: ROS time of its first sample.
        :param samples: float32 ``[s, c]``.
        :raises InputError: for another type or shape.
        """
        channels = self._ring.shape[1]
        if samples.dtype != np.float32 or samples.ndim != 2 or samples.shape[1] != channels:
            given = f'{samples.dtype} of shape {list(samples.shape)}'
            raise InputError('samples', given, f'float32 of shape [s, {channels}]')
        outcome = self._place(stamp_ns, len(samples))
        self._outcomes[outcome] += 1
        if outcome in (AudioOutcome.EMPTY, AudioOutcome.DUPLICATE, AudioOutcome.LATE):
            return outcome
        if self._clock is None or outcome is AudioOutcome.RESTARTED:
            self._number = 0
            self._silences.clear()
            self._clock = StreamClock(0, stamp_ns)
        elif outcome is AudioOutcome.FILLED:
            self._fill(self._clock.error(self._time(self._number), stamp_ns))
        self._clock.follow(self._time(self._number), stamp_ns)
        self._write(samples)
        self._stamp = stamp_ns
        return outcome

    def span(self, end_ns: int | None, length_ns: int) -> AudioSpan | None:
        """The newest unbroken stretch of a given length.

        :param end_ns: ROS time at which it ends at the latest; None: no such limit.
        :param length_ns: its length.
        :return: a copy; None while the ring holds less than that.
        :raises InputError: for a length that the ring can never hold.
        """
        length = (length_ns * self._rate + _SECOND // 2) // _SECOND
        capacity = len(self._ring)
        if not 1 <= length <= capacity:
            raise InputError('span', f'{length} samples', f'1 to {capacity}, the capacity')
        if self._clock is None:
            return None
        end = self._number
        if end_ns is not None:
            # the last sample that begins at this nanosecond or before; see _time
            last = ((self._clock.to_own(end_ns) + 1) * self._rate - 1) // _SECOND
            end = min(end, last)
        begin = end - length
        if begin < max(0, self._number - capacity):
            return None
        samples = self._ring[np.arange(begin, end) % capacity]
        silences = (min(end, last) - max(begin, first) for first, last in self._silences)
        filled = sum(max(0, silence) for silence in silences)
        clip = AudioClip(samples, self._rate)
        return AudioSpan(clip, self._clock.to_ros(self._time(end)), filled)

    def _place(self, stamp_ns: int, length: int) -> AudioOutcome:
        """What is to become of a message; changes nothing."""
        if not length:
            return AudioOutcome.EMPTY
        if self._clock is None:
            return AudioOutcome.APPENDED
        if stamp_ns <= self._stamp:
            if stamp_ns < self._stamp - REGRESSION_NS:
                return AudioOutcome.RESTARTED
            return AudioOutcome.DUPLICATE if stamp_ns == self._stamp else AudioOutcome.LATE
        error = self._clock.error(self._time(self._number), stamp_ns)
        if abs(error) <= self._tolerance:
            return AudioOutcome.APPENDED
        if 0 < error <= self._longest_fill:
            return AudioOutcome.FILLED
        return AudioOutcome.RESTARTED

    def _fill(self, gap_ns: int) -> None:
        missing = gap_ns * self._rate // _SECOND
        self._silences.append((self._number, self._number + missing))
        self._write(np.zeros((missing, self._ring.shape[1]), np.float32))

    def _write(self, samples: NDArray[np.float32]) -> None:
        capacity = len(self._ring)
        self._number += len(samples)
        newest = samples[-capacity:]
        at = (self._number - len(newest)) % capacity
        first = min(len(newest), capacity - at)
        self._ring[at : at + first] = newest[:first]
        self._ring[: len(newest) - first] = newest[first:]
        while self._silences and self._silences[0][1] <= self._number - capacity:
            self._silences.popleft()

    def _time(self, number: int) -> int:
        """The stream's own time at the begin of a sample."""
        return number * _SECOND // self._rate
