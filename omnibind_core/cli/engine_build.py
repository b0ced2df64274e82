"""`omnibind engine build`: build a bundle's TensorRT engines ahead of the first start."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

EXAMPLE = 'omnibind engine build bundles/omnihome --precision fp16'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    parser.add_argument('bundle', type=Path, help='folder of the bundle')
    parser.add_argument('--modalities', nargs='+', metavar='NAME', help='only these encoders')
    parser.add_argument(
        '--precision', choices=('fp32', 'fp16'), default='fp32', help='of the engines (fp32)'
    )
    parser.add_argument(
        '--max-batch',
        type=int,
        default=8,
        metavar='N',
        help='largest batch of the engines; nodes use those of 8 (8)',
    )
    parser.add_argument('--json', type=Path, metavar='FILE', help='write what was done as JSON')


def run(arguments: argparse.Namespace) -> int:
    """Build what the cache does not have, one after the other, on the GPU of this machine."""
    import sys

    from omnibind_core.cli.progress import Progress
    from omnibind_core.errors import BackendError
    from omnibind_core.inference.bundle import open_bundle
    from omnibind_core.inference.bundle_models import check_modalities
    from omnibind_core.inference.bundle_models import open_encoder
    from omnibind_core.inference.tensorrt.engine_cache import EngineCache
    from omnibind_core.inference.tensorrt.open_engine import open_engine
    from omnibind_core.inference.tensorrt.settings import TensorRtSettings
    from omnibind_core.inference.tensorrt.toolkit import installed_toolkit

    settings = TensorRtSettings(precision=arguments.precision, max_batch=arguments.max_batch)
    bundle = open_bundle(arguments.bundle)
    wanted = arguments.modalities or list(bundle.manifest.modalities)
    check_modalities(bundle, wanted)
    toolkit = installed_toolkit()
    cache = EngineCache()
    print(f'{toolkit}; engines in {cache.folder}')
    progress = Progress(len(wanted), 'engines', sys.stderr)
    done = {}
    for name in wanted:
        entry = bundle.manifest.modalities[name].model
        opened = open_engine(
            toolkit,
            cache,
            bundle.read_bytes(entry),
            open_encoder(bundle, name),
            settings,
            name=str(bundle.path(entry)),
            say=progress.say,
        )
        opened.session.close()
        if opened.note:
            raise BackendError(f'{name}: {opened.note}')
        done[name] = 'built' if opened.built else 'was there'
        progress.say(f'{name}: {done[name]}')
        progress.step()
    if arguments.json is not None:
        content = {'toolkit': str(toolkit), 'cache': str(cache.folder), 'engines': done}
        arguments.json.write_text(json.dumps(content, indent=2) + '\n')
    return 0
