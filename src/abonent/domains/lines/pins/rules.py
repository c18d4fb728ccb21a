"""Four digits that guard something of a line: which are taken, and how many wrong ones are. Pure."""

from __future__ import annotations

import re
from enum import StrEnum
from itertools import pairwise

TRIES = 3
_FOUR = re.compile(r"[0-9]{4}", re.ASCII)


class Guards(StrEnum):
    """What a PIN is asked for: to change call barring; to hear the voicemail from any phone."""

    BARRING = "barring"
    VOICEMAIL = "voicemail"


class Fault(StrEnum):
    """Why a PIN is not taken."""

    NOT_FOUR = "not four digits"
    EASY = "easy"
    OF_NUMBER = "of the number"


def fault(pin: str, number: str) -> Fault | None:
    """Return why `pin` cannot guard something of the number (E.164 or a login), None: it can.

    What a stranger tries first is refused: one digit four times, digits in a row, the end of the number.
    """
    if not _FOUR.fullmatch(pin):
        return Fault.NOT_FOUR
    steps = {int(after) - int(before) for before, after in pairwise(pin)}
    if steps in ({0}, {1}, {-1}):
        return Fault.EASY
    return Fault.OF_NUMBER if number.endswith(pin) else None
