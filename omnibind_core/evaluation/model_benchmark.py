"""How long a bundle takes: each encoder, a whole window of sensors, the fusion; and to load.

Readings are those of :mod:`~omnibind_core.evaluation.preprocessing_inputs`: made up, of realistic
size. What the models say of them does not matter here.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from omnibind_core.evaluation import preprocessing_inputs
from omnibind_core.inference.recognition import Token
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.modalities.registry import modality

READINGS: Mapping[str, Callable[[], Any]] = {
    'image': preprocessing_inputs.image,
    'thermal': preprocessing_inputs.thermal,
    'event': preprocessing_inputs.events,
    'point_cloud': preprocessing_inputs.point_cloud,
    'audio': preprocessing_inputs.audio,
    'touch': preprocessing_inputs.touch,
}
"""A raw reading of each sensor."""


@dataclass(frozen=True)
class Timing:
    """How long something takes.

    :param what: a modality, or ``window`` (all of them, and the fusion).
    :param part: ``model`` (prepared array to vector), ``reading`` (raw reading to vector),
        ``window`` (raw readings to recognition) or ``fusion`` (vectors to recognition).
    :param repeats: how often it was timed.
    :param median_ms: milliseconds.
    :param p99_ms: nearest rank.
    """

    what: str
    part: str
    repeats: int
    median_ms: float
    p99_ms: float


@dataclass(frozen=True)
class Loading:
    """How long it takes until a bundle can be used, and what it costs.

    :param seconds: of loading all of it.
    :param first_ms: of the first run of each encoder, by modality, in ms.
    :param megabytes: by which the process grew in memory, first runs included.
    """

    seconds: float
    first_ms: dict[str, float]
    megabytes: float


def load(
    bundle: Path, *, threads: int, clock: Callable[[], float], resident: Callable[[], float]
) -> tuple[Recognizer, Loading]:
    """Load a bundle and run each encoder once.

    :param threads: of each encoder.
    :param clock: monotonic, s.
    :param resident: memory of this process, MB.
    :raises BundleError: it cannot be used.
    """
    before, started = resident(), clock()
    recognizer = Recognizer.load(bundle, threads=threads)
    seconds = clock() - started
    first = {name: recognizer.warm_up(name) for name in recognizer.modalities}
    return recognizer, Loading(seconds, first, resident() - before)


def measure(
    recognizer: Recognizer, *, repeats: int, clock: Callable[[], float]
) -> Iterator[Timing]:
    """Time every encoder of a bundle, the fusion, and a window of all its sensors.

    :param repeats: how often each is timed, at least 1.
    :param clock: monotonic, s.
    """
    readings = {name: READINGS[name]() for name in recognizer.modalities if name in READINGS}
    for name, raw in readings.items():
        kind = modality(name)
        prepared = kind.prepare(raw, recognizer.specification(name), kind.sensor())
        encode, whole = recognizer.encode, recognizer.encode_raw
        yield _timed(name, 'model', repeats, clock, lambda: encode(name, prepared))  # noqa: B023
        yield _timed(name, 'reading', repeats, clock, lambda: whole(name, raw))  # noqa: B023
    tokens = [
        Token(
            sensor=name,
            modality=name,
            vector=recognizer.encode_raw(name, raw).vector,
            space=recognizer.space,
        )
        for name, raw in readings.items()
    ]
    yield _timed('window', 'fusion', repeats, clock, lambda: recognizer.fuse(tokens))
    yield _timed('window', 'window', repeats, clock, lambda: recognizer.recognize(readings))


def _timed(
    what: str, part: str, repeats: int, clock: Callable[[], float], work: Callable[[], Any]
) -> Timing:
    work()  # fills caches, is not counted
    times = np.empty(repeats)
    for number in range(repeats):
        begin = clock()
        work()
        times[number] = (clock() - begin) * 1e3
    p99 = float(np.percentile(times, 99, method='inverted_cdf'))
    return Timing(what, part, repeats, float(np.median(times)), p99)


def resident_megabytes() -> float:
    """Memory of this process that is in RAM, MB (Linux).

    :raises OSError: the kernel does not say.
    """
    import os

    pages = int(Path('/proc/self/statm').read_text(encoding='ascii').split()[1])
    return pages * os.sysconf('SC_PAGE_SIZE') / 1e6


HEADER = f'{"what":<12} {"part":<9} {"median":>9} {"p99":>9}'


def line(timing: Timing) -> str:
    """One line of the table."""
    return (
        f'{timing.what:<12} {timing.part:<9} {timing.median_ms:>6.2f} ms {timing.p99_ms:>6.2f} ms'
    )
