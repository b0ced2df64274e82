"""`omnibind engine list`: what the engine cache holds."""

from __future__ import annotations

import argparse
from dataclasses import asdict
import json
from pathlib import Path

EXAMPLE = 'omnibind engine list'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    parser.add_argument('--json', type=Path, metavar='FILE', help='write it as JSON')


def run(arguments: argparse.Namespace) -> int:
    """List every file with what it was built of and for; each one is verified."""
    from omnibind_core.inference.tensorrt.engine_cache import EngineCache

    cache = EngineCache()
    entries = cache.entries()
    for entry in entries:
        size = f'{entry.size / 1e6:8.2f} MB'
        if entry.note is None:
            print(f'{size}  BROKEN  {entry.path.name}: {entry.problem}')
            continue
        note, key = entry.note, entry.note.key
        print(
            f'{size}  {Path(note.name).name:<18} {key.precision:<14} {key.product} {key.version}, '
            f'{key.gpu} {key.capability}, {note.created}, built in {note.seconds:.0f} s'
        )
    total = sum(entry.size for entry in entries) / 1e6
    print(f'{cache.folder}: {len(entries)} files, {total:.2f} MB')
    if arguments.json is not None:
        content = [
            {
                'file': str(entry.path),
                'size': entry.size,
                'problem': entry.problem,
                'note': asdict(entry.note) if entry.note is not None else None,
            }
            for entry in entries
        ]
        arguments.json.write_text(json.dumps(content, indent=2) + '\n')
    return 0
