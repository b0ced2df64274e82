"""Colours and measures of the overlay, in one place."""

from __future__ import annotations

WIDTH, HEIGHT = 960, 540
PANEL = 372  # width of the panel at the right
MARGIN = 20

Colour = tuple[int, int, int]

BACKGROUND: Colour = (13, 17, 23)
SURFACE: Colour = (22, 27, 34)
TRACK: Colour = (38, 45, 56)
TEXT: Colour = (240, 246, 252)
SOFT: Colour = (139, 148, 158)
ACCENT: Colour = (88, 166, 255)
GOOD: Colour = (63, 185, 80)
HELD: Colour = (118, 139, 178)
WARN: Colour = (210, 153, 34)
BAD: Colour = (248, 81, 73)

# By the state of a sensor's health; its word stands beside the colour, for whoever cannot tell
# red from green.
STATES: dict[str, Colour] = {
    'warming': ACCENT,
    'periodic': GOOD,
    'sporadic': GOOD,
    'late': WARN,
    'lost': BAD,
    'disabled': SOFT,
}
