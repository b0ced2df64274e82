"""A pinhole camera: rays through its pixels, and points projected onto them.

Camera axes as in computer vision: x right, y down, z forward. Pixel (0, 0) is the upper left one;
its centre lies at (0.5, 0.5). Notation: ``h, w`` picture height and width, ``n`` points.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
import math

import numpy as np
from numpy.typing import ArrayLike
from numpy.typing import NDArray

from omnibind_core.errors import InputError

Vector = tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class Camera:
    """A pinhole camera with square pixels and its principal point in the middle.

    :param width: pixels.
    :param height: pixels.
    :param fov: full horizontal angle of view, degrees, between 0 and 180.
    :param position: of the pinhole, metres.
    :param target: point that appears in the middle, metres.
    :param up: direction that appears upwards.
    """

    width: int
    height: int
    fov: float
    position: Vector
    target: Vector = (0.0, 0.0, 0.0)
    up: Vector = (0.0, 0.0, 1.0)

    def __post_init__(self) -> None:
        if not (1 <= self.width <= 16384 and 1 <= self.height <= 16384):
            raise InputError('camera', f'{self.width} x {self.height}', '1 to 16384 pixels a side')
        if not 0.0 < self.fov < 180.0:
            raise InputError('camera.fov', self.fov, 'more than 0 and less than 180 degrees')
        forward = np.subtract(self.target, self.position)
        across = np.cross(forward, self.up)
        size = np.linalg.norm(forward) * np.linalg.norm(self.up)
        if not np.linalg.norm(across) > 1e-9 * size > 0.0:
            raise InputError(
                'camera',
                f'position {self.position}, target {self.target}, up {self.up}',
                'a target away from the position, and an up not along the view',
            )

    @property
    def focal_length(self) -> float:
        """Focal length in pixels."""
        return self.width / 2.0 / math.tan(math.radians(self.fov) / 2.0)

    @cached_property
    def rotation(self) -> NDArray[np.float64]:
        """World to camera, float64 ``[3, 3]``: its rows are the camera's axes in the world."""
        forward = np.subtract(self.target, self.position).astype(np.float64)
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, self.up)
        right /= np.linalg.norm(right)
        return np.stack([right, np.cross(forward, right), forward])

    def rays(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Rays through the pixels' centres, row by row.

        :returns: origins and unit directions, float32 ``[h * w, 3]`` each.
        """
        x = (np.arange(self.width) + 0.5 - self.width / 2.0) / self.focal_length
        y = (np.arange(self.height) + 0.5 - self.height / 2.0) / self.focal_length
        grid = np.empty((self.height, self.width, 3))
        grid[..., 0], grid[..., 1], grid[..., 2] = x, y[:, None], 1.0
        directions = grid.reshape(-1, 3) @ self.rotation
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        origins = np.broadcast_to(np.asarray(self.position, np.float32), directions.shape)
        return origins, directions.astype(np.float32)

    def project(self, points: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where points appear.

        :param points: ``[n, 3]``, metres.
        :returns: pixel coordinates ``[n, 2]`` (x, y; not finite for points in the pinhole's plane),
            and depth along the optical axis ``[n]``, negative behind the camera.
        """
        given = np.asarray(points, np.float64)
        if given.ndim != 2 or given.shape[1] != 3:
            raise InputError('points', given.shape, '[points, 3]')
        seen = (given - np.asarray(self.position)) @ self.rotation.T
        depth = seen[:, 2]
        with np.errstate(divide='ignore', invalid='ignore'):
            image = seen[:, :2] / depth[:, None] * self.focal_length
        return image + np.array([self.width / 2.0, self.height / 2.0]), depth


def orbit(
    *,
    target: Vector,
    distance: float,
    azimuth: float,
    elevation: float,
) -> Vector:
    """A camera position on a sphere around a point.

    :param target: centre of the sphere.
    :param distance: its radius.
    :param azimuth: degrees; 0 looks at the front (from -y), growing towards +x.
    :param elevation: degrees above the horizon.
    """
    around, above = math.radians(azimuth), math.radians(elevation)
    return (
        target[0] + distance * math.cos(above) * math.sin(around),
        target[1] - distance * math.cos(above) * math.cos(around),
        target[2] + distance * math.sin(above),
    )


def frame(
    points: ArrayLike,
    *,
    width: int,
    height: int,
    fov: float,
    azimuth: float,
    elevation: float,
    margin: float = 1.05,
) -> Camera:
    """The nearest camera of a direction that has all points in its picture.

    :param points: ``[n, 3]``, at least one; the camera aims at the middle of their bounding box.
    :param width: pixels.
    :param height: pixels.
    :param fov: horizontal angle of view, degrees.
    :param azimuth: as in :func:`orbit`.
    :param elevation: as in :func:`orbit`, strictly between -90 and 90.
    :param margin: 1 = the points touch the picture's border; larger leaves room.
    """
    given = np.asarray(points, np.float64)
    low, high = given.min(axis=0), given.max(axis=0)
    x, y, z = ((low + high) / 2.0).tolist()
    reach = max(float(np.linalg.norm(high - low)), 1e-6)

    def at(distance: float) -> Camera:
        position = orbit(target=(x, y, z), distance=distance, azimuth=azimuth, elevation=elevation)
        return Camera(width=width, height=height, fov=fov, position=position, target=(x, y, z))

    # A point at (u, v, w) from the target, in camera axes, appears at u / (w + distance).
    seen = (given - np.array([x, y, z])) @ at(reach).rotation.T
    across = math.tan(math.radians(fov) / 2.0) / margin
    down = across * height / width
    need = np.maximum(np.abs(seen[:, 0]) / across, np.abs(seen[:, 1]) / down) - seen[:, 2]
    return at(max(float(need.max()), float(-seen[:, 2].min()) + 0.01 * reach))
