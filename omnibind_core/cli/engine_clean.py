"""`omnibind engine clean`: empty the engine cache."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

EXAMPLE = 'omnibind engine clean --broken'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    parser.add_argument(
        '--broken', action='store_true', help='only what cannot be used; keep the engines'
    )
    parser.add_argument('--json', type=Path, metavar='FILE', help='write what was removed as JSON')


def run(arguments: argparse.Namespace) -> int:
    """Remove engines and timings; they are built again when they are wanted."""
    import sys

    from omnibind_core.inference.tensorrt.engine_cache import EngineCache

    cache = EngineCache()
    removed = cache.clean(
        broken_only=arguments.broken, say=lambda text: print(text, file=sys.stderr, flush=True)
    )
    print(f'{cache.folder}: {len(removed)} files removed')
    if arguments.json is not None:
        arguments.json.write_text(json.dumps([str(path) for path in removed], indent=2) + '\n')
    return 0
