"""EVT 3.0 as a person would write it down: one word after the other, plain integers.

Written from the format's description and independent of the decoder under test.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence

Event = tuple[int, int, int, int]  # x, y, p, t


class ScalarDecoder:
    """Word by word, with every part of the state in a variable of its own."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.turns = 0
        self.high: int | None = None
        self.forget()

    def forget(self) -> None:
        self.high_seen = False
        self.low: int | None = None
        self.y: int | None = None
        self.base: int | None = None
        self.base_polarity = 0

    def time(self) -> int | None:
        if self.high is None or self.low is None:
            return None
        return self.turns * 2**24 + self.high * 4096 + self.low

    def decode(self, words: Iterable[int]) -> tuple[list[Event], list[int]]:
        """The events, and all times that were known at any word."""
        events: list[Event] = []
        times: list[int] = []
        for word in words:
            kind, content = divmod(word, 4096)
            found: list[tuple[int, int]] = []
            if kind == 0:
                self.y = content % 2048
            elif kind == 2:
                found = [(content % 2048, content // 2048)]
            elif kind == 3:
                self.base, self.base_polarity = content % 2048, content // 2048
            elif kind in (4, 5):
                length = 12 if kind == 4 else 8
                if self.base is not None:
                    found = [
                        (self.base + bit, self.base_polarity)
                        for bit in range(length)
                        if content & (1 << bit)
                    ]
                    self.base += length
            elif kind == 6:
                if self.high_seen:
                    self.low = content
            elif kind == 8:
                if self.high is not None and self.high - content > 10:
                    self.turns += 1
                if content != self.high and self.low is not None:
                    self.low = 0
                self.high = content
                self.high_seen = True
            now = self.time()
            if now is not None:
                times.append(now)
                if self.y is not None and self.y < self.height:
                    events += [(x, self.y, p, now) for x, p in found if x < self.width]
        return events, times


def encode(events: Sequence[Event], *, vectors: bool) -> list[int]:
    """Words that say these events, which are in order of time; each state only when it changes.

    :param vectors: neighbours in a row, of one time and polarity, share words of 12 or 8.
    """
    words: list[int] = []
    high = low = y = None
    index = 0
    while index < len(events):
        x, row, polarity, time = events[index]
        if (time >> 12) & 0xFFF != high:
            # every step must be visible, so that a whole turn does not look like none
            high = (time >> 12) & 0xFFF
            words.append(0x8000 | high)
            low = None
        if time & 0xFFF != low:
            low = time & 0xFFF
            words.append(0x6000 | low)
        if row != y:
            y = row
            words.append(y)
        length = 12 if index % 2 else 8
        last = index
        while (
            last + 1 < len(events)
            and events[last + 1][1:] == (row, polarity, time)
            and events[last][0] < events[last + 1][0] < x + length
        ):
            last += 1
        if vectors and last > index:
            mask = sum(1 << (event[0] - x) for event in events[index : last + 1])
            words += [0x3000 | polarity << 11 | x, (0x4000 if length == 12 else 0x5000) | mask]
            index = last + 1
        else:
            words.append(0x2000 | polarity << 11 | x)
            index += 1
    return words
