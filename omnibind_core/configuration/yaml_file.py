"""Reading a YAML file: safe loader, a size bound, and duplicate keys refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from typing import TYPE_CHECKING

from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem

if TYPE_CHECKING:
    import yaml

MAX_BYTES = 1_000_000


def read_yaml(path: Path) -> Any:
    """The content of a YAML file.

    :raises ConfigError: when it is missing, too large, no YAML, or holds a key twice.
    """
    import yaml

    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError(
                str(path), [Problem('(file)', f'{path.stat().st_size} bytes', f'<= {MAX_BYTES}')]
            )
        text = path.read_text(encoding='utf-8')
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else 'not UTF-8'
        raise ConfigError(
            str(path), [Problem('(file)', str(reason), 'a readable YAML file')]
        ) from error
    duplicates: list[Problem] = []

    class Loader(yaml.SafeLoader):
        """PyYAML keeps the last of two equal keys without a word."""

        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
            seen: set[str] = set()
            for key_node, _ in node.value:
                name = str(key_node.value)
                if name in seen:
                    line = key_node.start_mark.line + 1
                    duplicates.append(Problem(name, f'twice (line {line})', 'each key once'))
                seen.add(name)
            return super().construct_mapping(node, deep)

    try:
        loader = Loader(text)
        try:
            content = loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, 'problem_mark', None)
        line = f'line {mark.line + 1}' if mark is not None else 'no YAML'
        problem = getattr(error, 'problem', None) or str(error).splitlines()[0]
        raise ConfigError(
            str(path), [Problem('(file)', f'{line}: {problem}', 'valid YAML')]
        ) from error
    except RecursionError as error:
        raise ConfigError(
            str(path), [Problem('(file)', 'nested too deeply', 'a handful of levels')]
        ) from error
    if duplicates:
        raise ConfigError(str(path), duplicates)
    return content
