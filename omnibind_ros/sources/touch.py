"""Tactile sensors: pictures of a gel, compared with the same gel untouched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from omnibind_core.modalities.touch import TouchFrame
from omnibind_core.modalities.touch import TouchSensor
from omnibind_core.modalities.touch_background import BackgroundEstimator
from omnibind_ros.sources.source import Assembled


class TouchSource:
    """Learns the gel's background from its first pictures, and follows it.

    Until it is learned there is nothing to encode: keep the gel free when the node starts.

    :param convert: message -> picture, uint8 ``[h, w, 3]``; raises InputError.
    :param settings: the fingertip's.
    """

    decodes_on_entry = False

    def __init__(self, convert: Callable[[Any], Any], settings: TouchSensor) -> None:
        self._convert = convert
        self._estimator = BackgroundEstimator(settings)
        self._newest: Assembled | None = None

    def enter(self, message: Any, stamp: int, *, arrival: bool) -> int | None:  # noqa: ARG002
        """See :meth:`Source.enter`."""
        self._newest = Assembled((message, stamp), stamp, 0)
        return stamp

    def assemble(self) -> Assembled | None:
        """See :meth:`Source.assemble`."""
        newest, self._newest = self._newest, None
        return newest

    def convert(self, content: Any) -> Any | None:
        """Picture and background; ``None`` while the background is being learned."""
        message, stamp = content
        picture = self._convert(message)
        self._estimator.update(picture, stamp)
        background = self._estimator.background
        return None if background is None else TouchFrame(picture, background)

    def apply(self, settings: Any) -> None:
        """Contacts are judged by the new settings from now on."""
        self._estimator.sensor = settings

    def interrupted(self) -> None:
        """The background is learned from what is there before and after."""
        self._newest = None

    def values(self) -> dict[str, str]:
        """How far the background is."""
        if self._estimator.background is not None:
            return {'background': 'learned'}
        wanted = self._estimator.sensor.background_frames
        return {'background': f'learning, {self._estimator.agreeing} of {wanted} pictures agree'}
