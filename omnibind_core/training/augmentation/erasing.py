"""A rectangle of each picture is blotted out (Zhong et al., "Random erasing", 2020).

Notation: ``b`` pictures, ``c`` channels, ``h, w`` height and width.
"""

from __future__ import annotations

import torch
from torch import Tensor

from omnibind_core.training.augmentation.draws import happens
from omnibind_core.training.augmentation.draws import over
from omnibind_core.training.augmentation.draws import uniform


def erased(pictures: Tensor, probability: float, largest: float, random: torch.Generator) -> Tensor:
    """Pictures with a rectangle set to one value, some of them, ``[b, c, h, w]``.

    :param probability: for each picture.
    :param largest: longest side of the rectangle as a share of the picture's; shortest is 0.1.
    """
    count, _, height, width = pictures.shape
    inside = _span(height, largest, count, random)[:, None, :, None]
    inside = inside & _span(width, largest, count, random)[:, None, None, :]
    inside = inside & over(happens(probability, count, random), pictures)
    # the mean of another picture: a value that occurs
    value = pictures.mean(dim=(2, 3)).roll(1, dims=0)[:, :, None, None]
    return torch.where(inside, value, pictures)


def _span(size: int, largest: float, count: int, random: torch.Generator) -> Tensor:
    """Bool ``[b, size]``: a stretch of drawn length at a drawn place."""
    length = uniform(0.1, max(largest, 0.1), count, random) * size
    start = uniform(0.0, 1.0, count, random) * (size - length)
    places = torch.arange(size) + 0.5
    return (places >= start[:, None]) & (places < (start + length)[:, None])
