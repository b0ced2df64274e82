from __future__ import annotations

from pathlib import Path

import pytest
from tiny_models import chair
from tiny_models import write_library

from omnibind_core.simulation.catalogue import Catalogue
from omnibind_core.simulation.catalogue import read_catalogue
from omnibind_core.simulation.class_table import ClassTable
from omnibind_core.simulation.class_table import Row
from omnibind_core.simulation.curation import curate
from omnibind_core.simulation.curation import funnel_text
from omnibind_core.simulation.curation import measure_pairs
from omnibind_core.simulation.curation import read_pairs
from omnibind_core.simulation.curation import write_pairs
from omnibind_core.simulation.errors import CurationError
from omnibind_core.simulation.geometry_hash import Pair

DEFINITIONS = {'chair': 'x', 'table': 'y'}


def make_catalogue(tmp_path: Path, names: list[str]) -> Catalogue:
    entries = [
        {'id': f'Tiny#{name}', 'name': name.upper(), 'model': f'/tiny/{name}.obj'} for name in names
    ]
    write_library(tmp_path, entries, {})
    return read_catalogue(tmp_path, ('Tiny',))


def table_of(**classes: str | Row) -> ClassTable:
    rows = {
        f'tiny_{name}': value if isinstance(value, Row) else Row(f'tiny_{name}', value)
        for name, value in classes.items()
    }
    return ClassTable(rows, DEFINITIONS)


def pair(first: str, second: str, distance: float) -> Pair:
    return Pair(f'tiny_{first}', f'tiny_{second}', distance, 1.0)


def test_duplicates_leave_the_first_and_siblings_are_grouped(tmp_path: Path) -> None:
    catalogue = make_catalogue(tmp_path, list('abcdefgh'))
    table = table_of(
        a='chair', b='chair', c='chair', d='chair', e='table', f='table',
        g=Row('tiny_g', '', reason='person'),
        h=Row('tiny_h', 'table', name='Desk'),
    )  # fmt: skip
    pairs = [
        pair('c', 'b', 0.003),  # duplicates, chained to a
        pair('b', 'a', 0.009),
        pair('a', 'd', 0.015),  # siblings
        pair('d', 'e', 0.0),  # of two classes: no matter
        pair('g', 'h', 0.0),  # with an excluded model: no matter
    ]
    result = curate(catalogue, table, pairs, minimum=2)
    assert [item.model_id for item in result.instances] == [
        'tiny_a', 'tiny_d', 'tiny_e', 'tiny_f', 'tiny_h',
    ]  # fmt: skip
    assert result.duplicates == {'tiny_b': 'tiny_a', 'tiny_c': 'tiny_a'}
    groups = {item.model_id: item.group for item in result.instances}
    assert groups['tiny_a'] == groups['tiny_d'] == 'tiny_a'
    assert len({groups[model] for model in ('tiny_e', 'tiny_f', 'tiny_h')}) == 3
    assert {item.model_id: item.name for item in result.instances}['tiny_h'] == 'Desk'
    assert {item.model_id: item.name for item in result.instances}['tiny_e'] == 'E'
    assert {name: len(items) for name, items in result.classes().items()} == {
        'chair': 2,
        'table': 3,
    }


def test_a_sibling_of_a_removed_duplicate_belongs_to_its_group(tmp_path: Path) -> None:
    catalogue = make_catalogue(tmp_path, list('abc'))
    table = ClassTable(table_of(a='chair', b='chair', c='chair').rows, {'chair': 'x'})
    pairs = [pair('a', 'b', 0.001), pair('b', 'c', 0.018)]
    result = curate(catalogue, table, pairs, minimum=1)
    assert [item.group for item in result.instances] == ['tiny_a', 'tiny_a']


def test_a_series_is_a_group_within_its_class(tmp_path: Path) -> None:
    catalogue = make_catalogue(tmp_path, list('abcd'))
    rows = {
        f'tiny_{name}': Row(f'tiny_{name}', class_id, series)
        for name, class_id, series in [
            ('a', 'chair', 'oak'), ('b', 'chair', ''), ('c', 'chair', 'oak'), ('d', 'table', 'oak'),
        ]
    }  # fmt: skip
    result = curate(catalogue, ClassTable(rows, DEFINITIONS), [], minimum=1)
    assert {item.model_id: item.group for item in result.instances} == {
        'tiny_a': 'tiny_a', 'tiny_b': 'tiny_b', 'tiny_c': 'tiny_a', 'tiny_d': 'tiny_d',
    }  # fmt: skip


