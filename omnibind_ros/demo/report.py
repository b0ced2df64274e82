"""The report at the end: the bag offline, and beside it what was just seen live."""

from __future__ import annotations

from collections.abc import Sequence
import time
from typing import Any

from omnibind_core.configuration.robot import Robot
from omnibind_core.data.atomic_file import write_atomically
from omnibind_core.demo.display import Display
from omnibind_core.demo.outcome import LIVE
from omnibind_core.demo.story import Story
from omnibind_core.evaluation.bag.answers import Answer
from omnibind_core.evaluation.bag.document import answers_document
from omnibind_core.evaluation.bag.document import text_of
from omnibind_core.evaluation.bag.truth import Truth
from omnibind_core.evaluation.report.bag_report import bag_report
from omnibind_ros.bag_evaluation import options as evaluation
from omnibind_ros.bag_evaluation.run import evaluated
from omnibind_ros.bag_evaluation.run import gathered
from omnibind_ros.demo.options import Options
from omnibind_ros.stage.interrupts import Interrupts

REPORT = 'report.html'
FIGURES = 'figures.json'


def write_report(
    options: Options,
    robot: Robot,
    answers: Sequence[Answer],
    truth: Truth | None,
    display: Display,
    story: Story,
    interrupts: Interrupts,
) -> dict[str, Any]:
    """Evaluate the bag as `omnibind evaluate bag` does, and write page and figures.

    :param answers: what was said live.
    :param truth: as far as it was heard.
    :returns: the document of the figures.
    """
    steps = len(robot.encoders) + 1
    done = 0

    def step(count: int) -> None:
        nonlocal done
        done += count
        if display.in_place:
            display.show(story.view(f'evaluating the bag offline: {done} of {steps} steps'))

    began = time.perf_counter()
    results = evaluated(
        [options.bag],
        evaluation.Options(bundle=options.bundle, robot=robot, pictures=True),
        step=step,
        shield=interrupts.shielded,
    )
    document = results[0].document
    document.setdefault('recorded', {})[LIVE] = answers_document(answers, truth)
    found = gathered(results, time.perf_counter() - began)
    drawn = [result for result in results if result.answers]
    write_atomically(options.out / REPORT, bag_report(found, drawn))
    write_atomically(options.out / FIGURES, text_of(found))
    return found
