"""What a customer may disagree with, why, and until when it is answered. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

# What is written to us is answered within a day.
ANSWERED_WITHIN = timedelta(hours=24)
OPEN_MAX = 10
COMMENT_LENGTH_MAX = 1000
COMMENT_LENGTH_MIN = 5


class Reason(StrEnum):
    """Why a customer does not agree."""

    NOT_MINE = "not mine"
    NOT_ORDERED = "not ordered"
    WRONG_SUM = "wrong sum"
    TWICE = "twice"
    FAILED = "did not work"
    OTHER = "other"


class State(StrEnum):
    """How a dispute stands in the books; whether somebody works on it follows from its talk and its money."""

    OPEN = "open"
    ANSWERED = "answered"
    CORRECTED = "corrected"


class TooMany(ValueError):
    """So many disputes of the line are open that new ones would only delay them."""


class Unclear(ValueError):
    """The comment says too little: `reason` is `empty` or `long`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def due(opened_at: datetime) -> datetime:
    """Return until when it is answered."""
    return opened_at + ANSWERED_WITHIN


def check(comment: str, open_before: int) -> str:
    """Return the comment as it is kept; raise `Unclear`, `TooMany`."""
    said = " ".join(comment.split())
    if len(said) < COMMENT_LENGTH_MIN:
        raise Unclear("empty")
    if len(said) > COMMENT_LENGTH_MAX:
        raise Unclear("long")
    if open_before >= OPEN_MAX:
        raise TooMany(open_before)
    return said
