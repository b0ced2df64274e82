"""`omnibind data subset`: a small part of a data set, of every class, to be shipped."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

EXAMPLE = 'omnibind data subset data/omnihome --out samples/omnihome_test --size-mb 20'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    parser.add_argument('data', type=Path, help='folder of the data set, or its manifest')
    parser.add_argument('--out', type=Path, required=True, help='new folder for the part')
    parser.add_argument(
        '--size-mb', type=float, default=20.0, help='most megabytes, 10^6 bytes (default 20)'
    )
    parser.add_argument('--fold', default='test', help='of which fold (default test)')
    parser.add_argument('--split', type=int, default=0, help='of which split (default 0)')
    parser.add_argument('--json', type=Path, metavar='FILE', help='write what was done as JSON')


def run(arguments: argparse.Namespace) -> int:
    """Choose, copy, and read the result back."""
    from omnibind_core.cli.data_choice import check_split
    from omnibind_core.data.manifest import read_manifest
    from omnibind_core.data.subset import write_subset

    manifest = read_manifest(arguments.data)
    check_split(manifest, arguments.split, arguments.fold)
    write_subset(
        manifest,
        arguments.out,
        most_bytes=round(arguments.size_mb * 1e6),
        fold=arguments.fold,
        split=arguments.split,
    )
    part = read_manifest(arguments.out)
    size = sum(file.stat().st_size for file in arguments.out.rglob('*') if file.is_file())
    views = {(item.instance, item.view) for item in part.records if not item.nothing}
    done = {
        'folder': str(arguments.out),
        'bytes': size,
        'readings': len(part.records),
        'views': len(views),
        'instances': len({instance for instance, _ in views}),
        'classes': len({item.label for item in part.records if item.label}),
    }
    print(', '.join(f'{name} {value}' for name, value in done.items()))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(done, indent=2) + '\n')
    return 0
