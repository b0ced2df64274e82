"""Curating the household benchmark: fetch its models, measure near-duplicates, show the funnel.

python tools/curate_omnihome.py fetch [--source FOLDER_OR_DEB]
python tools/curate_omnihome.py pairs
python tools/curate_omnihome.py funnel
python tools/curate_omnihome.py sheet chair --out chair.png
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
import itertools
from pathlib import Path
import sys

from omnibind_core.errors import OmniBindError
from omnibind_core.simulation.catalogue import Catalogue
from omnibind_core.simulation.catalogue import read_catalogue
from omnibind_core.simulation.class_table import ClassTable
from omnibind_core.simulation.class_table import read_class_table
from omnibind_core.simulation.contact_sheet import contact_sheet
from omnibind_core.simulation.contact_sheet import thumbnail
from omnibind_core.simulation.contact_sheet import Tile
from omnibind_core.simulation.curation import curate
from omnibind_core.simulation.curation import funnel_text
from omnibind_core.simulation.curation import measure_pairs
from omnibind_core.simulation.curation import read_pairs
from omnibind_core.simulation.curation import write_pairs
from omnibind_core.simulation.fetch_models import DEFAULT_FOLDER
from omnibind_core.simulation.fetch_models import fetch_models
from omnibind_core.simulation.folds import fold_counts
from omnibind_core.simulation.folds import FOLDS
from omnibind_core.simulation.folds import SEEDS
from omnibind_core.simulation.folds import split
from omnibind_core.simulation.obj_mesh import load_model

CONFIG = Path('config')
PAIRS = CONFIG / 'omnihome_similar.csv'


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one sub-command; 1 and one sentence where something is wrong."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == 'fetch':
            fetch_models(options.models, options.source, report=print)
        elif options.command == 'pairs':
            _pairs(options.models)
        elif options.command == 'funnel':
            _funnel(options.models)
        else:
            _sheet(options.models, options.class_id, options.out)
    except OmniBindError as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0] if __doc__ else '')
    parser.add_argument('--models', type=Path, default=DEFAULT_FOLDER, help='folder of .sh3f files')
    commands = parser.add_subparsers(dest='command', required=True)
    fetch = commands.add_parser('fetch', help='have the models in the folder')
    fetch.add_argument('--source', type=Path, help='a .deb file or a folder with .sh3f files')
    commands.add_parser('pairs', help='measure near-duplicates again (minutes)')
    commands.add_parser('funnel', help='print the funnel, the classes and the folds')
    sheet = commands.add_parser('sheet', help='a contact sheet of one class, or of excluded models')
    sheet.add_argument('class_id', help='a class, or "excluded"')
    sheet.add_argument('--out', type=Path, required=True, help='a .png file')
    return parser


def _table() -> ClassTable:
    return read_class_table(
        CONFIG / 'omnihome_classes.csv', CONFIG / 'omnihome_class_definitions.csv'
    )


def _pairs(models: Path) -> None:
    catalogue = read_catalogue(models)
    done = itertools.count(1)

    def progress(_: str) -> None:
        if (number := next(done)) % 100 == 0:
            print(f'{number} of {len(catalogue)} models read', flush=True)

    pairs, unreadable = measure_pairs(catalogue, progress)
    write_pairs(PAIRS, pairs)
    print(f'{len(pairs)} similar pairs in {PAIRS}; {len(unreadable)} unreadable models')
    for problem in unreadable.values():
        print(problem)


def _funnel(models: Path) -> None:
    curation = curate(read_catalogue(models), _table(), read_pairs(PAIRS))
    print(funnel_text(curation))
    for seed in SEEDS:
        counts = fold_counts(curation.instances, split(curation.instances, seed))
        total = {fold: sum(row[fold] for row in counts.values()) for fold in FOLDS}
        print(f'\nsplit {seed}: {total}')
        for class_id, row in counts.items():
            print(f'{class_id:24}' + ''.join(f'{row[fold]:8d} {fold}' for fold in FOLDS))


def _sheet(models: Path, class_id: str, out: Path) -> None:
    catalogue, table = read_catalogue(models), _table()
    if class_id == 'excluded':
        chosen = [row.model_id for row in table.rows.values() if row.reason]
    else:
        chosen = list(table.models_of(class_id))
    contact_sheet([_tile(catalogue, table, model) for model in chosen]).save(out)
    print(f'{len(chosen)} models in {out}')


def _tile(catalogue: Catalogue, table: ClassTable, model: str) -> Tile:
    row = table.rows[model]
    name = row.name or catalogue.models[model].name
    caption = f'{name[:28]:29}{row.reason or model.partition("_")[2]}'
    return Tile(thumbnail(load_model(catalogue, model)), caption)


if __name__ == '__main__':
    sys.exit(main())
