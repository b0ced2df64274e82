"""Reading YAML: duplicates, size, damage and missing files are one clear problem each."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import pytest

from omnibind_core.configuration.yaml_file import MAX_BYTES
from omnibind_core.configuration.yaml_file import read_yaml
from omnibind_core.errors import ConfigError


def write(folder: Path, text: str | bytes) -> Path:
    """A YAML file with this content."""
    path = folder / 'file.yaml'
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_content(tmp_path: Path) -> None:
    """Plain YAML comes back as Python values."""
    path = write(tmp_path, 'a: 1\nb: [x, 2.5]\n')
    assert read_yaml(path) == {'a': 1, 'b': ['x', 2.5]}


def test_equal_keys_are_refused_with_their_line(tmp_path: Path) -> None:
    """PyYAML alone would silently keep the last."""
    with pytest.raises(ConfigError, match=r'rate: got twice \(line 3\)'):
        read_yaml(write(tmp_path, 'camera:\n  rate: 1\n  rate: 2\n'))


@pytest.mark.parametrize(
    ('content', 'expected'),
    [
        ('a: [1\nb: 2', 'line'),
        ('a: !!python/object/apply:os.system [true]', 'line 1'),
        (b'\xff\xfe\x00', 'not UTF-8'),
        ('a: ' + 'x' * MAX_BYTES, 'bytes'),
        ('[' * 5000, ''),
    ],
)
def test_damage_is_a_config_error(tmp_path: Path, content: str | bytes, expected: str) -> None:
    """Broken syntax, foreign tags, bytes, sizes and depth."""
    with pytest.raises(ConfigError, match=expected):
        read_yaml(write(tmp_path, content))


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    """The path stands in the message."""
    with pytest.raises(ConfigError, match='No such file'):
        read_yaml(tmp_path / 'none.yaml')
    with pytest.raises(ConfigError, match='directory'):
        read_yaml(tmp_path)


@given(content=st.binary(max_size=200) | st.text('-:[]{}&*!|>\'"%@`#,? \nab1', max_size=60))
@pytest.mark.malformed
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: str | bytes
) -> None:
    """Nothing but ConfigError comes out."""
    path = write(tmp_path_factory.getbasetemp(), content)
    try:
        read_yaml(path)
    except ConfigError as error:
        assert str(path) in str(error)
