from __future__ import annotations

import contextlib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import pytest
from tiny_models import write_library

from omnibind_core.simulation.catalogue import read_catalogue
from omnibind_core.simulation.class_table import check_complete
from omnibind_core.simulation.class_table import ClassTable
from omnibind_core.simulation.class_table import parse_class_table
from omnibind_core.simulation.class_table import read_class_table
from omnibind_core.simulation.class_table import Row
from omnibind_core.simulation.errors import CurationError

HEAD = 'model,class,series,name,reason,notes\n'
DEFINITIONS = 'class,definition\nchair,"a seat, for one"\npotted_plant,a plant\n'


def read(tmp_path: Path, table: str, definitions: str = DEFINITIONS) -> ClassTable:
    (tmp_path / 'table.csv').write_text(table, encoding='utf-8')
    (tmp_path / 'classes.csv').write_text(definitions, encoding='utf-8')
    return read_class_table(tmp_path / 'table.csv', tmp_path / 'classes.csv')


def test_reads_both_files(tmp_path: Path) -> None:
    table = read(tmp_path, HEAD + 'a,chair,office,Swivel chair,,seen\nb,,,,person,\n')
    assert table.rows == {
        'a': Row('a', 'chair', 'office', 'Swivel chair', '', 'seen'),
        'b': Row('b', '', '', '', 'person', ''),
    }
    assert table.definitions == {'chair': 'a seat, for one', 'potted_plant': 'a plant'}
    assert table.models_of('chair') == ('a',)
    assert table.models_of('potted_plant') == ()


@pytest.mark.parametrize(
    ('lines', 'problem'),
    [
        ('a,chiar,,,,\n', r"table\.csv:2: a has the undefined class 'chiar'; nearest is 'chair'"),
        ('a,chair,,,,\nb,chair,,,,\na,chair,,,,\n', r"table\.csv:4: model 'a' occurs twice"),
        ('a,,,,,\n', 'a needs either a class or a reason'),
        ('a,chair,,,person,\n', 'a needs either a class or a reason'),
        ('a,,,,dull,\n', "a has the reason 'dull'; allowed: person, "),
        (',chair,,,,\n', 'the model is missing'),
        ('a,chair\n', r'table\.csv:2: 2 columns, not 6'),
        ('a,"chair,,,,\n', 'is no CSV file'),
    ],
)
def test_contradictions_name_the_line(tmp_path: Path, lines: str, problem: str) -> None:
    with pytest.raises(CurationError, match=problem):
        read(tmp_path, HEAD + lines)


@pytest.mark.parametrize(
    ('definitions', 'problem'),
    [
        ('class,definition\nOffice Chair,x\n', "'Office Chair' is not lower_snake_case"),
        ('class,definition\nchair,x\nchair,y\n', r"classes\.csv:3: class 'chair' is defined twice"),
        ('name,text\n', 'the first line must be class,definition'),
        ('', 'the first line must be class,definition'),
    ],
)
def test_definitions_are_checked(tmp_path: Path, definitions: str, problem: str) -> None:
    with pytest.raises(CurationError, match=problem):
        read(tmp_path, HEAD, definitions)


def test_missing_and_unreadable_files(tmp_path: Path) -> None:
    (tmp_path / 'table.csv').write_text(HEAD)
    with pytest.raises(CurationError, match=r'gone\.csv does not exist'):
        read_class_table(tmp_path / 'table.csv', tmp_path / 'gone.csv')
    (tmp_path / 'latin.csv').write_bytes(b'class,definition\nchair,caf\xe9\n')
    with pytest.raises(CurationError, match='cannot be read'):
        read_class_table(tmp_path / 'table.csv', tmp_path / 'latin.csv')


def test_a_wrong_class_name_is_answered_with_the_nearest(tmp_path: Path) -> None:
    table = read(tmp_path, HEAD)
    with pytest.raises(CurationError, match="no class 'poted_plant'; nearest is 'potted_plant'"):
        table.models_of('poted_plant')


def test_the_table_decides_on_exactly_the_catalogues_models(tmp_path: Path) -> None:
    write_library(tmp_path, [{'id': 'Tiny#a', 'name': 'A'}])
    catalogue = read_catalogue(tmp_path, ('Tiny',))
    definitions = {'chair': 'x'}
    row = Row('tiny_a', 'chair')
    check_complete(ClassTable({'tiny_a': row}, definitions), catalogue)
    with pytest.raises(CurationError, match="no row for 1 models, first 'tiny_a'"):
        check_complete(ClassTable({}, definitions), catalogue)
    with pytest.raises(CurationError, match=r"names 1 models that the catalogue .* first 'tiny_b'"):
        check_complete(ClassTable({'tiny_a': row, 'tiny_b': row}, definitions), catalogue)


@pytest.mark.malformed
@given(st.binary(max_size=200))
def test_any_bytes_give_a_table_or_the_typed_error(content: bytes) -> None:
    with contextlib.suppress(CurationError):
        assert parse_class_table(HEAD.encode() + content, DEFINITIONS.encode()).definitions