def test_the_funnel_adds_up(tmp_path: Path) -> None:
    catalogue = make_catalogue(tmp_path, list('abcdef'))
    table = table_of(
        a='chair', b='chair', c='table', d='table',
        e=Row('tiny_e', '', reason='person'), f=Row('tiny_f', '', reason='too_few'),
    )  # fmt: skip
    result = curate(
        catalogue, table, [pair('a', 'b', 0.0)], unreadable=['tiny_d', 'tiny_e'], minimum=1
    )
    removed = [step.removed for step in result.funnel]
    left = [step.left for step in result.funnel]
    assert left[0] == 6
    assert [before - out for before, out in zip(left, removed[1:], strict=False)] == left[1:]
    assert left[-1] == len(result.instances) == 2
    text = funnel_text(result)
    assert 'a person' in text
    assert 'unreadable mesh' in text
    assert text.splitlines()[-2].split() == ['chair', '1', '1']


def test_a_class_left_with_too_few_is_named(tmp_path: Path) -> None:
    catalogue = make_catalogue(tmp_path, list('abc'))
    table = table_of(a='chair', b='chair', c='table')
    with pytest.raises(CurationError, match="class 'table' is left with 1 instances, and needs 2"):
        curate(catalogue, table, [], minimum=2)
    with pytest.raises(CurationError, match="class 'chair' is left with 1 instances"):
        curate(catalogue, table, [pair('a', 'b', 0.0)], minimum=2)


def test_pairs_on_disk(tmp_path: Path) -> None:
    pairs = [Pair('a', 'b', 0.0012, 1.0), Pair('a', 'c', 0.0191, 1.25)]
    write_pairs(tmp_path / 'pairs.csv', pairs)
    assert read_pairs(tmp_path / 'pairs.csv') == pairs


@pytest.mark.parametrize(
    ('text', 'problem'),
    [
        ('', 'the first line must be first,second,distance,stretch'),
        ('first,second,distance,stretch\na,b,x,1\n', r'pairs\.csv:2: not a pair'),
        ('first,second,distance,stretch\na,b,0.1\n', r'pairs\.csv:2: not a pair'),
        ('first,second,distance,stretch\na,b,nan,1\n', 'nan is no distance'),
    ],
)
def test_malformed_pairs(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / 'pairs.csv').write_text(text)
    with pytest.raises(CurationError, match=problem):
        read_pairs(tmp_path / 'pairs.csv')
    with pytest.raises(CurationError, match='measure the similar pairs first'):
        read_pairs(tmp_path / 'gone.csv')


def test_measuring_pairs_reports_unreadable_meshes_and_goes_on(tmp_path: Path) -> None:
    vertices, faces = chair()
    text = '\n'.join(
        [f'v {x} {z} {-y}' for x, y, z in vertices] + [f'f {a} {b} {c}' for a, b, c in faces + 1]
    )
    size = {'width': '40', 'depth': '40', 'height': '95'}
    entries = [
        {'id': f'Tiny#{name}', 'name': name, 'model': f'/tiny/{name}.obj', **size}
        for name in ('one', 'broken', 'two')
    ]
    members = {'tiny/one.obj': text, 'tiny/two.obj': text, 'tiny/broken.obj': 'f 1 2 3'}
    write_library(tmp_path, entries, members)
    seen: list[str] = []
    pairs, unreadable = measure_pairs(read_catalogue(tmp_path, ('Tiny',)), seen.append)
    assert seen == ['tiny_one', 'tiny_broken', 'tiny_two']
    assert [(item.first, item.second, item.distance) for item in pairs] == [
        ('tiny_one', 'tiny_two', 0.0)
    ]
    assert list(unreadable) == ['tiny_broken']
    assert unreadable['tiny_broken'].startswith('model tiny_broken: a face refers to v 3')
