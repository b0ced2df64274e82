"""`omnibind data probe`: what each modality says of the class, and what must say nothing."""

from __future__ import annotations

import argparse
from dataclasses import asdict
import json
from pathlib import Path

EXAMPLE = 'omnibind data probe data/omnihome --json data/omnihome/probes.json'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    parser.add_argument('data', type=Path, help='folder of the data set, or its manifest')
    parser.add_argument('--workers', type=int, default=2, help='processes (default 2)')
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the results as JSON')


def run(arguments: argparse.Namespace) -> int:
    """Probe every sensor there is, then what must not give the class away."""
    from omnibind_core.cli.progress import Progress
    from omnibind_core.data.leakage import guessing
    from omnibind_core.data.leakage import material_probe
    from omnibind_core.data.leakage import temperature_probe
    from omnibind_core.data.manifest import read_manifest
    from omnibind_core.data.origin import is_simulated
    from omnibind_core.data.probe import probe_modality
    from omnibind_core.modalities.registry import SENSOR_NAMES

    manifest = read_manifest(arguments.data)
    simulated = is_simulated(manifest)
    there = {record.modality for record in manifest.records if not record.nothing}
    names = [name for name in SENSOR_NAMES if name in there]
    progress = Progress(len(names) + (3 if simulated else 0), 'probes')
    results = []
    for name in names:
        results.append(probe_modality(manifest, name, workers=max(arguments.workers, 0)))
        progress.step()
    if simulated:
        for ask in (temperature_probe, material_probe, guessing):
            results.append(ask(manifest))
            progress.step()
    word = ' (simulated)' if simulated else ''
    print(f'accuracy{word}, mean over classes, of {manifest.splits} split(s)')
    for found in results:
        each = ' '.join(f'{value:.3f}' for value in found.accuracy)
        bound = found.chance + 2.0 * found.sigma
        verdict = 'above chance' if found.above_chance else 'at chance'
        print(
            f'  {found.name:<18}{found.mean:.3f}  ({each})  {verdict}: '
            f'{found.chance:.3f} + 2 sigma = {bound:.3f}; informative {found.informative:.1%}'
        )
    if arguments.json is not None:
        arguments.json.write_text(json.dumps([asdict(item) for item in results], indent=2) + '\n')
    return 0
