"""How long a bundle takes: each encoder, a whole window of sensors, the fusion; and to load.

Beside it another way to do the same may be timed, in the same run and turn by turn, so that the
ratio holds on machines that are slow or a little busy. With more work than cores nothing holds:
whatever is longer than the scheduler's slice is cut, whatever is shorter is not. Readings are those
of :mod:`~omnibind_core.evaluation.preprocessing_inputs`: made up, of realistic size. What the
models say of them does not matter here.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from omnibind_core.evaluation.preprocessing_benchmark import CASES
from omnibind_core.evaluation.turn_by_turn import p99
from omnibind_core.evaluation.turn_by_turn import turn_by_turn
from omnibind_core.inference.recognition import Token
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.modalities.registry import modality

OURS = 'omnibind'
PARTS = ('model', 'reading', 'fusion', 'window')

READINGS: Mapping[str, Callable[[], Any]] = {case.modality: case.make for case in CASES}
"""A raw reading of each sensor."""


class Node(Protocol):
    """Another way to encode one sensor's readings."""

    def encode(self, array: NDArray[np.float32]) -> NDArray[np.float32]:
        """A prepared array into its embedding."""

    def encode_raw(self, raw: Any) -> NDArray[np.float32]:
        """A raw reading into its embedding."""


@dataclass(frozen=True)
class Timing:
    """How long something takes.

    :param what: a modality, or ``window`` (all of them, and the fusion).
    :param part: ``model`` (prepared array to vector), ``reading`` (raw reading to vector),
        ``fusion`` (vectors to recognition) or ``window`` (raw readings to recognition; of others:
        to vectors).
    :param by: ``omnibind``, or the name of the other way.
    :param threads: of each model.
    :param busy: whether another process kept a core busy.
    :param repeats: how often it was timed.
    :param median_ms: milliseconds.
    :param p99_ms: nearest rank.
    """

    what: str
    part: str
    by: str
    threads: int
    busy: bool
    repeats: int
    median_ms: float
    p99_ms: float

    @property
    def throughput(self) -> float:
        """How many one thread of control makes in a second."""
        return 1e3 / self.median_ms


@dataclass(frozen=True)
class Loading:
    """How long it takes until a bundle can be used, and what it costs.

    :param seconds: of loading all of it.
    :param first_ms: of the first run of each encoder, by modality, in ms.
    :param megabytes: by which the process grew, libraries and first runs included.
    :param encoder_megabytes: by which it grows for one encoder more, by modality.
    """

    seconds: float
    first_ms: dict[str, float]
    megabytes: float
    encoder_megabytes: dict[str, float]


def load(
    bundle: Path, *, threads: int, clock: Callable[[], float], resident: Callable[[], float]
) -> tuple[Recognizer, Loading]:
    """Load a bundle and run each encoder once; then each encoder alone, for its memory.

    :param threads: of each encoder.
    :param clock: monotonic, s.
    :param resident: memory of this process, MB.
    :raises BundleError: it cannot be used.
    """
    before, started = resident(), clock()
    recognizer = Recognizer.load(bundle, threads=threads)
    seconds = clock() - started
    first = {name: recognizer.warm_up(name) for name in recognizer.modalities}
    grown = resident() - before
    alone, kept = {}, []
    for name in recognizer.modalities:
        before = resident()
        kept.append(Recognizer.load(bundle, modalities=(name,), fuse=False, threads=threads))
        kept[-1].warm_up(name)
        alone[name] = resident() - before
    return recognizer, Loading(seconds, first, grown, alone)


def measure(
    recognizer: Recognizer,
    *,
    repeats: int,
    clock: Callable[[], float],
    threads: int = 1,
    busy: bool = False,
    beside: Mapping[str, Mapping[str, Node]] | None = None,
) -> Iterator[Timing]:
    """Time every encoder of a bundle, the fusion, and a window of all its sensors.

    :param repeats: how often each is timed, at least 1.
    :param clock: monotonic, s.
    :param threads: that the recognizer was loaded with.
    :param busy: whether a core is kept busy meanwhile; for the record.
    :param beside: other ways by name, each with a node for each modality of the bundle.
    """
    readings = {name: READINGS[name]() for name in recognizer.modalities if name in READINGS}
    others = beside or {}
    for name, raw in readings.items():
        kind = modality(name)
        prepared = kind.prepare(raw, recognizer.specification(name), kind.sensor())
        array = prepared.array
        model: dict[str, Callable[[], Any]] = {OURS: lambda: recognizer.encode(name, array)}  # noqa: B023
        whole: dict[str, Callable[[], Any]] = {OURS: lambda: recognizer.encode_raw(name, raw)}  # noqa: B023
        for by, nodes in others.items():
            node = nodes[name]
            model[by] = lambda node=node: node.encode(array)  # type: ignore[misc]  # noqa: B023
            whole[by] = lambda node=node: node.encode_raw(raw)  # type: ignore[misc]  # noqa: B023
        for part, work in (('model', model), ('reading', whole)):
            for by, times in turn_by_turn(work, repeats, clock).items():
                yield _timing(name, part, by, threads, busy, times)
    tokens = [
        Token(name, name, recognizer.encode_raw(name, raw).vector, space=recognizer.space)
        for name, raw in readings.items()
    ]
    fusion = turn_by_turn({OURS: lambda: recognizer.fuse(tokens)}, repeats, clock)
    yield _timing('window', 'fusion', OURS, threads, busy, fusion[OURS])
    window: dict[str, Callable[[], Any]] = {OURS: lambda: recognizer.recognize(readings)}
    for by, nodes in others.items():
        window[by] = lambda nodes=nodes: [  # type: ignore[misc]
            nodes[name].encode_raw(raw) for name, raw in readings.items()
        ]
    for by, times in turn_by_turn(window, repeats, clock).items():
        yield _timing('window', 'window', by, threads, busy, times)


def ratios(timings: Sequence[Timing], by: str) -> dict[str, float]:
    """How many times longer another way takes, by part: geometric means over what was timed.

    :param timings: of one number of threads, all idle or all busy.
    """
    ours = {(one.what, one.part): one.median_ms for one in timings if one.by == OURS}
    logs: dict[str, list[float]] = {}
    for one in timings:
        if one.by == by:
            ratio = one.median_ms / ours[one.what, one.part]
            logs.setdefault(one.part, []).append(float(np.log(ratio)))
    return {part: float(np.exp(np.mean(each))) for part, each in logs.items()}


def _timing(
    what: str, part: str, by: str, threads: int, busy: bool, times: NDArray[np.float64]
) -> Timing:
    return Timing(what, part, by, threads, busy, len(times), float(np.median(times)), p99(times))


def resident_megabytes() -> float:
    """Memory of this process that is in RAM, MB (Linux).

    :raises OSError: the kernel does not say.
    """
    import os

    pages = int(Path('/proc/self/statm').read_text(encoding='ascii').split()[1])
    return pages * os.sysconf('SC_PAGE_SIZE') / 1e6


HEADER = (
    f'{"what":<12} {"part":<8} {"by":<12} {"threads":>7} {"cores":<6} {"median":>9} {"p99":>9} '
    f'{"a second":>8}'
)


def line(timing: Timing) -> str:
    """One line of the table."""
    cores = 'busy' if timing.busy else 'idle'
    return (
        f'{timing.what:<12} {timing.part:<8} {timing.by:<12} {timing.threads:>7} {cores:<6} '
        f'{timing.median_ms:>6.2f} ms {timing.p99_ms:>6.2f} ms {timing.throughput:>8.0f}'
    )
