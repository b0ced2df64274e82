"""How the pictures look, and how a figure becomes part of a page.

Figures are made without `pyplot`, so nothing global is changed and no display is looked for.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
import io
from types import MappingProxyType
from typing import Any
from typing import Literal
from typing import TYPE_CHECKING

from omnibind_core.errors import UnavailableError
from omnibind_core.evaluation.subsets.methods import TITLES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK = '#1f2933'
FAINT = '#9aa5b1'
LINE = '#e4e7eb'
METHOD_COLOURS = MappingProxyType(
    {
        'best_single': '#9aa5b1',
        'mean': '#5b8db8',
        'max_confidence': '#e0a030',
        'product': '#4f9d76',
        'af': '#c8373b',
    }
)
SENSOR_COLOURS = MappingProxyType(
    {
        'image': '#3b6fb6',
        'thermal': '#c8373b',
        'event': '#7a52a8',
        'point_cloud': '#3d8f6b',
        'audio': '#d98a1f',
        'touch': '#7d6b5d',
        'text': '#4a5560',
    }
)
# For sensors that stand in no table, by their name.
_OTHER_COLOURS = ('#0f7f8c', '#a83f7a', '#6b7f1f', '#8a5a2b', '#5560c0')
_SETTINGS: Any = {  # matplotlib's type for it lists some 300 names
    'font.family': 'DejaVu Sans',
    'font.size': 9.5,
    'text.color': INK,
    'axes.edgecolor': FAINT,
    'axes.labelcolor': INK,
    'axes.titlesize': 10.5,
    'axes.titleweight': 'bold',
    'axes.titlelocation': 'left',
    'axes.spines.top': False,
    'axes.spines.right': False,
    'axes.axisbelow': True,
    'axes.grid': True,
    'grid.color': LINE,
    'grid.linewidth': 0.8,
    'xtick.color': INK,
    'ytick.color': INK,
    'xtick.major.size': 0,
    'ytick.major.size': 0,
    'legend.frameon': False,
    'figure.facecolor': 'white',
    'svg.fonttype': 'path',
    'svg.hashsalt': 'omnibind',
}


@contextmanager
def drawing() -> Iterator[None]:
    """The look of the pictures, inside the block only.

    :raises UnavailableError: matplotlib is not installed.
    """
    try:
        import matplotlib
    except ImportError:
        raise UnavailableError(
            'pictures need the package matplotlib; install omnibind[train], or omnibind[bags] '
            'for bags alone'
        ) from None
    with matplotlib.rc_context(_SETTINGS):
        yield


def figure(width: float, height: float) -> Figure:
    """A new figure, inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout='constrained')


def picture(given: Figure, kind: Literal['svg', 'png'] = 'svg') -> bytes:
    """A figure as the bytes of a file; the same figure gives the same bytes."""
    buffer = io.BytesIO()
    metadata = {'Date': None} if kind == 'svg' else {'Software': None}
    given.savefig(buffer, format=kind, dpi=150, metadata=metadata)
    return buffer.getvalue()


def data_address(content: bytes) -> str:
    """A picture as an address that a page can hold."""
    kinds = {b'\x89P': 'png', b'\xff\xd8': 'jpeg'}
    kind = kinds.get(content[:2], 'svg+xml')
    return f'data:image/{kind};base64,{base64.b64encode(content).decode("ascii")}'


def method_title(name: str) -> str:
    """A method for people."""
    return TITLES.get(name, name)


def sensor_title(name: str) -> str:
    """A sensor for people."""
    return name.replace('_', ' ').capitalize()


def sensor_colour(name: str) -> str:
    """The colour of a sensor in every picture."""
    spare = _OTHER_COLOURS[sum(name.encode()) % len(_OTHER_COLOURS)]
    return SENSOR_COLOURS.get(name, spare)
