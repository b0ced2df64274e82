from __future__ import annotations

from typing import Any

import numpy as np
import torch

from omnibind_core.models.adaptive_fusion import AdaptiveFusion
from omnibind_core.models.evidence import EVIDENCE
from omnibind_core.models.evidence import SET_EVIDENCE

D = 8


def found() -> Any:
    """Evidence about four tokens: two of one modality, one of another, one masked."""
    random = np.random.default_rng(5)
    vectors = random.normal(size=(4, D))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    labels = np.linalg.qr(random.normal(size=(D, D)))[0][:5]
    temperatures = (0.3, 0.5)
    model = AdaptiveFusion(modalities=('a', 'b'), dimension=D, temperatures=temperatures).double()
    model.health[:2] = torch.from_numpy(random.normal(size=(2, D)))
    model.health_offset[:2] = torch.tensor([0.25, -0.5])
    kinds = np.array([0, 1, 0, 1])
    age = np.array([0.0, 0.7, 9.0, 0.3])
    with torch.no_grad():
        got = model.fuse(
            torch.from_numpy(vectors[None]),
            torch.from_numpy(kinds[None]),
            torch.tensor([[True, True, True, False]]),
            torch.from_numpy(age[None]),
            torch.from_numpy(labels),
        ).evidence
    return got, vectors, labels, np.array(temperatures)[kinds], age, model


def entropy(p: np.ndarray) -> float:
    return float(-(p * np.log(p)).sum())


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max())
    result: np.ndarray = e / e.sum()
    return result


def test_evidence_about_tokens() -> None:
    got, vectors, labels, temperatures, age, model = found()
    logits = vectors @ labels.T / temperatures[:, None]
    p = np.array([softmax(row) for row in logits])
    say = np.array([1 / 1.5, 1.0, 1 / 1.5])  # two of a kind, kinship 0.5
    others = {  # of other modalities only
        0: softmax(say[1] * logits[1]),
        1: softmax(say[0] * logits[0] + say[2] * logits[2]),
        2: softmax(say[1] * logits[1]),
    }
    rivals = {0: [1], 1: [0, 2], 2: [1]}
    for token in range(3):
        ordered = np.sort(p[token])[::-1]
        q = others[token]
        overlap = float((p[token] * q).sum())
        wanted = {
            'entropy': entropy(p[token]) / np.log(5),
            'margin': ordered[0] - ordered[1],
            'top': ordered[0],
            'strength': (vectors[token] @ labels.T).max(),
            'agreement': np.log(5 * overlap) / np.log(5),
            'overlap': overlap,
            'top_of_others': q.max(),
            'entropy_of_others': entropy(q) / np.log(5),
            'lead': ordered[0] - max(p[other].max() for other in rivals[token]),
            'cosine': np.mean([vectors[token] @ vectors[other] for other in rivals[token]]),
            'modalities': np.log(2),
            'alone': 0.0,
            'copies': np.log([2, 1, 2][token]),
            'age': np.log1p(min(age[token], 5.0)),
            'health': float(
                vectors[token] @ model.health[[0, 1, 0][token]].numpy() + [0.25, -0.5, 0.25][token]
            ),
        }
        assert set(wanted) == set(EVIDENCE)
        values = got.tokens[0, token].numpy()
        for name, value in zip(EVIDENCE, values, strict=True):
            np.testing.assert_allclose(value, wanted[name], atol=1e-6, err_msg=name)
    np.testing.assert_array_equal(got.tokens[0, 3], np.zeros(len(EVIDENCE)))


def test_evidence_about_the_set() -> None:
    got, vectors, labels, temperatures, _, _ = found()
    logits = (vectors @ labels.T / temperatures[:, None])[:3]
    p = np.array([softmax(row) for row in logits])
    joint = softmax((np.array([1 / 1.5, 1.0, 1 / 1.5])[:, None] * logits).sum(0))
    share = np.array([0.25, 0.5, 0.25])  # evenly over the two modalities
    linear = share @ p
    wanted = {
        'modalities': np.log(2),
        'best': p.max(),
        'mean': share @ p.max(1),
        'top': joint.max(),
        'entropy': entropy(joint) / np.log(5),
        'conflict': (entropy(linear) - share @ [entropy(row) for row in p]) / np.log(5),
        'overlap': float((joint * linear).sum()),
    }
    assert set(wanted) == set(SET_EVIDENCE)
    for name, value in zip(SET_EVIDENCE, got.whole[0].numpy(), strict=True):
        np.testing.assert_allclose(value, wanted[name], atol=1e-6, err_msg=name)
