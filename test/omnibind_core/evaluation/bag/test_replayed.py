"""Vectors through window and fusion, offline: many windows at once say what one by one say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tiny_bundle

from omnibind_core.configuration.parameters import FusionParameters
from omnibind_core.errors import BackendError
from omnibind_core.errors import InputError
from omnibind_core.evaluation.bag.replayed import replay_recorded
from omnibind_core.evaluation.bag.replayed import replay_subsets
from omnibind_core.inference.recognition import Token
from omnibind_core.inference.recognizer import Recognizer
from omnibind_core.streaming.arrival_trace import Arrival
from omnibind_core.streaming.vector import Vector

SECOND = 1_000_000_000
RATES = {'camera': ('image', 10), 'rear': ('image', 7), 'thermal': ('thermal', 4)}


@pytest.fixture(scope='module', params=[True, False], ids=['learned', 'mean'])
def recognizer(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Recognizer:
    """With and without a fusion model; no encoder."""
    folder = tiny_bundle.make(tmp_path_factory.mktemp('bundle') / 'one', fusion=request.param)
    return Recognizer.load(folder, modalities=())


@pytest.fixture(scope='module')
def arrivals(recognizer: Recognizer) -> list[Arrival]:
    """Three seconds of two cameras and a thermal camera, now and then with nothing to sense."""
    random = np.random.default_rng(0)
    found = []
    for name, (modality, rate) in RATES.items():
        for seq in range(3 * rate):
            stamp = SECOND + seq * SECOND // rate
            vector = Vector(
                sensor=name,
                modality=modality,
                stamp=stamp,
                span=0,
                received=stamp,
                seq=seq,
                informative=bool(seq % 5),
                space=recognizer.space,
                payload=random.standard_normal(recognizer.dimension).astype(np.float32),
                encode_ms=0.0,
            )
            found.append(Arrival(stamp + 30_000_000, vector))
    return sorted(found, key=lambda arrival: arrival.time)


def test_subsets_are_what_they_would_be_alone(
    recognizer: Recognizer, arrivals: list[Arrival]
) -> None:
    """Of each: the same windows, classes and abstentions, posteriors to rounding."""
    parameters = FusionParameters(bundle='unused')
    subsets = [('camera',), ('rear', 'thermal'), ('camera', 'rear', 'thermal')]
    series = replay_subsets(arrivals, subsets, recognizer, parameters)
    for subset, many in zip(subsets, series, strict=True):
        some = [arrival for arrival in arrivals if arrival.vector.sensor in subset]
        single = replay_recorded(some, recognizer, parameters)
        assert single.received == len(some) == sum(single.outcomes.values())
        assert len(many) == len(single.answers) > 10
        for one, other in zip(many, single.answers, strict=True):
            assert (one.stamp, one.said, one.says, one.reason, one.missing) == (
                (other.stamp, other.said, other.says, other.reason, other.missing)
            )
            assert one.score == pytest.approx(other.score, abs=1e-5)
            assert [part.weight for part in one.parts.values()] == pytest.approx(
                [part.weight for part in other.parts.values()], abs=1e-5
            )


def test_states_are_told_at_each_answer(recognizer: Recognizer, arrivals: list[Arrival]) -> None:
    """Unknown or warming at first, periodic later; a sensor that stops is late, then lost."""
    cut = [
        arrival
        for arrival in arrivals
        if arrival.vector.sensor == 'camera' or arrival.vector.seq < 4
    ]
    answers = replay_recorded(cut, recognizer, FusionParameters(bundle='unused')).answers
    states = [answer.states.get('rear') for answer in answers]
    assert states.index('warming') < states.index('periodic')
    assert states[-1] in ('late', 'lost')


def test_a_disabled_sensor_takes_no_part(recognizer: Recognizer, arrivals: list[Arrival]) -> None:
    """As the fusion node has it."""
    parameters = FusionParameters(bundle='unused', disabled_sensors=('rear', ''))
    found = replay_recorded(arrivals, recognizer, parameters)
    assert found.by_sensor['rear'] == {'disabled': 21}
    assert not any('rear' in answer.parts for answer in found.answers)


def test_what_cannot_be_fused_is_refused_alike(recognizer: Recognizer) -> None:
    """Many at once as one: no token, and a vector of another length."""
    good = Token('a', 'image', np.ones(recognizer.dimension, np.float32))
    with pytest.raises(InputError, match='tokens'):
        recognizer.fuse_many([[good], []])
    with pytest.raises(InputError, match='vector of a'):
        recognizer.fuse_many([[Token('a', 'image', np.ones(3, np.float32))]])
    assert recognizer.fuse_many([]) == []


def test_a_recognizer_without_fusion(tmp_path: Path) -> None:
    """It cannot fuse many either."""
    folder = tiny_bundle.make(tmp_path / 'one')
    with pytest.raises(BackendError, match='no fusion is loaded'):
        Recognizer.load(folder, modalities=(), fuse=False).fuse_many([])
