"""Batches: every reading equally often, the same whoever asks, shared without overlap."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from omnibind_core.training.epoch_batches import EpochBatches


def epochs(batches: EpochBatches, count: int) -> list[list[int]]:
    found = []
    for epoch in range(count):
        batches.set_epoch(epoch)
        found += [batch.tolist() for batch in batches]
    return found


@given(count=st.integers(1, 40), batch=st.integers(1, 30), steps=st.integers(0, 7))
def test_every_reading_equally_often(count: int, batch: int, steps: int) -> None:
    batches = EpochBatches(count, batch, steps=steps, seed=3)
    drawn = epochs(batches, 4)
    assert len(drawn) == 4 * len(batches)
    assert len(batches) == (steps or max(1, count // batch))
    assert all(len(item) == batch for item in drawn)
    times = Counter(index for item in drawn for index in item)
    assert set(times) <= set(range(count))
    often = [times[index] for index in range(count)]
    assert max(often) - min(often) <= 1


@given(rank=st.integers(0, 3), epoch=st.integers(0, 5))
def test_processes_share_each_batch(rank: int, epoch: int) -> None:
    whole = EpochBatches(23, 12, steps=3, seed=1)
    part = EpochBatches(23, 12, steps=3, seed=1, rank=rank, processes=4)
    whole.set_epoch(epoch)
    part.set_epoch(epoch)
    for everything, own in zip(whole, part, strict=True):
        assert np.array_equal(everything[3 * rank : 3 * rank + 3], own)


def test_order_differs_by_epoch_and_seed() -> None:
    first = EpochBatches(50, 50, seed=0)
    assert epochs(first, 2)[0] != epochs(first, 2)[1]
    assert epochs(first, 1) == epochs(EpochBatches(50, 50, seed=0), 1)
    assert epochs(first, 1) != epochs(EpochBatches(50, 50, seed=1), 1)


@pytest.mark.parametrize(
    'arguments', [{'count': 0}, {'batch': 7, 'processes': 2}, {'batch': 1, 'processes': 2}]
)
def test_what_cannot_be_shared_is_refused(arguments: dict[str, int]) -> None:
    with pytest.raises(ValueError, match='multiple of the processes'):
        EpochBatches(**{'count': 5, 'batch': 4, **arguments})
