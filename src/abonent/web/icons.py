"""Icons: our own drawings on a grid of 24, lines of 1.75, set inline so that they take the colour of the text."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from markupsafe import Markup

DRAWINGS = Path(__file__).parent / "drawings"


@cache
def icon(name: str) -> Markup:
    """Return the drawing as inline SVG, silent to screen readers; raises FileNotFoundError for an unknown name."""
    lines = (DRAWINGS / f"{name}.svg").read_text().partition(">")[2].partition("</svg>")[0]
    return Markup('<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">%s</svg>') % Markup(lines)  # noqa: S704 - our file
