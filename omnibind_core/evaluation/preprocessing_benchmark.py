"""How long preprocessing takes, beside the same written in the usual way.

Both are timed in the same run on the same reading, so that the ratio holds on machines that are
busy or slow in other ways.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import asdict
from dataclasses import dataclass
from importlib.util import find_spec
import os
import platform
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.evaluation import preprocessing_inputs
from omnibind_core.evaluation import preprocessing_references
from omnibind_core.evaluation.turn_by_turn import p99
from omnibind_core.evaluation.turn_by_turn import turn_by_turn
from omnibind_core.modalities.registry import modality

# numpy's matrix products (audio uses one) start as many threads as there are cores unless told
# not to; robots run several encoders at once and should tell them.
THREAD_VARIABLES = ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS')


@dataclass(frozen=True)
class Case:
    """One thing to measure.

    :param modality: its name.
    :param size: of the reading, for people.
    :param make: makes the reading.
    :param reference: does the same in the usual way, from the reading and the specification.
    :param means: how, in a few words.
    :param needs: the library that the reference needs beyond ours; '' for none.
    """

    modality: str
    size: str
    make: Callable[[], Any]
    reference: Callable[[Any, Any], Any]
    means: str
    needs: str = ''


@dataclass(frozen=True)
class Measurement:
    """The result for one modality.

    :param modality: its name.
    :param size: of the reading.
    :param shape: of the prepared array.
    :param repeats: how often ours was timed.
    :param median_ms: of ours.
    :param p99_ms: of ours, nearest rank.
    :param reference: how the reference does it.
    :param reference_ms: median of the reference; None where it was skipped.
    :param ratio: how many times longer the reference takes; None where it was skipped.
    :param skipped: the library that is absent; '' where the reference was timed.
    """

    modality: str
    size: str
    shape: tuple[int, ...]
    repeats: int
    median_ms: float
    p99_ms: float
    reference: str
    reference_ms: float | None
    ratio: float | None
    skipped: str


_INPUTS = preprocessing_inputs
_REFERENCES = preprocessing_references

CASES = (
    Case(
        'image',
        '640 x 480 RGB',
        _INPUTS.image,
        _REFERENCES.image,
        'Pillow resize of the whole picture, numpy',
    ),
    Case(
        'thermal',
        '160 x 120, 16 bit',
        _INPUTS.thermal,
        _REFERENCES.thermal,
        'Pillow resize of the whole picture, numpy',
    ),
    Case('event', '100,000 of 640 x 480', _INPUTS.events, _REFERENCES.event, 'np.add.at'),
    Case(
        'point_cloud',
        '30,000 points',
        _INPUTS.point_cloud,
        _REFERENCES.point_cloud,
        'farthest points of the whole cloud',
    ),
    Case(
        'audio',
        '1 s at 48 kHz',
        _INPUTS.audio,
        _REFERENCES.audio,
        'SciPy resample_poly, FFT frame by frame',
        needs='scipy',
    ),
    Case(
        'touch',
        '2 x 320 x 240 RGB',
        _INPUTS.touch,
        _REFERENCES.touch,
        'Pillow resize of both pictures, numpy',
    ),
)


def measure(
    cases: Iterable[Case], *, repeats: int, clock: Callable[[], float]
) -> Iterator[Measurement]:
    """Time some cases, one after the other.

    References are timed a tenth as often (at least 3 times): some take a second.

    :param repeats: how often ours is timed, at least 1.
    :param clock: monotonic, in seconds.
    """
    for case in cases:
        found = modality(case.modality)
        specification, sensor, raw = found.specification(), found.sensor(), case.make()
        ours = _times(lambda: found.prepare(raw, specification, sensor), repeats, clock)  # noqa: B023
        reference_ms = None
        skipped = case.needs if case.needs and find_spec(case.needs) is None else ''
        if not skipped:
            usual = _times(lambda: case.reference(raw, specification), max(3, repeats // 10), clock)  # noqa: B023
            reference_ms = float(np.median(usual))
        median_ms = float(np.median(ours))
        yield Measurement(
            modality=case.modality,
            size=case.size,
            shape=specification.shape,
            repeats=repeats,
            median_ms=median_ms,
            p99_ms=p99(ours),
            reference=case.means,
            reference_ms=reference_ms,
            ratio=None if reference_ms is None else reference_ms / max(median_ms, 1e-9),
            skipped=skipped,
        )


def _times(
    work: Callable[[], Any], repeats: int, clock: Callable[[], float]
) -> NDArray[np.float64]:
    """Milliseconds of each run."""
    return turn_by_turn({'': work}, repeats, clock)['']


def threads() -> str:
    """What is known about the threads of numpy's matrix products, one line."""
    given = [f'{name}={os.environ[name]}' for name in THREAD_VARIABLES if os.environ.get(name)]
    if given:
        return f'numpy threads: {", ".join(given)}'
    return f'numpy threads: not pinned (set {THREAD_VARIABLES[0]}=1 for one, as on a robot)'


def machine() -> dict[str, str]:
    """What the figures depend on."""
    import PIL

    return {
        'processor': platform.processor() or platform.machine(),
        'cores': str(os.cpu_count()),
        'python': platform.python_version(),
        'numpy': np.__version__,
        'pillow': PIL.__version__,
        'threads': threads(),
    }


HEADER = f'{"modality":<12} {"reading":<21} {"median":>9} {"p99":>9} {"usual way":>10} {"ratio":>7}'


def line(measurement: Measurement) -> str:
    """One line of the table."""
    if measurement.reference_ms is None or measurement.ratio is None:
        beside = f'skipped: {measurement.skipped} is not installed'
    else:
        beside = (
            f'{measurement.reference_ms:>7.2f} ms {measurement.ratio:>6.1f}x'
            f'  {measurement.reference}'
        )
    return (
        f'{measurement.modality:<12} {measurement.size:<21} {measurement.median_ms:>6.2f} ms '
        f'{measurement.p99_ms:>6.2f} ms {beside}'
    )


def document(measurements: list[Measurement]) -> dict[str, Any]:
    """All of it, for a JSON file."""
    return {'machine': machine(), 'preprocessing': [asdict(item) for item in measurements]}
