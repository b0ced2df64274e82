"""A small residual network over pictures, for whatever comes as channels on a grid.

Plain 3 x 3 convolutions: on CPUs they train and run faster than depthwise-separable ones of equal
accuracy at these widths (measured; oneDNN and ONNX Runtime both), and batch normalisation folds
into them at export. He et al., "Deep residual learning", 2016; the shortcut averages instead of
skipping pixels, as in He et al., "Bag of tricks for image classification", 2019.

Notation: ``h, w`` height and width of the picture, ``c`` channels.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn
from torch import Tensor


def convolution(channels: int, filters: int, *, stride: int = 1) -> nn.Sequential:
    """3 x 3 convolution, batch normalisation and ReLU: ``[b, c, h, w]`` to filters."""
    return nn.Sequential(
        nn.Conv2d(channels, filters, 3, stride, 1, bias=False),
        nn.BatchNorm2d(filters),
        nn.ReLU(inplace=True),
    )


class ResidualBlock(nn.Module):
    """Two convolutions beside a shortcut: ``[b, c, h, w] -> [b, filters, h / s, w / s]``.

    :param channels: of the input.
    :param filters: of the output.
    :param stride: s, 1 or 2.
    """

    def __init__(self, channels: int, filters: int, stride: int) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            convolution(channels, filters, stride=stride),
            nn.Conv2d(filters, filters, 3, 1, 1, bias=False),
            last := nn.BatchNorm2d(filters),
        )
        nn.init.zeros_(last.weight)  # begins as its shortcut: deep ones learn from the first step
        shortcut: list[nn.Module] = []
        if stride > 1:
            shortcut.append(nn.AvgPool2d(stride, ceil_mode=True, count_include_pad=False))
        if channels != filters:
            shortcut += [nn.Conv2d(channels, filters, 1, bias=False), nn.BatchNorm2d(filters)]
        self.shortcut = nn.Sequential(*shortcut)
        self.activation = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """Add both ways."""
        result: Tensor = self.activation(self.convolutions(x) + self.shortcut(x))
        return result


class ResidualNetwork(nn.Sequential):
    """``[b, c, h, w] -> [b, widths[-1], h / 2^n, w / 2^n]``, n = number of widths.

    :param channels: c.
    :param widths: filters of each stage; the first one is a single convolution, the others are
        residual blocks; each halves height and width.
    :param blocks: residual blocks of each stage after the first.
    """

    def __init__(self, channels: int, widths: Sequence[int], *, blocks: int = 1) -> None:
        layers: list[nn.Module] = [convolution(channels, widths[0], stride=2)]
        for before, width in pairwise(widths):
            layers.append(ResidualBlock(before, width, 2))
            layers += [ResidualBlock(width, width, 1) for _ in range(blocks - 1)]
        super().__init__(*layers)


class PictureEncoder(nn.Module):
    """A residual network, its map's mean and maximum, and a head: ``[b, c, h, w] -> [b, d]``.

    :param network: the trunk, whose last map has ``f`` channels.
    :param head: ``[b, 2 f] -> [b, d]``.
    """

    def __init__(self, network: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.head = head

    def forward(self, pictures: Tensor) -> Tensor:
        """Embed pictures of any size the strides allow."""
        cells = self.network(pictures).flatten(2)  # [b, width, h * w]
        embedding: Tensor = self.head(torch.cat([cells.mean(dim=2), cells.amax(dim=2)], dim=1))
        return embedding
