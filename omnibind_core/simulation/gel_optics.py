"""What the camera behind a tactile gel sees: Taxim's model with its measured calibration.

Si & Yuan, "Taxim: an example-based simulation model for GelSight tactile sensors", RA-L 2022. The
calibration of a real GelSight comes from the installed package ``taxim`` (T. Schneider's
implementation, MIT licence, version 1.4.1), at run time: a table of polynomials of the pixel's
place, one for each slope and direction of the gel's surface, fitted to real presses; the gel's
shape; and a real picture of the untouched gel. (The package's second calibration, of a GelSight
Mini, is left out: where its gel is flat, directions are noise.) Only that data is read, so neither
of ``taxim``'s back ends (JAX, torch) is needed; the steps are those of
``taxim.Taxim.render(..., with_shadow=False)`` and so are the numbers. Without shadows because their
table is a pickle.

Heights are in millimetres above the camera's side: 0 is the untouched gel's highest point, what is
pressed in is negative. Notation: ``h, w`` picture height and width.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnibind_core.errors import InputError
from omnibind_core.errors import UnavailableError

_FLOAT = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class GelOptics:
    """One fingertip's calibration at one picture size; make it with :func:`gel_optics`.

    :param pitch: millimetres from pixel to pixel across and down, ``(x, y)``.
    :param gel: float32 ``[h, w]``, the untouched gel's surface, mm; its highest point is near 0.
    :param picture: float32 ``[h, w, 3]`` RGB, 0..1: what the polynomials are added to.
    """

    pitch: tuple[float, float]
    gel: _FLOAT
    picture: _FLOAT
    _table: _FLOAT  # [slope, direction, 6 features, 3 colours]
    _features: _FLOAT  # [h, w, 6]
    _blurs: tuple[tuple[_FLOAT, _FLOAT], ...]  # pyramid, then the last one
    _contact_scale: float
    _slope_scale: tuple[float, float]

    @property
    def shape(self) -> tuple[int, int]:
        """Picture height and width."""
        return self.gel.shape[0], self.gel.shape[1]

    def deformed(self, surface: _FLOAT) -> _FLOAT:
        """The gel's surface when a rigid surface is where it is.

        Taxim's approximation of the soft body: a pyramid of Gaussian filters that leaves firm
        contact in place.

        :param surface: ``[h, w]``, mm; below :attr:`gel` it presses.
        :raises InputError: another shape, or values that are not finite.
        """
        if surface.shape != self.shape or not np.isfinite(surface).all():
            raise InputError('surface', surface.shape, f'finite heights, {list(self.shape)}')
        joined = np.minimum(surface, self.gel).astype(np.float32)
        firm = (joined - self.gel < surface.min() * self._contact_scale) & (surface < 0.0)
        result = joined
        for down, across in self._blurs[:-1]:
            result = np.where(firm, joined, down @ result @ across)
        down, across = self._blurs[-1]
        return np.asarray(down @ result @ across, np.float32)

    def light(self, deformed: _FLOAT) -> _FLOAT:
        """The picture of a gel's surface, float32 ``[h, w, 3]`` RGB; 0..1 but for the ends.

        :param deformed: ``[h, w]``, mm, as :meth:`deformed` gives.
        """
        down = (deformed[:-2, 1:-1] - deformed[2:, 1:-1]) * np.float32(self._slope_scale[0])
        across = (deformed[1:-1, :-2] - deformed[1:-1, 2:]) * np.float32(self._slope_scale[1])
        bins = self._table.shape[0] - 1
        slope = np.arctan(np.hypot(down, across)) * np.float32(2.0 * bins / np.pi)
        turn = (np.arctan2(down, across) + np.float32(np.pi)) * np.float32(bins / (2.0 * np.pi))
        # A flat spot has no direction; its bin is that of direction 0.
        row = np.pad(np.clip(slope.astype(np.intp), 0, bins), 1, 'edge')
        column = np.pad(np.clip(turn.astype(np.intp), 0, bins), 1, 'edge')
        polynomials = self._table[row, column]
        return np.asarray(
            np.einsum('hwf,hwfc->hwc', self._features, polynomials) + self.picture, np.float32
        )


@lru_cache(maxsize=4)
def gel_optics(width: int, height: int) -> GelOptics:
    """The fingertip's calibration at a picture size; it is read once and kept.

    :param width: 32 to 640 px.
    :param height: 24 to 480 px; the pad is 18.9 mm wide and 14.2 mm high whatever the picture.
    :raises InputError: another size.
    :raises UnavailableError: ``taxim`` is not installed, or is another version's.
    """
    if not (32 <= width <= 640 and 24 <= height <= 480):
        raise InputError('size', f'{width} x {height}', '32 x 24 to 640 x 480')
    folder = _folder()
    try:
        settings = json.loads((folder / 'params.json').read_text())
        with np.load(folder / 'polycalib.npz', allow_pickle=False) as file:
            # The files are named in the camera's order, blue first.
            table = np.stack([file['grad_b'], file['grad_g'], file['grad_r']], axis=-1)
        gel = np.load(folder / 'gelmap.npy', allow_pickle=False).astype(np.float64)
        with np.load(folder / 'dataPack.npz', allow_pickle=False) as file:
            untouched = file['f0'][..., ::-1].astype(np.float64) / 255.0
        return _assemble(settings, table, gel, untouched, (height, width))
    except (OSError, KeyError, ValueError) as error:
        raise UnavailableError(
            f'the calibration in {folder} is not that of taxim 1.4.1 ({error}); install that one'
        ) from None


def _folder() -> Path:
    found = importlib.util.find_spec('taxim')
    if found is None or not found.submodule_search_locations:
        raise UnavailableError(
            'simulating touch needs the package taxim 1.4.1 (its calibration, none of its '
            'dependencies); install "omnibind[simulate]"'
        )
    return Path(found.submodule_search_locations[0]) / 'calib' / 'gelsight'


def _assemble(
    settings: Mapping[str, Mapping[str, Any]],
    table: NDArray[np.float64],
    gel: NDArray[np.float64],
    untouched: NDArray[np.float64],
    shape: tuple[int, int],
) -> GelOptics:
    simulator, sensor = settings['simulator'], settings['sensor']
    full = gel.shape
    millimetres = float(sensor['pixmm'])

    def blur(name: str, size: tuple[int, int]) -> list[tuple[_FLOAT, _FLOAT]]:
        """Matrices for the rows and the columns, for each sigma of a setting."""
        across, down = np.asarray(simulator[name], np.float64).reshape(2, -1)
        return [
            (_gaussian(size[0], y * size[0]), _gaussian(size[1], x * size[1]).T)
            for x, y in zip(across, down, strict=True)
        ]

    down, across = blur('deform_final_sigma_rel', full)[0]
    gel = down @ gel @ across * millimetres
    gel -= gel.max()
    # Dust and scratches of the calibrated gel, mixed with the light's even part.
    down, across = blur('initial_frame_sigma_rel', full)[0]
    share = float(simulator['frame_mixing_percentage'])
    even = np.stack([down @ untouched[..., c] @ across for c in range(3)], axis=-1)
    mixed = share * even + (1.0 - share) * untouched
    rows, columns = _resized(full[0], shape[0]), _resized(full[1], shape[1])
    picture = np.einsum('ab,bdc,ed->aec', rows, mixed, columns, optimize=True)
    y, x = np.meshgrid(
        np.arange(shape[0]) * (full[0] / shape[0]),
        np.arange(shape[1]) * (full[1] / shape[1]),
        indexing='ij',
    )
    features = np.stack([x * x, y * y, x * y, x, y, np.ones(shape)], axis=-1)
    pitch = (full[1] / shape[1] * millimetres, full[0] / shape[0] * millimetres)
    return GelOptics(
        pitch=pitch,
        gel=(rows @ gel @ columns.T).astype(np.float32),
        picture=picture.astype(np.float32),
        _table=(table / 255.0).astype(np.float32),
        _features=features.astype(np.float32),
        _blurs=(
            *blur('deform_pyramid_sigma_rel', shape),
            *blur('deform_final_sigma_rel', shape),
        ),
        _contact_scale=float(simulator['contact_scale']),
        _slope_scale=(0.5 / pitch[1], 0.5 / pitch[0]),
    )


def _gaussian(size: int, sigma: float) -> _FLOAT:
    """A Gaussian filter with mirrored edges as a matrix ``[size, size]``."""
    # Taxim's width: all taps together, not each side, reach as far as the weight falls to 1e-5.
    reach = np.sqrt(-2.0 * np.log(1e-5 * np.sqrt(2.0 * np.pi) * sigma)) * sigma
    half = min(int(np.round(reach)) // 2, size - 1)
    offsets = np.arange(-half, half + 1)
    weights = np.exp(-0.5 * (offsets / sigma) ** 2)
    weights /= weights.sum()
    place = np.abs(np.arange(size)[:, None] + offsets)
    place = np.where(place >= size, 2 * (size - 1) - place, place)
    matrix = np.zeros((size, size))
    np.add.at(matrix, (np.arange(size)[:, None], place), weights)
    return matrix.astype(np.float32)


def _resized(given: int, wanted: int) -> NDArray[np.float64]:
    """Linear resizing with an antialiasing triangle as a matrix ``[wanted, given]``."""
    scale = given / wanted
    centre = (np.arange(wanted)[:, None] + 0.5) * scale - 0.5
    weights = np.maximum(0.0, 1.0 - np.abs(centre - np.arange(given)) / max(scale, 1.0))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float64)
