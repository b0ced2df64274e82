"""A recognition and the state of the sensors as what an overlay shows."""

from __future__ import annotations

from collections.abc import Mapping

from omnibind_core.inference.label_bank import LabelBank
from omnibind_core.inference.recognition import Recognized
from omnibind_core.inference.recognition import Share
from omnibind_core.overlay.content import Guess
from omnibind_core.overlay.content import Overlay
from omnibind_core.overlay.content import Part
from omnibind_core.overlay.content import SensorLine
from omnibind_core.streaming.closed_window import ClosedWindow
from omnibind_core.streaming.sensor import SensorStatus


def summary(
    window: ClosedWindow | None,
    recognized: Recognized | None,
    sensors: Mapping[str, SensorStatus],
    labels: LabelBank,
    *,
    silent_for: float | None,
    rate: float,
    latency: float | None,
) -> Overlay:
    """What to draw.

    :param window: the last one; ``None``: there was none yet, as with ``recognized``.
    :param sensors: all that are known, now.
    :param labels: those in use; classes of an earlier set are shown by their identifiers.
    """
    if window is None or recognized is None:
        return Overlay(sensors=tuple(_line(one, None, 'missing', {}) for one in sensors.values()))
    names = dict(zip(labels.class_ids, labels.names, strict=True))
    parts: dict[str, Part] = {vector.sensor: 'fresh' for vector in window.fresh}
    parts.update({vector.sensor: 'held' for vector in window.held})
    informative = {one.sensor: one.informative for one in (*window.fresh, *window.held)}
    shares = {share.sensor: share for share in recognized.shares}
    return Overlay(
        guesses=tuple(
            Guess(names.get(class_id, class_id), score)
            for class_id, score in zip(recognized.class_ids, recognized.scores, strict=True)
        ),
        abstained=recognized.abstained,
        calibrated=recognized.calibrated,
        sensors=tuple(
            _line(
                status,
                shares.get(name),
                parts.get(name, 'missing'),
                names,
                informative=informative.get(name, True),
            )
            for name, status in sensors.items()
        ),
        silent_for=silent_for,
        rate=rate,
        latency=latency,
    )


def _line(
    status: SensorStatus,
    share: Share | None,
    part: Part,
    names: Mapping[str, str],
    *,
    informative: bool = True,
) -> SensorLine:
    return SensorLine(
        sensor=status.sensor,
        modality=status.modality,
        state=status.state.value,
        part=part,
        weight=0.0 if share is None else share.weight,
        informative=informative,
        says='' if share is None else names.get(share.class_id, share.class_id),
        score=0.0 if share is None else share.score,
    )
