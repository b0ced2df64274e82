"""Figures of relations, against hand computation."""

from __future__ import annotations

import numpy as np
import pytest

from omnibind_core.inference.projection import unit
from omnibind_core.training.relation_statistics import effective_rank
from omnibind_core.training.relation_statistics import relation_statistics
from omnibind_core.training.relation_statistics import relations_of
from omnibind_core.training.teacher_vectors import TeacherVectors


def test_effective_rank_by_hand() -> None:
    """Between one and the rank; of two equal and one half singular value by the formula."""
    turned = np.linalg.qr(np.random.default_rng(0).normal(0, 1, (6, 6)))[0]
    assert effective_rank(np.ones((4, 5))) == pytest.approx(1.0)
    assert effective_rank(turned) == pytest.approx(6.0)
    shares = np.array([0.4, 0.4, 0.2])
    wanted = np.exp(-(shares * np.log(shares)).sum())
    mixed = turned[:, :3] @ np.diag([2.0, 2.0, 1.0]) @ turned[:3]
    assert effective_rank(mixed) == pytest.approx(wanted)
    assert effective_rank(np.zeros((3, 3))) == 0.0


def test_statistics_by_hand() -> None:
    """Relations of one instance's views do not count."""
    first = np.array([[1.0, 0.0], [1.0, 0.0], [0.6, 0.8], [0.0, 1.0]], np.float32)
    labels, instances = np.array([0, 0, 0, 1]), np.array([7, 7, 8, 9])
    found = relation_statistics(first, first, labels, instances)
    # (0,2) .6, (0,3) 0, (1,2) .6, (1,3) 0, (2,3) .8, each twice
    others = [0.6, 0.0, 0.6, 0.0, 0.8]
    assert found.mean == pytest.approx(np.mean(others))
    assert found.deviation == pytest.approx(np.std(others))
    # pairs of different instances in one class: (0,2), (2,0), (1,2), (2,1), of ten
    assert found.class_share == pytest.approx(0.4)


def test_prompts_alone_have_the_rank_of_the_classes() -> None:
    """Captions of instances have more to say; that is what they are for."""
    random = np.random.default_rng(0)
    labels = np.repeat(np.arange(3), 20)
    vectors = TeacherVectors(
        space='s',
        teacher='t',
        classes=('a', 'b', 'c'),
        instances=tuple(f'thing {row // 2}' for row in range(60)),
        view=np.arange(60) % 2,
        label=labels,
        image=unit(random.normal(0, 1, (60, 16))),
        caption=unit(random.normal(0, 1, (60, 16))),
        labels=unit(random.normal(0, 1, (3, 16))),
        own_image=np.ones(60, np.bool_),
        own_caption=np.ones(60, np.bool_),
    )
    found = relations_of(vectors, np.arange(60))
    assert found['image-label'].effective_rank <= 3.0
    assert found['label-label'].effective_rank <= 3.0
    assert found['label-label'].class_share == 1.0
    assert found['image-caption'].effective_rank > 6.0
    some = relations_of(vectors, np.arange(0, 60, 2))
    assert some['caption-caption'] != found['caption-caption']
