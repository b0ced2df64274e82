"""Deformed and recoloured copies of things, so that students see more shapes than there are models.

Household instances are few. A copy has other proportions (each axis stretched by itself), is
tapered and twisted along its height, bent sideways by long waves, sometimes mirrored, and each of
its materials has another hue, saturation and brightness. The substances stay. Copies are for the
student fold only, never for validation or test.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace
import math

import numpy as np
from numpy.typing import NDArray

from omnibind_core.configuration.option import option
from omnibind_core.simulation.mesh import Material
from omnibind_core.simulation.mesh import Mesh


@dataclass(frozen=True, kw_only=True)
class Deformation:
    """How much a copy may differ; everything is drawn evenly up to these."""

    stretch: float = option(
        0.2, 'Largest change of each axis, on a logarithmic scale.', minimum=0.0, maximum=0.5
    )
    taper: float = option(
        0.15, 'How much wider or narrower the top is than the middle.', minimum=0.0, maximum=0.5
    )
    twist: float = option(
        8.0, 'Turn of the top against the middle.', unit='degrees', minimum=0.0, maximum=45.0
    )
    bend: float = option(
        0.06,
        'Largest sideways shift by long waves, as a share of half the diagonal. Feet stay on the '
        'floor.',
        minimum=0.0,
        maximum=0.2,
    )
    mirror: float = option(0.5, 'Chance to be mirrored left to right.', minimum=0.0, maximum=1.0)
    hue: float = option(
        180.0, 'Largest turn of the hue of a material.', unit='degrees', minimum=0.0, maximum=180.0
    )
    saturation: float = option(
        0.4, 'Largest relative change of the saturation.', minimum=0.0, maximum=1.0
    )
    brightness: float = option(
        0.3, 'Largest relative change of the brightness.', minimum=0.0, maximum=0.9
    )


def deformed(mesh: Mesh, settings: Deformation, random: np.random.Generator) -> Mesh:
    """A copy of a mesh with another shape and other colours.

    :param mesh: stands on z = 0, centred in x and y; so does the copy.
    :param settings: how much it may differ.
    :param random: the only source of chance.
    """
    shape = _Shape.draw(mesh, settings, random)
    waves = _Waves.draw(mesh, settings, random)
    vertices = waves.moved(shape.moved(mesh.vertices.astype(np.float64)))
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    vertices -= [(low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0, low[2]]
    corners = mesh.triangles.astype(np.float64)
    normals = shape.turned(corners, mesh.normals.astype(np.float64))
    normals = waves.turned(shape.moved(corners), normals)
    faces, uv = mesh.faces, mesh.uv
    if shape.scale[0] < 0.0:  # a mirrored triangle is seen from behind: turn it over
        faces, normals, uv = faces[:, ::-1], normals[:, ::-1], uv[:, ::-1]
    return Mesh(
        name=mesh.name,
        vertices=vertices.astype(np.float32),
        faces=np.ascontiguousarray(faces),
        normals=np.ascontiguousarray(normals, np.float32),
        uv=np.ascontiguousarray(uv),
        material=mesh.material,
        materials=tuple(_recoloured(material, settings, random) for material in mesh.materials),
        warnings=mesh.warnings,
    )


def colour_matrix(hue: float, saturation: float, brightness: float) -> NDArray[np.float64]:
    """Turn of the hue about the grey axis, with saturation and brightness, ``[3, 3]``.

    Grey keeps its hue; with ``saturation`` 1 and ``brightness`` 1 lengths stay.

    :param hue: degrees.
    :param saturation: factor of the distance from grey.
    :param brightness: factor of everything.
    """
    axis = np.full(3, 1.0 / math.sqrt(3.0))
    cross = np.array([[0.0, -axis[2], axis[1]], [axis[2], 0.0, -axis[0]], [-axis[1], axis[0], 0.0]])
    angle = math.radians(hue)
    grey = np.outer(axis, axis)
    # Rodrigues' formula, its parts across the axis scaled by the saturation
    across = math.cos(angle) * (np.eye(3) - grey) + math.sin(angle) * cross
    return np.asarray(brightness * (grey + saturation * across), np.float64)


@dataclass(frozen=True)
class _Shape:
    """``(x, y, z) -> (turn by twist * h) (sx t x, sy t y, sz z)``, t = 1 + taper * h, h = -1..1."""

    scale: tuple[float, float, float]
    taper: float
    twist: float
    middle: float
    half: float

    @classmethod
    def draw(cls, mesh: Mesh, settings: Deformation, random: np.random.Generator) -> _Shape:
        x, y, z = np.exp(random.uniform(-settings.stretch, settings.stretch, 3)).tolist()
        mirrored = random.random() < settings.mirror
        low, high = (float(value) for value in mesh.bounds[:, 2])
        return cls(
            scale=(-x if mirrored else x, y, z),
            taper=float(random.uniform(-settings.taper, settings.taper)),
            twist=math.radians(float(random.uniform(-settings.twist, settings.twist))),
            middle=(low + high) / 2.0,
            half=max((high - low) / 2.0, 1e-6),
        )

    def moved(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where points ``[..., 3]`` go."""
        height = (points[..., 2] - self.middle) / self.half
        wide = 1.0 + self.taper * height
        x, y = self.scale[0] * wide * points[..., 0], self.scale[1] * wide * points[..., 1]
        cos, sin = np.cos(self.twist * height), np.sin(self.twist * height)
        return np.stack([cos * x - sin * y, sin * x + cos * y, self.scale[2] * points[..., 2]], -1)

    def turned(
        self, points: NDArray[np.float64], normals: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Unit normals after the change, by the derivative's inverse transpose, ``[..., 3]``."""
        height = (points[..., 2] - self.middle) / self.half
        wide = 1.0 + self.taper * height
        cos, sin = np.cos(self.twist * height), np.sin(self.twist * height)
        sx, sy, sz = self.scale
        x, y = sx * wide * points[..., 0], sy * wide * points[..., 1]
        # how the tapered x and y, and the angle, grow with z
        dx, dy = sx * self.taper * points[..., 0], sy * self.taper * points[..., 1]
        first = np.stack(
            [
                cos * sx * wide,
                -sin * sy * wide,
                (cos * dx - sin * dy - self.twist * (sin * x + cos * y)) / self.half,
            ],
            axis=-1,
        )
        second = np.stack(
            [
                sin * sx * wide,
                cos * sy * wide,
                (sin * dx + cos * dy + self.twist * (cos * x - sin * y)) / self.half,
            ],
            axis=-1,
        )
        third = np.broadcast_to(np.array([0.0, 0.0, sz]), first.shape)
        cofactors = np.stack(
            [np.cross(second, third), np.cross(third, first), np.cross(first, second)], axis=-2
        )
        result = np.einsum('...ij,...j->...i', cofactors, normals) * np.sign(sx)
        length = np.linalg.norm(result, axis=-1, keepdims=True)
        return np.asarray(result / np.maximum(length, 1e-300), np.float64)


@dataclass(frozen=True, eq=False)
class _Waves:
    """``p -> p + sum of d sin(k . p + phase)``, all ``d`` horizontal.

    :param shift: ``d`` of each wave, metres, ``[n, 3]``.
    :param number: ``k`` of each wave, radians a metre, ``[n, 3]``.
    :param phase: radians, ``[n]``.
    """

    shift: NDArray[np.float64]
    number: NDArray[np.float64]
    phase: NDArray[np.float64]

    @classmethod
    def draw(cls, mesh: Mesh, settings: Deformation, random: np.random.Generator) -> _Waves:
        """Three waves longer than the thing; they never fold it, at ``bend`` 0.2 either."""
        reach = max(float(np.linalg.norm(mesh.size)) / 2.0, 1e-6)
        turn = random.uniform(0.0, 2.0 * math.pi, 3)
        size = random.uniform(0.0, settings.bend / 3.0, 3) * reach
        shift = np.stack([size * np.cos(turn), size * np.sin(turn), np.zeros(3)], axis=1)
        number = random.standard_normal((3, 3))
        number *= random.uniform(1.0, 3.0, (3, 1)) / np.linalg.norm(number, axis=1, keepdims=True)
        return cls(shift, number / reach, random.uniform(0.0, 2.0 * math.pi, 3))

    def moved(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where points ``[..., 3]`` go."""
        return np.asarray(points + np.sin(self._angle(points)) @ self.shift, np.float64)

    def turned(
        self, points: NDArray[np.float64], normals: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Unit normals after the change, ``[..., 3]``; ``points`` before it."""
        slope = np.einsum('...n,ni,nj->...ij', np.cos(self._angle(points)), self.shift, self.number)
        first, second, third = np.moveaxis(slope + np.eye(3), -2, 0)
        cofactors = np.stack(
            [np.cross(second, third), np.cross(third, first), np.cross(first, second)], axis=-2
        )
        result = np.einsum('...ij,...j->...i', cofactors, normals)
        length = np.linalg.norm(result, axis=-1, keepdims=True)
        return np.asarray(result / np.maximum(length, 1e-300), np.float64)

    def _angle(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(points @ self.number.T + self.phase, np.float64)


def _recoloured(material: Material, settings: Deformation, random: np.random.Generator) -> Material:
    matrix = colour_matrix(
        random.uniform(-settings.hue, settings.hue),
        1.0 + random.uniform(-settings.saturation, settings.saturation),
        1.0 + random.uniform(-settings.brightness, settings.brightness),
    )
    red, green, blue = np.clip(matrix @ np.array(material.diffuse), 0.0, 1.0).tolist()
    texture = material.texture
    if texture is not None:
        from PIL import Image

        rows = [value for row in matrix.tolist() for value in (*row, 0.0)]
        picture = Image.fromarray(texture).convert('RGB', tuple(rows))
        texture = np.asarray(picture, np.uint8)
    return replace(material, diffuse=(red, green, blue), texture=texture)
