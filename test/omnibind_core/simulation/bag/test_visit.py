"""Which things are visited: test instances of the first split and no others."""

from __future__ import annotations

import pytest

from omnibind_core.simulation.bag.errors import BagError
from omnibind_core.simulation.bag.errors import FoldError
from omnibind_core.simulation.bag.settings import Stop
from omnibind_core.simulation.bag.visit import visited
from omnibind_core.simulation.plan import PlannedInstance


def planned(name: str, fold: str, *, copy: int = 0) -> PlannedInstance:
    """An instance of the class before the underscore; in the test fold of the second split."""
    label = name.split('_')[0]
    instance = f'{name}+{copy}' if copy else name
    return PlannedInstance(
        instance=instance, model=name, label=label, name=name, folds=(fold, 'test'), copy=copy
    )


HOUSEHOLD = [
    planned(f'{label}_{number}', fold)
    for label in ('bed', 'cup', 'sofa')
    for number, fold in enumerate(('student', 'fusion', 'val', 'test', 'test'))
]
HOUSEHOLD.append(planned('bed_0', 'student', copy=1))


def at(*things: str, seed: int = 0, fold: str = 'test') -> list[str]:
    """Instances at stops."""
    stops = [Stop(seconds=2.0, thing=thing) for thing in things]
    return [item.instance if item else '' for item in visited(stops, HOUSEHOLD, seed, fold)]


@pytest.mark.parametrize('seed', range(20))
def test_any(seed: int) -> None:
    """Test instances, each class once before one comes again, no instance twice."""
    found = at('any', 'nothing', *['any'] * 5, seed=seed)
    assert found[1] == ''
    shown = [name for name in found if name]
    assert sorted(shown) == sorted(item.instance for item in HOUSEHOLD if item.folds[0] == 'test')
    assert {name.split('_')[0] for name in shown[:3]} == {'bed', 'cup', 'sofa'}
    assert found == at('any', 'nothing', *['any'] * 5, seed=seed)


def test_another_seed_shows_other_things() -> None:
    """Over some seeds, everything."""
    assert {at('any', seed=seed)[0] for seed in range(60)} == {
        item.instance for item in HOUSEHOLD if item.folds[0] == 'test'
    }


def test_named() -> None:
    """A class, an instance; `any` keeps away from what is named later."""
    for seed in range(10):
        found = at('any', 'cup', 'sofa_3', seed=seed)
        assert found[0].startswith('bed_')
        assert found[1] in ('cup_3', 'cup_4')
        assert found[2] == 'sofa_3'


def test_the_fold_for_choices() -> None:
    """Its instances alone, and no other one by name."""
    assert sorted(at(*['any'] * 3, fold='val')) == ['bed_2', 'cup_2', 'sofa_2']
    with pytest.raises(FoldError, match=r'cup_3 is in the fold test .* its val fold alone'):
        at('cup_3', fold='val')


@pytest.mark.parametrize(
    ('name', 'fold'),
    [('cup_0', 'student'), ('cup_1', 'fusion'), ('cup_2', 'val'), ('bed_0+1', 'student')],
)
def test_others_are_refused(name: str, fold: str) -> None:
    """Students' instances, the fusion's, those for choices, copies."""
    with pytest.raises(FoldError, match='test fold') as caught:
        at('any', name)
    assert (caught.value.instance, caught.value.fold) == (name, fold)


def test_what_is_not_there() -> None:
    """An unknown word with the nearest known one; more than there are."""
    with pytest.raises(BagError, match=r"stops\[0\].thing: 'sofas' is no instance .* sofa"):
        at('sofas')
    with pytest.raises(BagError, match=r'stops\[2\].thing: .* of the class cup left'):
        at('cup', 'cup', 'cup')
    with pytest.raises(BagError, match='no instance left in the fold'):
        at(*['any'] * 7)
