"""Generating the whole data set: shared among processes, resumable, the same every time.

Each instance is one shard; a shard that is complete has a marker with its hash in ``done/``. A
killed run loses the shards that were being written. Failed instances are left out and reported.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
import hashlib
import multiprocessing
import os
from pathlib import Path
from typing import Any

from omnibind_core.data.atomic_file import write_atomically
from omnibind_core.data.class_map import ClassMap
from omnibind_core.data.class_map import FILE_NAME as CLASSES_NAME
from omnibind_core.data.manifest import FILE_NAME as MANIFEST_NAME
from omnibind_core.data.manifest import Manifest
from omnibind_core.data.manifest import write_manifest
from omnibind_core.data.origin import FILE_NAME as CONFIGURATION_NAME
from omnibind_core.errors import OmniBindError
from omnibind_core.simulation.generation_folder import claim
from omnibind_core.simulation.generation_folder import finished_before
from omnibind_core.simulation.generation_folder import GenerationError
from omnibind_core.simulation.instance_shard import generate_instance
from omnibind_core.simulation.instance_shard import Outcome
from omnibind_core.simulation.instance_shard import records_of
from omnibind_core.simulation.plan import PlannedInstance
from omnibind_core.simulation.simulator import Stage

SUMS_NAME = 'SHA256SUMS'
# Numerical libraries with several threads add up in another order, and two pools fight for cores.
_ONE_THREAD = ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS')


@dataclass(frozen=True)
class Generated:
    """What a run left behind.

    :param outcomes: of every instance that was asked for, in order.
    :param resumed: how many of them had been complete before.
    :param readings: lines of the manifest.
    :param size: of all shards, bytes.
    :param total_hash: SHA-256 over the list of all files' hashes.
    """

    outcomes: tuple[Outcome, ...]
    resumed: int
    readings: int
    size: int
    total_hash: str

    @property
    def problems(self) -> tuple[str, ...]:
        """One sentence for each instance that is missing."""
        return tuple(outcome.problem for outcome in self.outcomes if outcome.problem)


def generate(
    root: Path,
    planned: Sequence[PlannedInstance],
    *,
    begin: Callable[[], Stage],
    seed: int,
    classes: ClassMap,
    configuration: Mapping[str, Any],
    workers: int = 2,
    report: Callable[[Outcome], None] = lambda _: None,
) -> Generated:
    """Generate what is missing, then write the manifest and the list of hashes.

    The manifest lists what was asked for; shards of earlier runs of the same configuration stay.

    :param root: the data set's folder; made if it is not there.
    :param planned: what to generate.
    :param begin: makes the things and sensors, called once in each process; must be importable.
    :param seed: of the data set.
    :param classes: all classes.
    :param configuration: plain data that decides the content, for ``dataset.json``.
    :param workers: processes.
    :param report: told of every instance as it is finished.
    :raises GenerationError: the folder holds another configuration's data, nothing could be
        generated, the disk is full, or a process died. What is finished stays.
    """
    claim(root, configuration)
    finished = {}
    for item in planned:
        found = finished_before(root, item)
        if found is not None:
            finished[item.instance] = found
    resumed = len(finished)
    for outcome in finished.values():
        report(outcome)
    missing = [item for item in planned if item.instance not in finished]
    for outcome in _run(root, missing, begin, seed, workers):
        finished[outcome.instance] = outcome
        report(outcome)
        if outcome.disk_full:
            raise GenerationError(
                f'{outcome.problem}: the disk is full after {_complete(finished)} of '
                f'{len(planned)} instances; make room and run it again, finished ones are kept'
            )
    outcomes = tuple(finished[item.instance] for item in planned)
    done = [item for item in planned if not finished[item.instance].problem]
    # a copy without its original cannot be checked for its fold
    there = {item.instance for item in done}
    done = [item for item in done if not item.copy_of or item.copy_of in there]
    if not done:
        raise GenerationError(
            f'no instance could be generated; the first: {outcomes[0].problem}'
            if outcomes
            else 'there is nothing to generate: no instance was chosen'
        )
    records = tuple(record for item in done for record in records_of(item))
    write_manifest(Manifest(root, records, classes))
    sums = _sums(root, [finished[item.instance] for item in done])
    write_atomically(root / SUMS_NAME, sums)
    return Generated(
        outcomes=outcomes,
        resumed=resumed,
        readings=len(records),
        size=sum(outcome.size for outcome in outcomes),
        total_hash=hashlib.sha256(sums.encode()).hexdigest(),
    )


def _complete(finished: Mapping[str, Outcome]) -> int:
    return sum(not outcome.problem for outcome in finished.values())


def _run(
    root: Path,
    missing: Sequence[PlannedInstance],
    begin: Callable[[], Stage],
    seed: int,
    workers: int,
) -> Iterator[Outcome]:
    """Outcomes, in order. Always in processes of their own: one thread each, started afresh."""
    if not missing:
        return
    context = multiprocessing.get_context('spawn')
    with (
        _one_thread(),
        ProcessPoolExecutor(
            max(workers, 1),
            mp_context=context,
            initializer=_begin,
            initargs=(begin, seed, root),
        ) as pool,
    ):
        futures: list[Future[Outcome]] = [pool.submit(_work, item) for item in missing]
        try:
            for future in futures:  # in order: what is said is the same every time
                yield future.result()
        except BrokenProcessPool:
            raise GenerationError(
                'a generating process died (out of memory?); run it again, finished instances '
                'are kept, with --workers 1 it needs half the memory'
            ) from None
        finally:
            for future in futures:
                future.cancel()


@contextmanager
def _one_thread() -> Iterator[None]:
    """Environment for child processes in which numerical libraries use one thread."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, '1'))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@dataclass
class _Worker:
    """What one process keeps between instances."""

    begin: Callable[[], Stage]
    seed: int
    root: Path
    stage: Stage | None = None


# The one place where a pool's task finds what its process was begun with.
_worker: list[_Worker] = []


def _begin(begin: Callable[[], Stage], seed: int, root: Path) -> None:
    _worker[:] = [_Worker(begin, seed, root)]


def _work(item: PlannedInstance) -> Outcome:
    own = _worker[0]
    if own.stage is None:
        try:
            own.stage = own.begin()
        except OmniBindError as error:
            return Outcome(item.instance, problem=str(error))
    return generate_instance(own.stage, item, own.seed, own.root)


def _sums(root: Path, outcomes: Sequence[Outcome]) -> str:
    """The hashes of all files, as ``sha256sum`` writes and checks them."""
    lines = [(f'shards/{outcome.instance}.tar', outcome.sha256) for outcome in outcomes]
    lines += [
        (name, hashlib.sha256((root / name).read_bytes()).hexdigest())
        for name in (CLASSES_NAME, CONFIGURATION_NAME, MANIFEST_NAME)
    ]
    return ''.join(f'{digest}  {name}\n' for name, digest in sorted(lines))
