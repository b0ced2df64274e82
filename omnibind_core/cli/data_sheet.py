"""`omnibind data sheet`: contact sheets of a data set, to look at what was made."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

EXAMPLE = 'omnibind data sheet data/omnihome --out runs/sheets --fold test --views 6'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    parser.add_argument('data', type=Path, help='folder of the data set, or its manifest')
    parser.add_argument('--out', type=Path, required=True, help='folder for the PNG files')
    parser.add_argument('--class', dest='label', default='', help='only this class')
    parser.add_argument('--fold', default='', help='only this fold: student, fusion, val or test')
    parser.add_argument('--split', type=int, default=0, help='which split into folds (default 0)')
    parser.add_argument('--views', type=int, default=6, help='rows of a sheet (default 6)')
    parser.add_argument('--size', type=int, default=150, help='pixels of a reading (default 150)')
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the file names as JSON')


def run(arguments: argparse.Namespace) -> int:
    """Draw one sheet for each class, and one of nothing."""
    from omnibind_core.cli.data_choice import check_split
    from omnibind_core.cli.progress import Progress
    from omnibind_core.data.manifest import read_manifest
    from omnibind_core.data.origin import is_simulated
    from omnibind_core.data.sheet import rows_of_class
    from omnibind_core.data.sheet import sheet
    from omnibind_core.errors import ConfigError
    from omnibind_core.errors import Problem

    problems = [
        Problem(f'--{name}', str(value), f'{low} to {high}')
        for name, value, low, high in (
            ('views', arguments.views, 1, 100),
            ('size', arguments.size, 32, 512),
        )
        if not low <= value <= high
    ]
    if problems:
        raise ConfigError('arguments', problems)
    manifest = read_manifest(arguments.data)
    check_split(manifest, arguments.split, arguments.fold)
    if arguments.label:
        manifest.classes.number(arguments.label)
    simulated = is_simulated(manifest)
    labels = [arguments.label] if arguments.label else [*manifest.classes.names, '']
    arguments.out.mkdir(parents=True, exist_ok=True)
    progress = Progress(len(labels), 'sheets')
    written = []
    for label in labels:
        rows = rows_of_class(
            manifest, label, fold=arguments.fold, split=arguments.split, count=arguments.views
        )
        if rows:
            title = f'{label or "nothing to sense"}{" (simulated)" if simulated else ""}'
            path = arguments.out / f'{label or "nothing"}.png'
            sheet(manifest, rows, title=title, size=arguments.size).save(path)
            written.append(str(path))
        progress.step()
    print(f'{len(written)} sheets in {arguments.out}')
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(written, indent=2) + '\n')
    return 0
