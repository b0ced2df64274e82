"""`omnibind bundle verify`: check a bundle's files, models and contracts."""

from __future__ import annotations

import argparse
from dataclasses import asdict
import json
from pathlib import Path

EXAMPLE = 'omnibind bundle verify bundles/omnihome'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    parser.add_argument('bundle', type=Path, help='folder of the bundle')
    parser.add_argument('--json', type=Path, metavar='FILE', help='write every check as JSON')


def run(arguments: argparse.Namespace) -> int:
    """Check everything, going on after what is wrong; a BundleError counts what is."""
    from omnibind_core.errors import BundleError
    from omnibind_core.inference.bundle_verify import verify_bundle

    checks = []
    for check in verify_bundle(arguments.bundle):
        checks.append(check)
        mark = 'WRONG' if check.problem else 'ok'
        print(f'{mark:<5}  {check.part:<28} {check.claim:<32} {check.problem or check.found}')
    wrong = [check for check in checks if check.problem]
    if arguments.json is not None:
        result = {'bundle': str(arguments.bundle), 'ok': not wrong}
        text = json.dumps({**result, 'checks': [asdict(check) for check in checks]}, indent=2)
        arguments.json.write_text(text + '\n')
    if wrong:
        count = f'{len(wrong)} of {len(checks)} checks failed'
        raise BundleError(f'{arguments.bundle}: {count}; first: {wrong[0].problem}')
    print(f'{arguments.bundle}: {len(checks)} checks passed')
    return 0
