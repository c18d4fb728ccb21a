"""Facts about lines."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LinesOpened:
    """New lines are served from now on."""

    line_ids: list[int]
