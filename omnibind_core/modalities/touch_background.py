"""Learning what a gel looks like when nothing touches it.

A pure state machine: pictures and their times are arguments, nothing is read from a clock.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_core.modalities.picture import check_picture
from omnibind_core.modalities.touch import contact_share
from omnibind_core.modalities.touch import reduced
from omnibind_core.modalities.touch import TouchSensor

_SIZE = 96  # px; at this size contacts are told from noise
_MOST_BYTES = 2**28  # that the pictures kept while learning may take together
_ADAPT_EVERY = 1_000_000_000  # ns
_NANOSECONDS = 1e9


class BackgroundEstimator:
    """The background of one gel, from its own pictures.

    *Learning*: pictures are kept as long as each agrees with the first of them, that is, shows no
    contact against it; one that disagrees throws them away and is the first of the next try. The
    per-pixel median of ``background_frames`` agreeing pictures becomes the background. A contact
    that does not move at all for so long is learned as background: keep the gel free at the start,
    or call :meth:`reset` when it is.

    *Following*: gels wear and warm up. While clearly nothing touches (half of the sensor's
    ``contact_difference`` is not exceeded), the background moves towards the pictures with the time
    constant ``background_drift``, once a second, by a tenth at most.

    Memory: ``background_frames`` pictures while learning, at most 256 MiB; then two pictures, one
    of them in float32.

    :param sensor: the fingertip's settings; ``sensor`` may be set anew while running, with the same
        ``roi``.
    """

    def __init__(self, sensor: TouchSensor) -> None:
        self.sensor = sensor
        self.reset()

    def reset(self) -> None:
        """Forget everything and learn again."""
        self._candidates: list[NDArray[np.uint8]] = []
        self._first: NDArray[np.float32] | None = None  # first candidate, [96, 96, 3]
        self._exact: NDArray[np.float32] | None = None  # background, [h, w, 3]
        self._background: NDArray[np.uint8] | None = None
        self._reference: NDArray[np.float32] | None = None  # background, [96, 96, 3]
        self._adapted = 0

    @property
    def background(self) -> NDArray[np.uint8] | None:
        """The gel without contact, ``[h, w, 3]``, read-only; ``None`` while still learning."""
        return self._background

    @property
    def agreeing(self) -> int:
        """How many pictures in a row agree so far; 0 when learned."""
        return len(self._candidates)

    def update(self, picture: NDArray[np.uint8], stamp: int) -> None:
        """Take one picture into account.

        A picture of another size than before starts the learning again.

        :param picture: uint8 ``[h, w, 3]`` RGB; it is copied.
        :param stamp: when it was taken, in nanoseconds; a step back in time is harmless.
        :raises InputError: for any other type, shape or size, for a ``roi`` outside the picture,
            and for pictures too large to keep; the state is then as before.
        """
        check_picture(picture, field='picture', channels=3, dtypes=(np.uint8,))
        most = _MOST_BYTES // self.sensor.background_frames
        if picture.nbytes > most:
            allowed = f'at most {most // 3} pixels, to learn from {self.sensor.background_frames}'
            raise InputError('picture.shape', list(picture.shape), allowed)
        small = reduced(picture, _SIZE, self.sensor)
        known = self._candidates[0] if self._candidates else self._background
        if known is not None and known.shape != picture.shape:
            self.reset()
        if self._exact is None or self._reference is None:
            self._learn(picture, small, stamp)
        else:
            self._follow(self._exact, self._reference, picture, small, stamp)

    def _learn(self, picture: NDArray[np.uint8], small: NDArray[np.float32], stamp: int) -> None:
        if self._first is None or self._touched(small - self._first, 1.0):
            self._candidates.clear()
            self._first = small
        self._candidates.append(picture.copy())
        if len(self._candidates) < self.sensor.background_frames:
            return
        middle = len(self._candidates) // 2
        parts = [  # a few rows at a time: no second copy of all pictures
            np.partition([kept[row : row + 64] for kept in self._candidates], middle, axis=0)
            for row in range(0, len(picture), 64)
        ]
        median = np.concatenate([part[middle] for part in parts])
        self._candidates.clear()
        self._first = None
        self._adapted = stamp
        self._set(median.astype(np.float32))

    def _follow(
        self,
        exact: NDArray[np.float32],
        reference: NDArray[np.float32],
        picture: NDArray[np.uint8],
        small: NDArray[np.float32],
        stamp: int,
    ) -> None:
        elapsed = stamp - self._adapted
        if 0 <= elapsed < _ADAPT_EVERY or self._touched(small - reference, 0.5):
            return
        self._adapted = stamp
        if elapsed < 0:  # a bag was rewound, or the clock was set
            return
        share = 1 - math.exp(-elapsed / _NANOSECONDS / self.sensor.background_drift)
        self._set(exact + np.float32(min(share, 0.1)) * (picture - exact))

    def _touched(self, difference: NDArray[np.float32], part: float) -> bool:
        threshold = part * self.sensor.contact_difference
        # with contact_area 0 everything counts as a contact, which must not stop the learning
        return contact_share(difference, threshold) > max(self.sensor.contact_area, 0.001)

    def _set(self, exact: NDArray[np.float32]) -> None:
        background = np.rint(exact).astype(np.uint8)
        background.flags.writeable = False
        self._exact = exact
        self._background = background
        self._reference = reduced(background, _SIZE, self.sensor)
