"""Bags evaluated on all cores, and what all of them come to."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager
from contextlib import nullcontext
from functools import partial
import multiprocessing
import os
from pathlib import Path
import signal
from typing import Any

from omnibind_core.cli.progress import Progress
from omnibind_core.evaluation.bag.summary import summary
from omnibind_core.parent_death import end_with
from omnibind_ros.bag_evaluation.evaluate import evaluate_bag
from omnibind_ros.bag_evaluation.options import BagResult
from omnibind_ros.bag_evaluation.options import Options

Shield = Callable[[], AbstractContextManager[None]]


def evaluated(
    paths: Sequence[Path],
    options: Options,
    workers: int = 0,
    step: Callable[[int], None] | None = None,
    *,
    shield: Shield = nullcontext,
) -> list[BagResult]:
    """One bag: its sensors and subsets on all cores; several: each bag on one.

    :param workers: processes; 0: one for each core.
    :param step: counts what is done of one bag: one for each sensor, and one for the rest.
    :param shield: within it no signal interrupts: a process that is half begun complains.
    """
    count = workers or len(os.sched_getaffinity(0))
    if count == 1 or not paths:
        count_bag = Progress(len(paths), 'bags').step if step is None else (lambda _: None)
        return [_counted(evaluate_bag(path, options, step=step), count_bag) for path in paths]
    # Processes of their own kind: the models' threads do not survive a fork.
    context = multiprocessing.get_context('spawn')
    with ProcessPoolExecutor(
        count, mp_context=context, initializer=_begin, initargs=(os.getpid(),)
    ) as pool:
        run = partial(_in_order, pool, shield)
        try:
            if len(paths) == 1:
                return [evaluate_bag(paths[0], options, run=run, step=step)]
            progress = Progress(len(paths), 'bags')
            found = run(partial(evaluate_bag, options=options), paths)
            return [_counted(result, progress.step) for result in found]
        except BaseException:
            # Who interrupts does not want to wait until every process is done with its share.
            for process in multiprocessing.active_children():
                process.kill()
            raise


def gathered(results: Sequence[BagResult], wall: float) -> dict[str, Any]:
    """The document of all bags.

    :param wall: seconds that it took.
    """
    documents = [result.document for result in results]
    found: dict[str, Any] = summary(documents, [result.answers for result in results])
    found['realtime_factor'] = found['duration_s'] / wall
    found['timings'] = {
        'wall_s': wall,
        'cpu_s': sum(document['timings']['cpu_s'] for document in documents),
    }
    problems = [
        f'{document["bag"]}: {text}' for document in documents for text in document['problems']
    ]
    return found | {'problems': problems, 'bags': documents}


def _in_order(
    pool: ProcessPoolExecutor,
    shield: Shield,
    function: Callable[[Any], Any],
    jobs: Iterable[Any],
) -> Iterator[Any]:
    """As the pool's own ``map``, but nothing is cancelled when it is left early.

    To find some cancelled futures upsets the pool when its processes are killed.
    """
    with shield():
        futures = [pool.submit(function, job) for job in jobs]
    return (future.result() for future in futures)


def _begin(parent: int) -> None:
    """In each process: ctrl-C is the command's own to hear, whose end is also theirs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with(parent, signal.SIGKILL)


def _counted(result: BagResult, step: Callable[[int], None]) -> BagResult:
    step(1)
    return result
