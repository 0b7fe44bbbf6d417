"""Blue for positive, orange for negative: colours that colour-blind people can distinguish.

Both are of the palette of Okabe and Ito (Color Universal Design, 2008). In HTML they are
transparent: with an opacity of up to STRONGEST, black text stays readable on a light page,
and white text on a dark one.
"""

import os
import sys

BLUE, ORANGE = "#0072b2", "#d55e00"

STRONGEST = 0.8
"""Opacity of the strongest colour."""

STEPS = (0.2, 0.45, 0.7)
"""The least shares of the highest value for a terminal's three marks, weakest first."""

_UNDERLINED = "4"
_BLUES = (_UNDERLINED, "97;48;5;60", "1;97;48;5;26")
_ORANGES = (_UNDERLINED, "97;48;5;95", "1;97;48;5;130")


def background(share: float) -> str:
    """Return a CSS colour for a share of the largest magnitude, -1 to 1; "" where it is faint."""
    alpha = round(min(abs(share), 1.0) * STRONGEST * 255)
    return f"{BLUE if share > 0 else ORANGE}{alpha:02x}" if alpha > 4 else ""


def step(share: float) -> int:
    """Return how strongly a terminal marks a share: 0 (not) to 3."""
    return sum(abs(share) >= least for least in STEPS)


def ansi(text: str, share: float) -> str:
    """Return the text with a terminal's colours for a share, -1 to 1.

    Marks with a background set the text's colour too, so that they can be read
    on light and dark terminals alike.
    """
    level = step(share)
    if not level:
        return text
    return f"\x1b[{(_BLUES if share > 0 else _ORANGES)[level - 1]}m{text}\x1b[0m"


def wanted(elsewhere: bool = False) -> bool:
    """Say whether a text may have colours: unless NO_COLOR (no-color.org) is set, on a terminal.

    FORCE_COLOR, or `elsewhere` for output such as a notebook's, stands for a terminal.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if elsewhere or os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
