"""Probes: find what is there, and only that."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny_readings import records_only

from omnibind_core.data.class_map import ClassMap
from omnibind_core.data.manifest import Manifest
from omnibind_core.data.probe import metadata_features
from omnibind_core.data.probe import probe
from omnibind_core.data.probe import Probed
from omnibind_core.data.record import FOLDS
from omnibind_core.data.simple_features import simple_features

CLASSES = tuple('abcdefgh')
TABLE = [
    (f'{label}{n}', label, (FOLDS[n % 4], FOLDS[(n + 1) % 4])) for label in CLASSES
    for n in range(16)
]  # fmt: skip
RECORDS = records_only(TABLE, modalities=('image',), views=2, nothing=0)
MANIFEST = Manifest(Path('unused'), RECORDS, ClassMap(CLASSES))


def run(features: np.ndarray) -> Probed:
    pytest.importorskip('sklearn')
    return probe('x', MANIFEST, RECORDS, features)


def test_noise_is_chance_and_signal_is_not() -> None:
    """Guessing among 2 x 32 test instances: between independent views and equal ones."""
    random = np.random.default_rng(0)
    noise = run(random.normal(size=(len(RECORDS), 5)))
    assert noise.chance == pytest.approx(1 / 8, abs=0.01)
    assert noise.test_instances == 32
    one_view_each = (1 / 8 * 7 / 8 / 64) ** 0.5
    assert one_view_each / 2**0.5 * 0.8 < noise.sigma < one_view_each * 1.2
    assert not noise.above_chance
    one_hot = np.eye(8)[[CLASSES.index(record.label) for record in RECORDS]]
    clear = run(one_hot + random.normal(0.0, 0.2, one_hot.shape))
    assert clear.above_chance
    assert clear.mean > 0.95
    assert len(clear.accuracy) == 2


def test_an_instances_own_mark_is_no_help() -> None:
    """Features that name the instance say nothing of other instances: the split holds."""
    names = sorted({record.instance for record in RECORDS})
    marks = np.random.default_rng(1).normal(size=(len(names), 40))
    found = run(marks[[names.index(record.instance) for record in RECORDS]])
    assert abs(found.mean - found.chance) < 3 * found.sigma
    # the views of an instance are one guess: the deviation is that of 64 guesses
    assert found.sigma == pytest.approx((1 / 8 * 7 / 8 / 64) ** 0.5, rel=0.2)


def test_many_features_are_reduced() -> None:
    """More features than students still give an answer."""
    one_hot = np.eye(8)[[CLASSES.index(record.label) for record in RECORDS]]
    wide = np.repeat(one_hot, 60, axis=1)
    assert run(wide + np.random.default_rng(0).normal(0, 0.3, wide.shape)).mean > 0.9


def test_metadata_as_features() -> None:
    """Numbers by name; what is missing or no number is 0."""
    found = metadata_features([{'t': 1.5, 'name': 'x'}, {'s': 2}], ['t', 'name', 's'])
    assert found.tolist() == [[1.5, 0.0, 0.0], [0.0, 0.0, 2.0]]
    assert metadata_features([], ['t']).shape == (0, 1)


def test_features_of_pictures() -> None:
    """Block means and deviations of a picture whose blocks are known."""
    blocks = np.arange(144.0).reshape(12, 12)
    picture = np.kron(blocks, np.ones((8, 8)))[None].astype(np.float32)
    features = simple_features('thermal', picture)
    assert np.allclose(features[:144], blocks.ravel())
    assert np.allclose(features[144:288], 0.0, atol=1e-3)
    uneven = simple_features('event', np.ones((1, 64, 98), np.float32))
    assert uneven.shape == (290,)
    assert np.allclose(uneven[:144], 1.0)


def test_features_of_sounds_do_not_depend_on_when_it_sounds() -> None:
    """Spectrum and decay of a sound that starts later are the same."""
    frames = np.arange(98)
    bands = np.linspace(0.0, 1.0, 64)[:, None]

    def struck(at: int) -> np.ndarray:
        sound = np.where(frames >= at, 4.0 + bands - 0.05 * (frames - at) * bands, -2.0)
        return np.asarray(sound, np.float32)[None]

    early, late = (simple_features('audio', struck(at)) for at in (10, 30))
    assert early.shape == (64 * 7 + 1,)
    assert np.allclose(early[: 5 * 64], late[: 5 * 64], atol=1e-5)
    assert np.allclose(early[64:128], -0.05 * 5 * bands[:, 0], atol=1e-5)


def test_features_of_touch_do_not_depend_on_where_it_dents() -> None:
    """A dent moved on the gel (around its edge) keeps its histograms and its power spectrum."""
    random = np.random.default_rng(0)
    dent = np.zeros((3, 96, 96), np.float32)
    dent[:, 20:44, 30:50] = random.uniform(-0.9, 0.9, (3, 24, 20))
    here, there = (simple_features('touch', np.roll(dent, by, (1, 2))) for by in (0, 17))
    assert here.shape == (3 * 32 + 7 + 7 + 4,)
    assert np.allclose(here, there, atol=1e-4)
    assert here[:16].sum() == pytest.approx(1.0)


def test_features_of_points_do_not_depend_on_their_number_alone() -> None:
    """All finite and of one length; a sphere's radius shows in its histogram."""
    random = np.random.default_rng(0)
    points = random.normal(size=(1024, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    features = simple_features('point_cloud', points.astype(np.float32))
    assert features.shape == (216 + 24 + 24 + 3,)
    assert features[216:240].sum() == pytest.approx(1.0)
    assert features[216 + 7 : 216 + 9].sum() == pytest.approx(1.0)  # 1 lies at the edge of 7 and 8
    assert np.allclose(features[-3:], 1 / 3, atol=0.05)
    assert np.isfinite(simple_features('point_cloud', np.zeros((64, 3), np.float32))).all()
