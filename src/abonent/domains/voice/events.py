"""Facts about what callers hear."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TonesChanged:
    """The rules of a line's tones are others now; the platform is to be told."""

    line_id: int
