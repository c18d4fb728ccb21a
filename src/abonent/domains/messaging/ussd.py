"""USSD sessions: each press is answered once, in its turn, and only while the session lives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from abonent.domains.messaging import models

# Networks end a session that is silent for so long, at the latest.
LIFE = timedelta(minutes=3)
STEPS_MAX = 60
KEPT = timedelta(days=1)


class NoSuchSession(LookupError):
    """There is no such session, it is another's, it has ended, or the press is not the next one."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What a handset shows: a text, and whether it waits for a press (`goes_on`); `state` is kept until then."""

    text: str
    goes_on: bool
    state: Mapping[str, Any]


Answer = Callable[[Mapping[str, Any], str], Screen]


@transaction.atomic
def press(*, key: str, number: str, step: int, text: str, at: datetime, answer: Answer) -> Screen:
    """Answer the press `step` (0: the code that was dialled) of a session; the same press again is answered alike.

    `answer` gets the state and the text, within the transaction. Raises `NoSuchSession`.
    """
    if step == 0:
        models.UssdSession.objects.get_or_create(
            key=key, defaults={"number": number, "began_at": at, "expires_at": at + LIFE}
        )
    row = models.UssdSession.objects.select_for_update().filter(key=key, number=number).first()
    if row is None:
        raise NoSuchSession(key)
    if row.step == step + 1 and row.pressed == text:
        return Screen(row.said["text"], row.said["goes_on"], row.state)
    if row.step != step or row.ended or row.expires_at <= at or step >= STEPS_MAX:
        raise NoSuchSession(key)
    screen = answer(row.state, text)
    row.step, row.pressed, row.state = step + 1, text, dict(screen.state)
    row.said = {"text": screen.text, "goes_on": screen.goes_on}
    row.ended, row.expires_at = not screen.goes_on, at + LIFE
    row.save(update_fields=["step", "pressed", "state", "said", "ended", "expires_at"])
    return screen


def forget(*, before: datetime) -> int:
    """Delete the sessions that began before then; return how many."""
    return models.UssdSession.objects.filter(began_at__lt=before).delete()[0]
