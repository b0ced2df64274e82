"""`omnibind bench models`: how long a bundle's encoders and its fusion take on this machine."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from typing import TYPE_CHECKING

from omnibind_core.errors import ConfigError
from omnibind_core.errors import Problem

if TYPE_CHECKING:
    from omnibind_core.evaluation.model_benchmark import Node
    from omnibind_core.evaluation.model_benchmark import Timing
    from omnibind_core.inference.recognizer import Recognizer

EXAMPLE = 'omnibind bench models --bundle bundles/omnihome --eager --busy --json models.json'

EAGER = 'torch eager'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    add = parser.add_argument
    add('--bundle', type=Path, required=True, metavar='DIR', help='bundle to time')
    add('--repeats', type=int, default=200, metavar='N', help='how often each is timed (200)')
    add('--threads', default='1', metavar='LIST', help='of each encoder: 1, or 1,2 for both (1)')
    add(
        '--eager',
        action='store_true',
        help='beside it the node that people write: Pillow, numpy and eager PyTorch',
    )
    add('--busy', action='store_true', help='time everything again with another core busy')
    add('--json', type=Path, metavar='FILE', help='write the figures as JSON')
    add('--picture', type=Path, metavar='FILE', help='draw them, as PNG or SVG')


def run(arguments: argparse.Namespace) -> int:
    """Measure and print; a ConfigError for a wrong number or a file that exists."""
    each = _checked(arguments)

    from dataclasses import asdict
    import json
    import os
    import sys
    import time

    from omnibind_core.evaluation import model_benchmark
    from omnibind_core.evaluation.preprocessing_benchmark import machine

    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    if load > cores / 2:
        print(
            f'note: other processes keep {load:.1f} of {cores} cores busy; neither times nor '
            'ratios are those of an idle machine',
            file=sys.stderr,
        )
    recognizer, loading = model_benchmark.load(
        arguments.bundle,
        threads=each[0],
        clock=time.perf_counter,
        resident=model_benchmark.resident_megabytes,
    )
    with_torch = 'torch' in sys.modules  # before anything else here asks for it
    print(
        f'{recognizer.bundle_id}: loaded in {loading.seconds:.2f} s, {loading.megabytes:.0f} MB, '
        f'back end {recognizer.backend}; '
        f'torch {"was" if with_torch else "was not"} imported'
    )
    alone = '; '.join(
        f'{name} {size:.0f} MB, {loading.first_ms[name]:.0f} ms'
        for name, size in loading.encoder_megabytes.items()
    )
    print(f'one more encoder, and its first run: {alone}')
    print(model_benchmark.HEADER, flush=True)
    timings: list[Timing] = []
    summary: list[dict[str, Any]] = []
    for threads in each:
        if threads != each[0]:
            recognizer = type(recognizer).load(arguments.bundle, threads=threads)
        found, ratios = _timed(recognizer, threads, arguments)
        timings += found
        summary += ratios
    document = {
        'machine': machine(),
        'load_average': round(load, 2),
        'bundle': recognizer.bundle_id,
        'back_end': recognizer.backend,
        'torch_imported': with_torch,
        'loading': asdict(loading),
        'timings': [{**asdict(one), 'throughput': round(one.throughput, 1)} for one in timings],
        'ratios': summary,
    }
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(document, indent=2) + '\n', encoding='utf-8')
    if arguments.picture is not None:
        from omnibind_core.evaluation.report.model_times import draw

        draw(timings, arguments.picture)
    return 0


def _checked(arguments: argparse.Namespace) -> list[int]:
    """The numbers of threads, when all arguments are sound.

    :raises ConfigError: with everything that is wrong.
    """
    from importlib.util import find_spec

    problems = []
    if not 1 <= arguments.repeats <= 100_000:
        problems.append(Problem('--repeats', str(arguments.repeats), '1 to 100000'))
    words = arguments.threads.split(',')
    if not all(word.isdecimal() and 1 <= int(word) <= 256 for word in words):
        problems.append(Problem('--threads', arguments.threads, 'numbers from 1 to 256, by commas'))
    for option in ('json', 'picture'):
        path = getattr(arguments, option)
        if path is not None and path.exists():
            problems.append(Problem(f'--{option}', f'{path}, which exists', 'a new file'))
    needed = (('eager', 'torch'), ('picture', 'matplotlib'))
    problems += [
        Problem(f'--{option}', f'{package} is not installed', f'without it, or install {package}')
        for option, package in needed
        if getattr(arguments, option) and find_spec(package) is None
    ]
    if problems:
        raise ConfigError('omnibind bench models', problems)
    return sorted({int(word) for word in words})


def _timed(
    recognizer: Recognizer, threads: int, arguments: argparse.Namespace
) -> tuple[list[Timing], list[dict[str, Any]]]:
    """Everything with so many threads, idle and busy, printed as it comes; and the ratios."""
    import time

    from omnibind_core.evaluation import model_benchmark
    from omnibind_core.evaluation.busy_core import busy_core

    beside = {EAGER: _eager(recognizer, threads)} if arguments.eager else {}
    timings: list[Timing] = []
    ratios = []
    for busy in (False, True) if arguments.busy else (False,):
        found = []
        with busy_core(busy):
            for timing in model_benchmark.measure(
                recognizer,
                repeats=arguments.repeats,
                clock=time.perf_counter,
                threads=threads,
                busy=busy,
                beside=beside,
            ):
                found.append(timing)
                print(model_benchmark.line(timing), flush=True)
        timings += found
        for by in beside:
            ratio = model_benchmark.ratios(found, by)
            ratios.append({'by': by, 'threads': threads, 'busy': busy, 'ratio': ratio})
            print(
                f'{by} takes, {threads} thread{"" if threads == 1 else "s"}, '
                f'{"a core busy" if busy else "idle"}: '
                + ', '.join(f'{part} {value:.2f}x' for part, value in ratio.items())
            )
    return timings, ratios


def _eager(recognizer: Recognizer, threads: int) -> Mapping[str, Node]:
    """The usual node of each modality."""
    import torch

    from omnibind_core.models.eager_node import EagerNode

    torch.set_num_threads(threads)
    nodes: dict[str, Any] = {
        name: EagerNode(
            name,
            specification=recognizer.specification(name),
            dimension=recognizer.dimension,
        )
        for name in recognizer.modalities
    }
    return nodes
