"""The overlay's picture: what is drawn where, whatever the content is."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from omnibind_core.overlay.content import Guess
from omnibind_core.overlay.content import Overlay
from omnibind_core.overlay.content import SensorLine
from omnibind_core.overlay.draw import draw_overlay
from omnibind_core.overlay.palette import ACCENT
from omnibind_core.overlay.palette import BAD
from omnibind_core.overlay.palette import HEIGHT
from omnibind_core.overlay.palette import PANEL
from omnibind_core.overlay.palette import STATES
from omnibind_core.overlay.palette import WARN
from omnibind_core.overlay.palette import WIDTH

GREEN = (10, 200, 30)
ONE = Overlay(
    guesses=(Guess('cup', 0.75), Guess('bottle', 0.25)),
    sensors=(SensorLine('camera', 'image', 'periodic', 'fresh', 0.5, True, 'cup', 0.6),),
    silent_for=0.1,
    rate=10.0,
)


def plain(height: int, width: int) -> NDArray[np.uint8]:
    """A green picture."""
    return np.full((height, width, 3), GREEN, np.uint8)


def count(picture: NDArray[np.uint8], colour: tuple[int, int, int]) -> int:
    """Pixels of exactly this colour."""
    return int((picture == np.array(colour, np.uint8)).all(axis=-1).sum())


@pytest.mark.parametrize(('height', 'width'), [(540, 588), (48, 64), (64, 8), (1, 1), (2000, 3000)])
def test_the_picture_fills_its_place_and_keeps_its_shape(height: int, width: int) -> None:
    """Scaled to touch two edges, in the middle of the two others."""
    drawn = draw_overlay(plain(height, width), ONE)
    assert drawn.shape == (HEIGHT, WIDTH, 3)
    place = drawn[: HEIGHT - 72, : WIDTH - PANEL]
    green = (place == np.array(GREEN, np.uint8)).all(axis=-1)
    rows, columns = np.flatnonzero(green.any(axis=1)), np.flatnonzero(green.any(axis=0))
    scale = min((WIDTH - PANEL) / width, HEIGHT / height)
    assert columns[-1] - columns[0] + 1 == pytest.approx(width * scale, abs=1.5)
    assert columns[0] == pytest.approx((WIDTH - PANEL - width * scale) / 2, abs=1.5)
    assert rows[0] == pytest.approx((HEIGHT - height * scale) / 2, abs=1.5)


def test_bars_are_as_long_as_what_they_show() -> None:
    """Of a class and of a sensor's weight; the accent's pixels grow in proportion."""

    def accent(score: float, weight: float) -> int:
        line = replace(ONE.sensors[0], weight=weight)
        overlay = replace(ONE, guesses=(Guess('cup', score),), sensors=(line,))
        return count(draw_overlay(None, overlay)[:, WIDTH - PANEL :], ACCENT)

    nothing, half, full = accent(0.0, 0.0), accent(0.5, 0.5), accent(1.0, 1.0)
    assert nothing == 0
    assert half / full == pytest.approx(0.5, abs=0.02)
    assert accent(0.5, 0.0) + accent(0.0, 0.5) == pytest.approx(half, abs=4)


def test_states_have_their_colours() -> None:
    """The dot and the word."""
    for state, colour in STATES.items():
        line = replace(ONE.sensors[0], state=state, part='missing')
        drawn = draw_overlay(None, replace(ONE, guesses=(), sensors=(line,)))
        assert count(drawn[:, WIDTH - PANEL :], colour) >= 50, state


def test_doubt_and_silence_are_seen() -> None:
    """Where the verdict stands."""

    def verdict(overlay: Overlay) -> NDArray[np.uint8]:
        return draw_overlay(None, overlay)[HEIGHT - 72 :, : WIDTH - PANEL]

    assert count(verdict(ONE), WARN) == count(verdict(ONE), BAD) == 0
    assert count(verdict(replace(ONE, abstained=True)), WARN) > 50
    assert count(verdict(replace(ONE, silent_for=5.0)), BAD) > 50
    assert count(verdict(Overlay()), ACCENT) == 0
    uncalibrated = draw_overlay(None, replace(ONE, calibrated=False))
    assert count(uncalibrated[-40:, WIDTH - PANEL :], WARN) > 20


@settings(max_examples=25)
@given(
    name=st.text(max_size=300),
    weight=st.floats(allow_nan=False, width=32),
    lines=st.integers(0, 70),
    guesses=st.integers(0, 100),
)
@pytest.mark.malformed
def test_any_content_is_drawn(name: str, weight: float, lines: int, guesses: int) -> None:
    """Names come over the wire; a label set may be large."""
    line = SensorLine(name, name, name, 'held', weight, True, name, weight)
    overlay = Overlay(
        guesses=(Guess(name, weight),) * guesses, sensors=(line,) * lines, silent_for=0.0
    )
    assert draw_overlay(None, overlay).shape == (HEIGHT, WIDTH, 3)
