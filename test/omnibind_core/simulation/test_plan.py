"""What is generated, and parts of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from omnibind_core.data.record import FOLDS
from omnibind_core.simulation.plan import plan_instances
from omnibind_core.simulation.plan import selection

THINGS = [(f'{label}_{n}', label, 'A thing') for label in ('mug', 'sofa') for n in range(5)]


@given(
    folds=st.lists(
        st.tuples(st.sampled_from(FOLDS), st.sampled_from(FOLDS)), min_size=10, max_size=10
    ),
    copies=st.integers(0, 3),
    limit=st.integers(0, 6),
    fold=st.sampled_from(['', *FOLDS]),
)
def test_selections(folds: list[tuple[str, str]], copies: int, limit: int, fold: str) -> None:
    """A selection is part of the plan; copies come with their originals; limits count originals."""
    splits = [
        {model: own[number] for (model, _, _), own in zip(THINGS, folds, strict=True)}
        for number in range(2)
    ]
    whole = plan_instances(THINGS, splits, views=8, nothing=1, copies=copies, copy_views=4)
    students = [own for own in folds if 'student' in own]
    assert len(whole) == len(THINGS) + copies * len(students)
    assert len({item.instance for item in whole}) == len(whole)
    for item in whole:
        if item.copy:
            assert set(item.folds) <= {'student', 'unused'}
    part = selection(whole, limit=limit, fold=fold)
    assert [item for item in whole if item in part] == list(part)
    originals = [item for item in part if not item.copy]
    assert all(item.model in {other.instance for other in originals} for item in part)
    for label in ('mug', 'sofa'):
        of_class = [item for item in whole if item.label == label and not item.copy]
        wanted = [item for item in of_class if not fold or item.folds[0] == fold]
        got = [item for item in originals if item.label == label]
        assert got == (wanted[:limit] if limit else wanted)
