"""Class names, numbers, and classes put together."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from omnibind_core.data.class_map import ClassMap
from omnibind_core.data.class_map import DROPPED
from omnibind_core.data.class_map import read_classes
from omnibind_core.data.class_map import union
from omnibind_core.errors import ConfigError

NAMES = st.lists(st.sampled_from([*'abcdefghij']), min_size=1, unique=True).map(tuple)


def test_numbers() -> None:
    """A class's number is its place."""
    classes = ClassMap(('mug', 'sofa'))
    assert classes.numbers(['sofa', 'mug', 'sofa']).tolist() == [1, 0, 1]
    assert len(classes) == 2
    assert 'mug' in classes
    with pytest.raises(ConfigError, match="'mug' \\(nearest\\)"):
        classes.number('mugg')


@pytest.mark.parametrize('names', [(), ('a', 'a'), ('',), (' a',), ('a\x00',)])
def test_unusable_names(names: tuple[str, ...]) -> None:
    """Empty lists, doubled, empty and unclean names."""
    with pytest.raises(ConfigError):
        ClassMap(names)


def test_merging() -> None:
    """Renamed, put together, left out; the rest stays."""
    classes = ClassMap(('cup', 'mug', 'sofa', 'junk'))
    merged, numbers = classes.merged({'mug': 'cup', 'junk': '', 'sofa': 'couch'})
    assert merged.names == ('cup', 'couch')
    assert numbers.tolist() == [0, 0, 1, DROPPED]
    with pytest.raises(ConfigError, match='sofas'):
        classes.merged({'sofas': 'x'})
    with pytest.raises(ConfigError, match='0 names'):
        ClassMap(('a',)).merged({'a': ''})


@given(st.lists(NAMES, min_size=1, max_size=4))
def test_union(sets: list[tuple[str, ...]]) -> None:
    """Every class keeps its name, and equal names get equal numbers."""
    result, numbers = union([ClassMap(names) for names in sets])
    assert set(result.names) == {name for names in sets for name in names}
    for names, new in zip(sets, numbers, strict=True):
        assert np.array(result.names)[new].tolist() == list(names)


def test_file(tmp_path: Path) -> None:
    """One name a line; unreadable files are one sentence."""
    file = tmp_path / 'classes.txt'
    file.write_text('mug\n\n  sofa \n')
    assert read_classes(file).names == ('mug', 'sofa')
    file.write_bytes(b'\xff\xfe')
    with pytest.raises(ConfigError, match='UTF-8'):
        read_classes(file)
    with pytest.raises(ConfigError, match='No such file'):
        read_classes(tmp_path / 'none.txt')
