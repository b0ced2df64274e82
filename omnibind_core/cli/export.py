"""`omnibind export`: finished runs into a bundle that a robot takes."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
import sys

EXAMPLE = (
    'omnibind export --encoders runs/cad_0 --fusion runs/fusion_0_0 --teacher runs/teacher_0 '
    '--name omnihome --out bundles/omnihome'
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    parser.add_argument(
        '--encoders',
        type=Path,
        nargs='+',
        required=True,
        metavar='RUN',
        help='runs of `omnibind train cad`, one a modality, or folders of them',
    )
    parser.add_argument(
        '--fusion',
        type=Path,
        metavar='RUN',
        help='folder of a run of `omnibind train fusion`; without it the mean fuses',
    )
    parser.add_argument(
        '--teacher',
        type=Path,
        required=True,
        metavar='RUN',
        help='folder of the run of `omnibind train teacher` that they were trained with',
    )
    parser.add_argument('--name', required=True, help="start of the bundle's id: omnihome")
    parser.add_argument('--out', type=Path, required=True, help='new folder for the bundle')
    parser.add_argument(
        '--licence',
        action='append',
        default=[],
        metavar='TEXT',
        help='licence of something that it was made from; may be given several times',
    )
    parser.add_argument('--json', type=Path, metavar='FILE', help='write what was made as JSON')


def run(arguments: argparse.Namespace) -> int:
    """Read the runs, check that they fit, write the bundle, and read it back."""
    from omnibind_core.cli.bundle_show import description
    from omnibind_core.inference.bundle import open_bundle
    from omnibind_core.training.bundle_export import export_bundle

    made = export_bundle(
        arguments.out,
        name=arguments.name,
        encoders=arguments.encoders,
        teacher=arguments.teacher,
        fusion=arguments.fusion,
        licences=arguments.licence,
    )
    bundle = open_bundle(made.folder)
    print('\n'.join(description(bundle)))
    for note in made.notes:
        print(f'note: {note}', file=sys.stderr)
    print(f'{made.folder}: written')
    if arguments.json is not None:
        files = bundle.files().values()
        result = {
            'folder': str(made.folder),
            'bundle_id': bundle.manifest.bundle_id,
            'space': bundle.manifest.space,
            'modalities': list(bundle.manifest.modalities),
            'fusion': bundle.manifest.fusion is not None,
            'bytes': sum(entry.size for entry in files),
            'notes': list(made.notes),
        }
        arguments.json.write_text(json.dumps(result, indent=2) + '\n')
    return 0
