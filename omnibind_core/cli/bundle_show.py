"""`omnibind bundle show`: what a bundle holds."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
import textwrap
from typing import Any
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omnibind_core.inference.bundle import Bundle

EXAMPLE = 'omnibind bundle show bundles/omnihome'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    parser.add_argument('bundle', type=Path, help='folder of the bundle')
    parser.add_argument(
        '--training', action='store_true', help='also how each part was made, as it was noted'
    )
    parser.add_argument('--json', type=Path, metavar='FILE', help='write its contents as JSON')


def run(arguments: argparse.Namespace) -> int:
    """Show its table of contents; its files are not read (see `bundle verify`)."""
    from dataclasses import asdict

    from omnibind_core.inference.bundle import open_bundle

    bundle = open_bundle(arguments.bundle)
    print('\n'.join(description(bundle, training=arguments.training)))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(asdict(bundle.manifest), indent=2) + '\n')
    return 0


def description(bundle: Bundle, *, training: bool = False) -> list[str]:
    """A bundle's table of contents as lines of text."""
    manifest = bundle.manifest
    labels = manifest.labels.names
    lines = [
        f'{manifest.bundle_id}',
        f'  space        {manifest.space}, vectors of length {manifest.dimension}',
        *textwrap.wrap(
            f'{len(labels)}: {", ".join(labels)}',
            96,
            initial_indent='  labels       ',
            subsequent_indent=' ' * 15,
            max_lines=8,
        ),
        '',
        f'  {"encoder":<12} {"input":<16} {"temperature":>11} {"size":>10}  file',
    ]
    for name, entry in manifest.modalities.items():
        shape = 'x'.join(map(str, bundle.specifications[name].shape))
        lines.append(
            f'  {name:<12} {shape:<16} {entry.temperature:>11.4g} {_size(entry.model.size):>10}'
            f'  {entry.model.path}'
        )
        lines += _notes(entry.training) if training else []
    lines.append('')
    if manifest.fusion is None:
        lines.append(
            f'  fusion       the mean (no fusion model), temperature '
            f'{manifest.calibration.temperature:g}'
        )
    else:
        fusion = manifest.fusion
        lines.append(
            f'  fusion       {fusion.model.path}, {_size(fusion.model.size)}, trained with '
            f'{", ".join(fusion.modalities)}'
        )
        lines += _notes(fusion.training) if training else []
    lines.append(f'  abstains     below a posterior of {manifest.calibration.abstain_below:g}')
    if manifest.text is None:
        lines.append('  text         none: its labels are fixed (see `omnibind bundle add-text`)')
    else:
        text = manifest.text
        size = text.model.size + text.tokenizer.size + text.projection.size
        lines.append(f'  text         {text.teacher}, {_size(size)}: takes any labels')
    lines.append(f'  licences     {"; ".join(manifest.licences) or "none named"}')
    total = sum(entry.size for entry in bundle.files().values())
    lines.append(f'  total        {_size(total)} in {len(bundle.files())} files')
    return lines


def _notes(training: dict[str, Any]) -> list[str]:
    text = json.dumps(training, indent=1, sort_keys=True)
    return [f'      {line}' for line in text.splitlines()[1:-1]]


def _size(count: int) -> str:
    return f'{count / 1e6:.2f} MB' if count >= 1e5 else f'{count / 1e3:.1f} kB'
