r"""Java ``.properties`` files, as far as the model libraries use them.

Format: https://docs.oracle.com/javase/8/docs/api/java/util/Properties.html#load-java.io.Reader-
(ISO 8859-1, ``\uXXXX`` escapes, ``#`` and ``!`` comments, a backslash continues a line).
"""

from __future__ import annotations

from collections.abc import Mapping
import re

from omnibind_core.simulation.errors import CatalogueError

_SPLIT = re.compile(r'(?<!\\)(?:\\\\)*(?P<by>\s*[=:]\s*|\s+)')
_ESCAPE = re.compile(r'\\(u[0-9a-fA-F]{4}|.)', re.DOTALL)
_PLAIN = {'t': '\t', 'n': '\n', 'r': '\r', 'f': '\f'}
_NUMBERED = re.compile(r'([A-Za-z]\w*)#([0-9]{1,6})')


def read_properties(content: bytes, source: str) -> dict[str, str]:
    r"""Keys and values of a properties file; the last of equal keys wins, as in Java.

    :param content: the file's bytes.
    :param source: its name, for the error.
    :raises CatalogueError: a ``\u`` escape without four hexadecimal digits.
    """
    found = {}
    for line in _logical_lines(content.decode('latin-1')):
        split = _SPLIT.search(line)
        key, value = (line[: split.start('by')], line[split.end('by') :]) if split else (line, '')
        found[_unescape(key, source)] = _unescape(value, source)
    return found


def numbered(properties: Mapping[str, str], source: str) -> dict[int, dict[str, str]]:
    """Group ``name#17`` keys by their number: ``{17: {'name': ...}}``.

    :raises CatalogueError: there are none at all, so this is no catalogue.
    """
    found: dict[int, dict[str, str]] = {}
    for key, value in properties.items():
        match = _NUMBERED.fullmatch(key)
        if match:
            found.setdefault(int(match[2]), {})[match[1]] = value
    if not found:
        raise CatalogueError(f'{source}: no models are listed in its properties file')
    return found


def _logical_lines(text: str) -> list[str]:
    lines: list[str] = []
    open_line = ''
    for raw in re.split(r'\r\n|\r|\n', text):
        part = raw.lstrip(' \t\f')
        if not open_line and (not part or part[0] in '#!'):
            continue
        tail = len(part) - len(part.rstrip('\\'))
        if tail % 2:
            open_line += part[:-1]
            continue
        lines.append(open_line + part)
        open_line = ''
    if open_line:
        lines.append(open_line)
    return lines


def _unescape(text: str, source: str) -> str:
    def replace(match: re.Match[str]) -> str:
        code = match[1]
        if code[0] == 'u':
            if len(code) != 5:
                raise CatalogueError(f'{source}: broken \\u escape near {text[:60]!r}')
            return chr(int(code[1:], 16))
        return _PLAIN.get(code, code)

    return _ESCAPE.sub(replace, text) if '\\' in text else text
