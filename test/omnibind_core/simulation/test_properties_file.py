from __future__ import annotations

from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st
import pytest

from omnibind_core.simulation.errors import CatalogueError
from omnibind_core.simulation.properties_file import numbered
from omnibind_core.simulation.properties_file import read_properties


def test_reads_what_java_reads() -> None:
    content = (
        b'# comment\r\n! another\r\n\r\nname=Caf\xe9\n  key : spaced value \n'
        b'tags#3=a, \\\n    b\nid#3=Kator Legaz#chair\nja#3=\\u6d17\\u9762\n'
        b'escaped\\ key=x\\ty\nempty=\nbare\nlast=no newline'
    )
    assert read_properties(content, 'test') == {
        'name': 'Café',
        'key': 'spaced value ',
        'tags#3': 'a, b',
        'id#3': 'Kator Legaz#chair',
        'ja#3': '洗面',
        'escaped key': 'x\ty',
        'empty': '',
        'bare': '',
        'last': 'no newline',
    }


def test_the_last_of_equal_keys_wins() -> None:
    assert read_properties(b'a=1\na=2\n', 'test') == {'a': '2'}


def test_groups_by_number() -> None:
    properties = {'name#2': 'Chair', 'id#2': 'x', 'name#10': 'Bed', 'version': '1'}
    assert numbered(properties, 'test') == {2: {'name': 'Chair', 'id': 'x'}, 10: {'name': 'Bed'}}


def test_a_file_without_models_is_no_catalogue() -> None:
    with pytest.raises(CatalogueError, match='Tiny: no models'):
        numbered({'version': '1'}, 'Tiny')


def test_a_broken_escape_names_the_file() -> None:
    with pytest.raises(CatalogueError, match=r'Tiny: broken \\u escape'):
        read_properties(b'name=\\u12', 'Tiny')


@pytest.mark.malformed
@given(st.binary(max_size=300))
@example(b'\\')
@example(b'a=\\u')
def test_any_bytes_give_texts_or_the_typed_error(content: bytes) -> None:
    try:
        found = read_properties(content, 'any')
    except CatalogueError:
        return
    assert all(isinstance(key, str) and isinstance(value, str) for key, value in found.items())


@given(
    st.dictionaries(
        st.text('abc#123', min_size=1).filter(lambda key: key[0] not in '#!'),
        st.text(st.characters(codec='utf-16', exclude_categories=['Cs']), max_size=8),
    )
)
def test_escaped_values_come_back(values: dict[str, str]) -> None:
    lines = []
    for key, value in values.items():
        units = value.encode('utf-16-be')
        codes = [units[i : i + 2].hex() for i in range(0, len(units), 2)]
        lines.append(key + '=' + ''.join(f'\\u{code}' for code in codes))
    found = read_properties('\n'.join(lines).encode('ascii'), 'test')
    # Java's escapes are UTF-16 units, so what lies beyond the first plane arrives as two of them.
    merged = {
        key: value.encode('utf-16', 'surrogatepass').decode('utf-16')
        for key, value in found.items()
    }
    assert merged == values
