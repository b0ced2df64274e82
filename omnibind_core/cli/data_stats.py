"""`omnibind data stats`: count a data set's readings by class, modality and fold."""

from __future__ import annotations

import argparse
from dataclasses import asdict
import json
from pathlib import Path

EXAMPLE = 'omnibind data stats data/omnihome --split 0'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    parser.add_argument('data', type=Path, help='folder of the data set, or its manifest')
    parser.add_argument('--split', type=int, default=0, help='which split into folds (default 0)')
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the counts as JSON')


def run(arguments: argparse.Namespace) -> int:
    """Count, after checking the whole manifest; every problem is listed."""
    from omnibind_core.cli.data_choice import check_split
    from omnibind_core.data.manifest import read_manifest
    from omnibind_core.data.statistics import statistics
    from omnibind_core.data.statistics import table

    manifest = read_manifest(arguments.data)
    check_split(manifest, arguments.split)
    found = statistics(manifest, arguments.split)
    print(table(found))
    count = len(manifest.records)
    print(f'{arguments.data}: valid, {count} readings, {manifest.splits} split(s)')
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(asdict(found), indent=2) + '\n')
    return 0
