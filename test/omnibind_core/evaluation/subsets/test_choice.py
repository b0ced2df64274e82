"""Subsets are counted right."""

from __future__ import annotations

import pytest

from omnibind_core.errors import InputError
from omnibind_core.evaluation.subsets.choice import additions
from omnibind_core.evaluation.subsets.choice import all_subsets
from omnibind_core.evaluation.subsets.choice import key_of
from omnibind_core.evaluation.subsets.choice import membership
from omnibind_core.modalities.registry import SENSOR_NAMES


def test_sixty_three_and_fifty_seven() -> None:
    """Of six sensors; each once; 186 ways of adding one."""
    found = all_subsets(SENSOR_NAMES)
    assert len(found) == 63
    assert sum(len(chosen) > 1 for chosen in found) == 57
    assert len({frozenset(chosen) for chosen in found}) == 63
    pairs = additions(found, SENSOR_NAMES)
    assert len(pairs) == 6 * (2**5 - 1)
    for small, name, large in pairs:
        assert set(found[large]) - set(found[small]) == {name}


def test_membership_and_keys() -> None:
    """Columns are the modalities."""
    found = membership([('a',), ('a', 'c')], ('a', 'b', 'c'))
    assert found.tolist() == [[True, False, False], [True, False, True]]
    assert key_of(('a', 'c')) == 'a+c'
    with pytest.raises(InputError, match='sensors'):
        all_subsets([])
    with pytest.raises(InputError, match='11 sensors'):
        all_subsets([str(number) for number in range(11)])
