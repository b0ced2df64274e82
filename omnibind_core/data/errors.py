"""What can be wrong with data on disk: each error is one sentence with what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from omnibind_core.errors import OmniBindError

_SHOWN = 20


class DataError(OmniBindError):
    """Base of everything that is wrong with a data set on disk."""


class ContainerError(DataError):
    """A shard or a file in it cannot be read; the message names the file."""


class CacheError(DataError):
    """A cache of embeddings belongs to another space or cannot be used; the message names it."""


@dataclass(frozen=True)
class ManifestProblem:
    """One thing wrong with a manifest.

    :param kind: ``file``, ``column``, ``path``, ``missing``, ``duplicate``, ``modality``,
        ``class``, ``fold``, ``instance``, ``view`` or ``nothing``.
    :param line: line of the file, 1 = its header; 0 for the file as a whole.
    :param text: what is wrong and what may stand there.
    """

    kind: str
    line: int
    text: str

    def __str__(self) -> str:
        return f'line {self.line}: {self.text}' if self.line else self.text


class ManifestError(DataError):
    """A manifest has problems; it carries all of them, and shows the first twenty.

    :param source: the file that was read.
    :param problems: everything that is wrong with it.
    """

    def __init__(self, source: Path, problems: Iterable[ManifestProblem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        count = len(self.problems)
        lines = [f'{source}: {count} problem{"" if count == 1 else "s"}']
        lines += [f'  {problem}' for problem in self.problems[:_SHOWN]]
        if count > _SHOWN:
            lines.append(f'  ... and {count - _SHOWN} more')
        super().__init__('\n'.join(lines))
