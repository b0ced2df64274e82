"""The preprocessing benchmark: what it compares is comparable, and its arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
import itertools
import json
from typing import Any

import numpy as np
import pytest

from omnibind_core.evaluation import preprocessing_benchmark
from omnibind_core.evaluation.preprocessing_benchmark import Case
from omnibind_core.evaluation.preprocessing_benchmark import CASES
from omnibind_core.evaluation.preprocessing_benchmark import measure
from omnibind_core.modalities.registry import modality
from omnibind_core.modalities.registry import SENSOR_NAMES

BY_NAME = {case.modality: case for case in CASES}


def test_every_sensor_is_measured() -> None:
    assert tuple(BY_NAME) == SENSOR_NAMES


@pytest.mark.parametrize(
    ('name', 'at_most', 'on_average'),
    [
        # ours crops exactly in the middle and averages blocks first: some grey levels at edges
        ('image', 0.15, 0.03),
        ('thermal', 0.05, 0.005),
        ('touch', 0.5, 0.08),
        ('event', 1e-6, 1e-6),
        ('audio', 1e-2, 1e-4),
    ],
)
def test_the_usual_way_gives_the_same(name: str, at_most: float, on_average: float) -> None:
    case, found = BY_NAME[name], modality(name)
    raw, specification = case.make(), found.specification()
    ours = found.prepare(raw, specification, found.sensor())
    usual = case.reference(raw, specification)
    assert ours.informative
    assert usual.shape == ours.array.shape == specification.shape
    assert usual.std() > 0.05
    assert np.abs(ours.array - usual).max() <= at_most
    assert np.abs(ours.array - usual).mean() <= on_average


def test_points_cover_the_cloud_as_evenly_as_the_usual_way() -> None:
    case, found = BY_NAME['point_cloud'], modality('point_cloud')
    specification = found.specification(points=128)
    raw = case.make()[::10]
    ours = found.prepare(raw, specification, found.sensor())
    usual = case.reference(raw, specification)
    assert ours.informative

    def closest(points: Any) -> float:
        distance = np.linalg.norm(points[:, None] - points[None], axis=2)
        return float(np.min(distance + 9 * np.eye(len(points)), axis=1).min())

    assert usual.shape == ours.array.shape
    assert closest(ours.array) > 0.8 * closest(usual)
    np.testing.assert_allclose(ours.array.min(axis=0), usual.min(axis=0), atol=0.15)
    np.testing.assert_allclose(ours.array.max(axis=0), usual.max(axis=0), atol=0.15)


def _clock(step_ms: float) -> Iterator[float]:
    """Each reading of the clock is later by one step more than the one before."""
    return itertools.accumulate(itertools.count(), lambda now, n: now + n * step_ms / 1000)


def _case(**changes: Any) -> Case:
    case = BY_NAME['thermal']
    settings = {'make': case.make, 'reference': lambda raw, specification: None, 'needs': ''}
    return Case('thermal', 'small', means='nothing', **{**settings, **changes})


def test_times_are_what_the_clock_says() -> None:
    # the clock is read in pairs: the n-th run takes 2n - 1 steps
    ticks = _clock(1.0)
    found = next(measure([_case()], repeats=5, clock=lambda: next(ticks)))
    assert found.repeats == 5
    assert found.median_ms == pytest.approx(5)  # 1 3 5 7 9
    assert found.p99_ms == pytest.approx(9)
    assert found.reference_ms == pytest.approx(13)  # 11 13 15
    assert found.ratio == pytest.approx(13 / 5)
    assert found.shape == (1, 96, 96)


def test_a_reference_whose_library_is_absent_is_skipped_by_name() -> None:
    def reference(raw: Any, specification: Any) -> None:
        raise AssertionError('must not be called')

    ticks = _clock(1.0)
    case = _case(needs='no_such_library', reference=reference)
    found = next(measure([case], repeats=1, clock=lambda: next(ticks)))
    assert (found.reference_ms, found.ratio) == (None, None)
    assert 'no_such_library is not installed' in preprocessing_benchmark.line(found)


def test_threads_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in preprocessing_benchmark.THREAD_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert 'not pinned' in preprocessing_benchmark.threads()
    monkeypatch.setenv('OMP_NUM_THREADS', '1')
    assert preprocessing_benchmark.threads() == 'numpy threads: OMP_NUM_THREADS=1'


def test_the_document_is_plain() -> None:
    ticks = _clock(1.0)
    found = list(measure([_case()], repeats=2, clock=lambda: next(ticks)))
    document = json.loads(json.dumps(preprocessing_benchmark.document(found)))
    assert document['preprocessing'][0]['modality'] == 'thermal'
    assert document['preprocessing'][0]['ratio'] == pytest.approx(found[0].ratio)
    assert document['machine']['numpy'] == np.__version__
