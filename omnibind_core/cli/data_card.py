"""`omnibind data card`: write the card of a generated data set."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

EXAMPLE = 'omnibind data card data/omnihome --out docs/data_card.md'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    parser.add_argument('data', type=Path, help='folder of the generated data set')
    parser.add_argument('--out', type=Path, required=True, help='Markdown file to write')
    parser.add_argument(
        '--command',
        default='omnibind simulate objects --config config/omnihome.yaml --out data/omnihome',
        help='how the data was generated, as the card shall say it',
    )
    parser.add_argument('--json', type=Path, metavar='FILE', help='write what was done as JSON')


def run(arguments: argparse.Namespace) -> int:
    """Write it from what lies in the folder: manifest, funnel, generation report, probes."""
    from omnibind_core.data.atomic_file import write_atomically
    from omnibind_core.data.data_card import data_card
    from omnibind_core.data.manifest import read_manifest

    manifest = read_manifest(arguments.data)
    text = data_card(manifest, command=arguments.command)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(arguments.out, text)
    print(f'{arguments.out}: {len(text.splitlines())} lines')
    if arguments.json is not None:
        done = {'card': str(arguments.out), 'readings': len(manifest.records)}
        arguments.json.write_text(json.dumps(done, indent=2) + '\n')
    return 0
