"""A ConSE teacher of tiny parts: a network of one convolution, eight nouns, few words."""

from __future__ import annotations

import numpy as np
import tiny_text_model

from omnibind_core.inference.text_encoder import TextEncoder
from omnibind_core.models.teachers.conse import ConSE
from omnibind_core.models.teachers.conse import ConSEOptions
from omnibind_core.models.teachers.whitening import fit_whitening

NOUNS = (
    'cup',
    'sofa',
    'a cup',
    'a sofa',
    'large cup',
    'large sofa thing',
    'photo of text',
    'a photo of a thing',
)
FEATURES = 5
DIMENSION = 4


def make(
    *, nouns: int = 3, temperature: float = 1.0, seed: int = 0, dimension: int = DIMENSION
) -> ConSE:
    """The teacher."""
    import torch

    options = ConSEOptions(nouns=nouns, temperature=temperature, dimension=dimension)
    model, tokenizer = tiny_text_model.model(), tiny_text_model.tokenizer()
    plain = TextEncoder(model, tokenizer)
    vectors = plain.sentences(NOUNS)
    random = np.random.default_rng(seed)
    torch.manual_seed(seed)
    network = torch.nn.Conv2d(3, FEATURES, 32, stride=32).eval().requires_grad_(False)
    return ConSE(
        options,
        network=network,
        image_digest=f'tiny {seed}',
        weight=random.normal(0.0, 2.0, (len(NOUNS), FEATURES)).astype(np.float32),
        bias=random.normal(0.0, 1.0, len(NOUNS)).astype(np.float32),
        nouns=vectors,
        text=plain.with_projection(fit_whitening(vectors, dimension=dimension, shrinkage=0.5)),
    )
