"""Holm's correction by hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from omnibind_core.errors import InputError
from omnibind_core.evaluation.statistics.holm import holm


def test_by_hand() -> None:
    """0.01 x 4, 0.02 x 3, 0.03 x 2, then never falling, in the order given."""
    assert np.allclose(holm([0.03, 0.01, 0.04, 0.02]), [0.06, 0.04, 0.06, 0.06])
    assert np.allclose(holm([0.005, 0.9, 0.5]), [0.015, 1.0, 1.0])
    assert holm([]).tolist() == []
    assert holm([0.2]).tolist() == [0.2]


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=30))
def test_rejects_what_the_steps_reject(p_values: list[float]) -> None:
    """The same hypotheses as Holm's own description: step down until one is not rejected."""
    adjusted = holm(p_values)
    order = np.argsort(p_values, kind='stable')
    rejected = set()
    for rank, place in enumerate(order):
        if p_values[place] * (len(p_values) - rank) > 0.05:
            break
        rejected.add(int(place))
    assert rejected == set(np.flatnonzero(adjusted <= 0.05).tolist())
    assert (adjusted >= np.array(p_values)).all()


@pytest.mark.parametrize('given_p', [[0.1, float('nan')], [1.2], [-0.1], [[0.1]]])
def test_what_is_no_p_value(given_p: list[float]) -> None:
    """Refused."""
    with pytest.raises(InputError, match='p_values'):
        holm(given_p)
