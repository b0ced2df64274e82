"""Which truth a bag is judged by: what was asked for, or the topic that is named so."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from omnibind_core.data.bag_source import BagTopic
from omnibind_core.evaluation.bag.truth import read_truth
from omnibind_core.evaluation.bag.truth import Truth
from omnibind_ros.bag_evaluation.recorded import CLASSIFICATION
from omnibind_ros.bag_evaluation.recorded import truth_in

NO_TRUTH = (
    'no truth: the bag has no topic named truth of vision_msgs/Classification; give '
    '--truth TOPIC or --truth FILE.csv, or nothing can be called right or wrong'
)


def chosen_truth(
    path: Path, given: str, topics: Mapping[str, BagTopic], *, begin: int
) -> tuple[Truth | None, str]:
    """The truth, if there is one, and a sentence when something is wrong with it.

    :param path: of the bag.
    :param given: a CSV file or a topic; empty: a topic named ``truth``.
    :param topics: of the bag.
    :param begin: bag time of its first message, ns.
    :raises BagReadError: the bag cannot be read, or has no such topic.
    :raises TruthError: what was given holds no truth.
    """
    if given.endswith('.csv'):
        return read_truth(Path(given), begin=begin), ''
    named = truth_topics(topics)
    if given or named:
        return truth_in(path, given or named[0])
    return None, NO_TRUTH


def truth_topics(topics: Mapping[str, BagTopic]) -> list[str]:
    """Those that tell what is there: named ``truth``, and of the type for it."""
    return [
        name
        for name, topic in topics.items()
        if topic.message == CLASSIFICATION and name.rsplit('/', 1)[-1] == 'truth'
    ]
