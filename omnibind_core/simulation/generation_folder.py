"""A data set's folder while it is generated: whose configuration it holds, and what is complete."""

from __future__ import annotations

from collections.abc import Mapping
import hashlib
import json
from pathlib import Path
from typing import Any

from omnibind_core.data.atomic_file import write_atomically
from omnibind_core.data.origin import FILE_NAME as CONFIGURATION_NAME
from omnibind_core.errors import OmniBindError
from omnibind_core.simulation.instance_shard import done_marker
from omnibind_core.simulation.instance_shard import Outcome
from omnibind_core.simulation.plan import PlannedInstance


class GenerationError(OmniBindError):
    """The data set cannot be generated, or not in this folder; says what to do."""


def claim(root: Path, configuration: Mapping[str, Any]) -> None:
    """Make the folder and mark it as this configuration's, or refuse it."""
    for name in ('shards', 'done'):
        (root / name).mkdir(parents=True, exist_ok=True)
    path = root / CONFIGURATION_NAME
    text = json.dumps(configuration, indent=1, sort_keys=True) + '\n'
    if not path.exists():
        if any((root / 'shards').iterdir()):
            raise GenerationError(
                f'{root}/shards is not empty and {path} is missing; choose another folder'
            )
        write_atomically(path, text)
        return
    try:
        given = json.loads(path.read_text(encoding='utf-8'))
    except ValueError:
        given = None
    if given != json.loads(text):
        different = ', '.join(_differences(given, json.loads(text)))
        raise GenerationError(
            f'{root} holds data of another configuration ({different}); choose another folder, '
            'or delete that one'
        )


def _differences(given: Any, wanted: Any, key: str = '') -> list[str]:
    if isinstance(given, dict) and isinstance(wanted, dict):
        return [
            text
            for name in sorted({*given, *wanted})
            for text in _differences(
                given.get(name), wanted.get(name), f'{key}.{name}' if key else name
            )
        ]
    return [] if given == wanted else [f'{key or "all of it"}: {given!r} there, {wanted!r} asked']


def finished_before(root: Path, item: PlannedInstance) -> Outcome | None:
    """What an earlier run left of an instance; ``None`` if it is not complete and unaltered."""
    try:
        given = json.loads(done_marker(root, item.instance).read_text(encoding='utf-8'))
        outcome = Outcome(**given)
        digest = hashlib.sha256((root / item.shard).read_bytes()).hexdigest()
    except (OSError, ValueError, TypeError):
        return None
    same = outcome.instance == item.instance and outcome.sha256 == digest
    return outcome if same else None
