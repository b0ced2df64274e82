"""How often two series of answers about one bag say the same, live and offline for example."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

from omnibind_core.evaluation.bag.answers import Answer
from omnibind_core.evaluation.bag.details import ABSTAINED
from omnibind_core.evaluation.bag.score import sampled
from omnibind_core.evaluation.bag.score import share
from omnibind_core.evaluation.bag.truth import NOTHING
from omnibind_core.evaluation.bag.truth import Truth


def agreement(
    live: Sequence[Answer],
    offline: Sequence[Answer],
    truth: Truth,
    cause_of: Callable[[Answer | None, Answer | None], str],
) -> dict[str, Any]:
    """Top-1 of both, ten times a second of known truth; abstaining is a class, silence abstains.

    :param live: in the order of their stamps; ``offline`` likewise.
    :param cause_of: why two answers that stand at one moment say different things.
    :return: ``agreement`` of all samples, beside it that at things, at nothing, and right of both;
        ``differences`` by cause, and what was said instead of what.
    """
    pairs = [
        (true, one, other)
        for (_, true, one), (_, _, other) in zip(
            sampled(live, truth), sampled(offline, truth), strict=True
        )
    ]
    different = [(one, other) for _, one, other in pairs if said(one) != said(other)]
    swapped = Counter(f'{said(one)} -> {said(other)}' for one, other in different)
    causes = Counter(cause_of(one, other) for one, other in different)
    return {
        'samples': len(pairs),
        'agreement': share(len(pairs) - len(different), len(pairs)),
        'at_things': _same([pair for pair in pairs if pair[0] != NOTHING]),
        'at_nothing': _same([pair for pair in pairs if pair[0] == NOTHING]),
        'right_live': share(sum(_right(true, one) for true, one, _ in pairs), len(pairs)),
        'right_offline': share(sum(_right(true, one) for true, _, one in pairs), len(pairs)),
        'one_abstains': sum(ABSTAINED in (said(one), said(other)) for one, other in different),
        'differences': dict(causes.most_common()),
        'live_said_offline_said': dict(swapped.most_common(12)),
    }


def said(answer: Answer | None) -> str:
    """The class that an answer stands by; abstention is one, and so is silence."""
    return (answer.says if answer is not None else '') or ABSTAINED


def _same(pairs: Sequence[tuple[str, Answer | None, Answer | None]]) -> float | None:
    return share(sum(said(one) == said(other) for _, one, other in pairs), len(pairs))


def _right(true: str, answer: Answer | None) -> bool:
    return said(answer) == (true or ABSTAINED)
