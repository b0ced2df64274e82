"""The overlay's picture, drawn with Pillow.

Left the newest picture with the verdict on it; right the classes with their scores, and of each
sensor its state, its weight as a bar, and what it alone would have said.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omnibind_core.overlay.content import Guess
from omnibind_core.overlay.content import Overlay
from omnibind_core.overlay.content import SensorLine
from omnibind_core.overlay.palette import ACCENT
from omnibind_core.overlay.palette import BACKGROUND
from omnibind_core.overlay.palette import BAD
from omnibind_core.overlay.palette import Colour
from omnibind_core.overlay.palette import HEIGHT
from omnibind_core.overlay.palette import HELD
from omnibind_core.overlay.palette import MARGIN
from omnibind_core.overlay.palette import PANEL
from omnibind_core.overlay.palette import SOFT
from omnibind_core.overlay.palette import STATES
from omnibind_core.overlay.palette import SURFACE
from omnibind_core.overlay.palette import TEXT
from omnibind_core.overlay.palette import TRACK
from omnibind_core.overlay.palette import WARN
from omnibind_core.overlay.palette import WIDTH

if TYPE_CHECKING:
    from PIL.Image import Image as Canvas
    from PIL.ImageDraw import ImageDraw as Pen

STALE = 2.0  # seconds without a recognition after which the overlay says so
_LEFT, _RIGHT = WIDTH - PANEL + MARGIN, WIDTH - MARGIN
_CLASS_ROW, _SENSOR_ROW = 25, 42
_VERDICT = 72


def draw_overlay(picture: NDArray[np.uint8] | None, overlay: Overlay) -> NDArray[np.uint8]:
    """Draw it.

    :param picture: uint8 ``[h, w, 3]``, red, green, blue, of any size; ``None``: none came yet.
    :returns: uint8 ``[540, 960, 3]``.
    """
    from PIL import Image
    from PIL import ImageDraw

    canvas = Image.new('RGB', (WIDTH, HEIGHT), BACKGROUND)
    pen = ImageDraw.Draw(canvas, 'RGBA')
    _draw_picture(canvas, pen, picture)
    _draw_verdict(pen, overlay)
    pen.rectangle((WIDTH - PANEL, 0, WIDTH, HEIGHT), fill=SURFACE)
    y = _draw_classes(pen, overlay.guesses[:6], abstained=overlay.abstained)
    _draw_sensors(pen, overlay.sensors, y)
    _draw_foot(pen, overlay)
    return np.asarray(canvas)


def _draw_picture(canvas: Canvas, pen: Pen, picture: NDArray[np.uint8] | None) -> None:
    width = WIDTH - PANEL
    if picture is None or 0 in picture.shape:
        pen.text((width / 2, HEIGHT / 2), 'no picture', fill=SOFT, font=_font(18), anchor='mm')
        return
    from PIL import Image

    source = Image.fromarray(picture)
    scale = min(width / source.width, HEIGHT / source.height)
    size = (max(round(source.width * scale), 1), max(round(source.height * scale), 1))
    small = source.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    canvas.paste(small, ((width - size[0]) // 2, (HEIGHT - size[1]) // 2))


def _draw_verdict(pen: Pen, overlay: Overlay) -> None:
    """What it is, over the foot of the picture."""
    top, width = HEIGHT - _VERDICT, WIDTH - PANEL
    pen.rectangle((0, top, width, HEIGHT), fill=(*BACKGROUND, 205))
    middle = top + _VERDICT / 2
    silent = overlay.silent_for
    if silent is None:
        words, colour = 'waiting for sensors', SOFT
    elif silent > STALE:
        words, colour = f'no recognition for {silent:.0f} s', BAD
    elif overlay.abstained or not overlay.guesses:
        words, colour = 'not sure', WARN
    else:
        words, colour = overlay.guesses[0].name, TEXT
        score = _percent(overlay.guesses[0].score)
        place = (width - MARGIN, middle)
        pen.text(place, score, fill=ACCENT, font=_font(30), anchor='rm')
    text = _fitted(pen, words, 34, width - 3 * MARGIN - 90)
    pen.text((MARGIN, middle), text, fill=colour, font=_font(34), anchor='lm')


def _draw_classes(pen: Pen, guesses: tuple[Guess, ...], *, abstained: bool) -> int:
    y = _heading(pen, 'recognised', MARGIN)
    for number, guess in enumerate(guesses):
        best = number == 0 and not abstained
        colour = ACCENT if best else HELD
        _bar(pen, (_LEFT + 170, y + 6, _RIGHT - 46, y + 16), guess.score, colour)
        text = _fitted(pen, guess.name, 15, 160)
        pen.text((_LEFT, y + 11), text, fill=TEXT if best else SOFT, font=_font(15), anchor='lm')
        percent = _percent(guess.score)
        pen.text((_RIGHT, y + 11), percent, fill=SOFT, font=_font(14), anchor='rm')
        y += _CLASS_ROW
    return y + MARGIN // 2


def _draw_sensors(pen: Pen, sensors: tuple[SensorLine, ...], y: int) -> None:
    y = _heading(pen, 'sensors', y)
    fitting = (HEIGHT - 42 - y) // _SENSOR_ROW
    shown = sensors if len(sensors) <= fitting else sensors[: fitting - 1]
    for line in shown:
        _draw_sensor(pen, line, y)
        y += _SENSOR_ROW
    if len(shown) < len(sensors):
        more = f'and {len(sensors) - len(shown)} more'
        pen.text((_LEFT, y + 10), more, fill=SOFT, font=_font(14), anchor='lm')


def _draw_sensor(pen: Pen, line: SensorLine, y: int) -> None:
    there = line.part != 'missing' and line.state != 'disabled'
    colour = STATES.get(line.state, SOFT)
    pen.ellipse((_LEFT, y + 5, _LEFT + 10, y + 15), fill=colour)
    name = _fitted(pen, line.sensor, 15, 142)
    pen.text((_LEFT + 18, y + 10), name, fill=TEXT if there else SOFT, font=_font(15), anchor='lm')
    _bar(pen, (_LEFT + 170, y + 5, _RIGHT - 46, y + 15), line.weight if there else 0.0, _fill(line))
    weight = _percent(line.weight) if there else '-'
    pen.text((_RIGHT, y + 10), weight, fill=SOFT, font=_font(14), anchor='rm')
    pen.text((_LEFT + 18, y + 27), _state(line), fill=colour, font=_font(12), anchor='lm')
    says = _fitted(pen, _says(line), 12, _RIGHT - _LEFT - 170)
    pen.text((_LEFT + 170, y + 27), says, fill=SOFT, font=_font(12), anchor='lm')


def _draw_foot(pen: Pen, overlay: Overlay) -> None:
    y = HEIGHT - 20
    pen.line((_LEFT, y - 18, _RIGHT, y - 18), fill=TRACK)
    words = [f'{overlay.rate:.1f} Hz']
    if overlay.latency is not None:
        words.append(f'{overlay.latency * 1e3:.0f} ms')
    pen.text((_LEFT, y), '   '.join(words), fill=SOFT, font=_font(13), anchor='lm')
    if not overlay.calibrated:
        pen.text((_RIGHT, y), 'not calibrated', fill=WARN, font=_font(13), anchor='rm')


def _heading(pen: Pen, words: str, y: int) -> int:
    pen.text((_LEFT, y + 7), words.upper(), fill=SOFT, font=_font(12), anchor='lm')
    return y + 24


def _bar(pen: Pen, box: tuple[float, float, float, float], share: float, fill: Colour) -> None:
    left, top, right, bottom = box
    pen.rounded_rectangle(box, radius=3, fill=TRACK)
    end = left + (right - left) * min(max(share, 0.0), 1.0)
    if end - left >= 2:
        pen.rounded_rectangle((left, top, end, bottom), radius=3, fill=fill)


def _fill(line: SensorLine) -> Colour:
    return ACCENT if line.part == 'fresh' else HELD


def _state(line: SensorLine) -> str:
    """The state, and whether its vector is one of before."""
    return f'{line.state}, held' if line.part == 'held' else line.state


def _says(line: SensorLine) -> str:
    if line.part == 'missing' or line.state == 'disabled':
        return ''
    if not line.informative or not line.says:
        return 'nothing to sense'
    return f'{line.says}  {_percent(line.score)}'


def _percent(share: float) -> str:
    return f'{share * 100:.0f} %'


def _fitted(pen: Pen, words: str, size: int, width: float) -> str:
    """The text, shortened to a width in pixels; it is one line, whatever a name contains."""
    line = ' '.join(words[:200].split())
    if pen.textlength(line, font=_font(size)) <= width:
        return line
    while line and pen.textlength(f'{line}...', font=_font(size)) > width:
        line = line[:-1]
    return f'{line.rstrip()}...'


@lru_cache(maxsize=16)
def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size=size)
