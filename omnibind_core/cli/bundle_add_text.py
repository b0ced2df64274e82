"""`omnibind bundle add-text`: give a bundle a text encoder, so that it takes any labels."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

EXAMPLE = 'omnibind bundle add-text bundles/omnihome --teacher runs/teacher_0'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    parser.add_argument('bundle', type=Path, help='folder of the bundle')
    parser.add_argument(
        '--teacher',
        required=True,
        metavar='RUN',
        help="folder of the teacher's run that the bundle was trained with; or conse, which makes "
        'the teacher anew with its default options',
    )
    parser.add_argument(
        '--out', type=Path, help='new folder for a copy (default: the bundle itself is changed)'
    )
    parser.add_argument('--json', type=Path, metavar='FILE', help='write what was made as JSON')


def run(arguments: argparse.Namespace) -> int:
    """Add it in one step, or leave everything as it was."""
    from omnibind_core.inference.bundle import open_bundle
    from omnibind_core.inference.bundle_text import add_text
    from omnibind_core.training.text_export import text_export

    before = open_bundle(arguments.bundle)
    text = text_export(arguments.teacher, before.manifest.dimension)
    folder = add_text(arguments.bundle, text, out=arguments.out)
    after = open_bundle(folder)
    entry = after.manifest.text
    assert entry is not None  # add_text has read it back
    sizes = [entry.model.size, entry.tokenizer.size, entry.projection.size]
    print(
        f'{folder}: has a text encoder ({sum(sizes) / 1e6:.1f} MB); '
        '`Recognizer.set_labels` takes any words now'
    )
    if arguments.json is not None:
        result = {'folder': str(folder), 'space': after.manifest.space, 'bytes': sum(sizes)}
        arguments.json.write_text(json.dumps(result, indent=2) + '\n')
    return 0
