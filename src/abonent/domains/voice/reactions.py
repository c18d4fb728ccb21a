"""Answers of tones and voicemail to what happened to them and to people."""

from __future__ import annotations

from abonent.domains.voice.tones import actions as tones
from abonent.domains.voice.tones import telling as tones_telling
from abonent.domains.voice.voicemail import actions as voicemail


def tell_platform(line_id: int) -> None:
    """Rules were changed: the platform is told all of them."""
    tones_telling.tell(line_id=line_id)


def forget_person(account_id: int) -> None:
    """The account was deleted: whose tones it looked for is nobody's business."""
    tones.forget_person(account_id=account_id)


def follow_number(line_id: int) -> None:
    """The line has another number: callers of that one hear its tones."""
    tones.follow_number(line_id=line_id)


def forget_line(line_id: int) -> None:
    """The number is given to others: what was left for the line before is nobody's."""
    voicemail.forget_line(line_id=line_id)
    tones.forget_line(line_id=line_id)


def forget_lines(line_ids: list[int]) -> None:
    """Whoever proved the lines had everything deleted: what was left for them goes, too."""
    for line_id in line_ids:
        forget_line(line_id)
