"""Changes of arrays: none at strength 0, different ones each time, and what they must keep."""

from __future__ import annotations

import pytest
import torch

from omnibind_core.errors import ConfigError
from omnibind_core.modalities.registry import SENSOR_NAMES
from omnibind_core.models.students.registry import student_specification
from omnibind_core.training.augmentation.draws import happens
from omnibind_core.training.augmentation.draws import uniform
from omnibind_core.training.augmentation.erasing import erased
from omnibind_core.training.augmentation.image import blurred
from omnibind_core.training.augmentation.picture_geometry import Framing
from omnibind_core.training.augmentation.picture_geometry import reframed
from omnibind_core.training.augmentation.registry import augmentation

STILL = Framing(closest=1.0, farthest=1.0, stretch=0.0, turn=0.0, shift=0.0, mirror=0.0)


def random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def arrays(name: str, count: int = 6) -> torch.Tensor:
    """Smooth things between 0 and 1, as readings are."""
    shape = student_specification(name).shape
    values = torch.rand(count, *shape, generator=random(1))
    if len(shape) == 3:
        values = torch.nn.functional.avg_pool2d(values, 5, stride=1, padding=2)
    return values


@pytest.mark.parametrize('name', SENSOR_NAMES)
def test_same_seed_same_change_and_the_original_is_kept(name: str) -> None:
    given = arrays(name)
    before = given.clone()
    change = augmentation(name)
    first, second, other = (change(given, 1.0, random(seed)) for seed in (3, 3, 4))
    assert torch.equal(given, before)
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert first.shape == given.shape
    assert first.dtype == torch.float32
    assert torch.isfinite(first).all()
    for row in range(len(given)):  # each is changed in its own way
        assert not torch.equal(first[row], given[row])


@pytest.mark.parametrize('name', [name for name in SENSOR_NAMES if name != 'point_cloud'])
def test_strength_0_changes_nothing(name: str) -> None:
    given = arrays(name)
    assert torch.allclose(augmentation(name)(given, 0.0, random()), given, atol=2e-5)


def test_strength_0_only_reorders_points() -> None:
    given = arrays('point_cloud', count=2)
    found = augmentation('point_cloud')(given, 0.0, random())
    for before, after in zip(given, found, strict=True):
        assert sorted(map(tuple, before.tolist())) == pytest.approx(
            sorted(map(tuple, after.tolist())), abs=1e-5
        )


def test_clouds_stay_upright() -> None:
    """Turned about the vertical: heights change by tilt, stretch and noise only."""
    given = arrays('point_cloud', count=8) - 0.5
    given[:, :, 2] *= 4.0
    found = augmentation('point_cloud')(given, 0.2, random())
    assert (found[:, :, 2].std(dim=1) / found[:, :, 0].std(dim=1)).min() > 2.5


def test_clouds_keep_some_of_their_points_only() -> None:
    """Cut and thinned: fewer different points, each with its own column of scale."""
    given = arrays('point_cloud', count=8)
    found = augmentation('point_cloud')(given, 1.0, random())
    scales = found[:, :, 3].sub(found[:, :1, 3]).abs().max(dim=1).values
    assert (scales > 0.1).all()  # the fourth column is a point's own here
    different = [len({round(value, 4) for value in row.tolist()}) for row in found[:, :, 3]]
    assert max(different) < given.shape[1]
    assert min(different) > 100


def test_events_stay_counts() -> None:
    found = augmentation('event')(arrays('event').clamp(0.0, 1.0), 1.0, random())
    assert found.min() >= 0.0
    assert found.max() <= 1.0


@pytest.mark.parametrize('name', ['text', 'smell'])
def test_unknown_modality(name: str) -> None:
    with pytest.raises(ConfigError, match='modality'):
        augmentation(name)


def test_framing_that_stands_still() -> None:
    given = arrays('image')
    assert torch.allclose(reframed(given, STILL, 1.0, random()), given, atol=1e-5)


def test_mirroring() -> None:
    given = arrays('image', count=40)
    found = reframed(given, Framing(1.0, 1.0, 0.0, 0.0, 0.0, 1.0), 1.0, random())
    assert torch.allclose(found, given.flip(3), atol=1e-5)


def test_turning_is_a_rotation() -> None:
    """A slope keeps its steepness, and points elsewhere by up to the largest angle."""
    ramp = torch.linspace(-1.0, 1.0, 64).expand(1, 1, 64, 64)
    given = ramp.repeat(40, 1, 1, 1)
    found = reframed(given, Framing(1.0, 1.0, 0.0, 60.0, 0.0, 0.0), 1.0, random())
    middle = found[:, 0, 24:40, 24:40]
    across = (middle[:, :, 1:] - middle[:, :, :-1]).mean(dim=(1, 2))
    along = (middle[:, 1:] - middle[:, :-1]).mean(dim=(1, 2))
    step = 2.0 / 63.0
    assert torch.hypot(across, along).tolist() == pytest.approx([step] * 40, rel=1e-3)
    angles = torch.rad2deg(torch.atan2(along, across))
    assert angles.abs().max() <= 60.0 + 1e-3
    assert angles.max() > 30.0
    assert angles.min() < -30.0


def test_closer_crops_enlarge() -> None:
    """A bright square in the middle covers more of a crop of half the side: four times as much."""
    given = torch.zeros(1, 1, 64, 64)
    given[:, :, 24:40, 24:40] = 1.0
    framing = Framing(closest=0.5, farthest=0.5, stretch=0.0, turn=0.0, shift=0.0, mirror=0.0)
    found = torch.cat([reframed(given, framing, 1.0, random(seed)) for seed in range(20)])
    whole = found.sum(dim=(1, 2, 3))
    assert float(whole.max()) == pytest.approx(4.0 * 16 * 16, rel=0.05)


def test_erasing_takes_one_rectangle() -> None:
    given = torch.randn(50, 2, 32, 32, generator=random(1))
    found = erased(given, 1.0, 0.5, random())
    changed = (found != given).all(dim=1)
    for mask in changed:
        rows, columns = mask.any(dim=1), mask.any(dim=0)
        assert torch.equal(mask, rows[:, None] & columns)
        assert 3 <= int(rows.sum()) <= 17
        assert 3 <= int(columns.sum()) <= 17
    assert torch.equal(erased(given, 0.0, 0.5, random()), given)


def test_blurring_is_the_mean_of_nine() -> None:
    given = torch.randn(4, 1, 9, 9, generator=random(1))
    found = blurred(given, 1.0, random())
    assert float(found[2, 0, 4, 5]) == pytest.approx(float(given[2, 0, 3:6, 4:7].mean()), abs=1e-6)
    assert torch.equal(blurred(given, 0.0, random()), given)


def test_draws() -> None:
    values = uniform(2.0, 4.0, 4000, random())
    assert values.min() >= 2.0
    assert values.max() <= 4.0
    assert float(values.mean()) == pytest.approx(3.0, abs=0.05)
    assert float(happens(0.3, 4000, random()).float().mean()) == pytest.approx(0.3, abs=0.03)


def test_sounds_move_in_time() -> None:
    """A click stays a click, elsewhere; what moves in is as quiet as the quietest cell."""
    given = torch.full((32, 1, 64, 98), -1.0)
    given[:, :, :, 49] = 1.0
    found = augmentation('audio')(given, 0.3, random())
    places = found.mean(dim=(1, 2)).argmax(dim=1)
    near = (places - 49).abs() <= 0.3 * 0.3 * 98 + 1
    assert near.float().mean() > 0.9  # in some a mask lies over the click
    assert len(set(places.tolist())) > 5
