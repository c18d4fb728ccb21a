"""PINs of lines: chosen by the owner after a proof, asked for, locked by three wrong ones in a row.

A try is used up before it is looked at, so thirty at once are three. What is kept is a slow hash under a key, as of a
password: nobody reads a PIN out, our staff included.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from abonent.domains.identity import hashing, journal
from abonent.domains.identity.freezing import ensure_not_frozen
from abonent.domains.identity.rules import EventKind
from abonent.domains.lines import models
from abonent.domains.lines.pins.rules import TRIES, Fault, Guards, fault
from abonent.domains.lines.queries import Line

_KINDS = {Guards.BARRING: EventKind.BARRING_PIN, Guards.VOICEMAIL: EventKind.VOICEMAIL_PIN}
_TAKE = """
update lines_linepin set tries_left = tries_left - 1
 where line_id = %s and guards = %s and tries_left > 0
returning kept, tries_left
"""


class BadPin(ValueError):
    """The PIN is not taken, and the one before stays."""

    def __init__(self, why: Fault) -> None:
        super().__init__(why)
        self.why = why


class WrongPin(Exception):
    """It is another one; `tries_left` more may be tried."""

    def __init__(self, tries_left: int) -> None:
        super().__init__(tries_left)
        self.tries_left = tries_left


class PinLocked(Exception):
    """There is none, or three in a row were wrong: the owner chooses a new one."""


@dataclass(frozen=True, slots=True)
class Pin:
    """Since when there is a PIN, and how many wrong ones may still be tried (0: locked)."""

    set_at: datetime
    tries_left: int


def of_line(line_id: int, guards: Guards) -> Pin | None:
    """Return how the PIN stands, None: none was chosen."""
    row = models.LinePin.objects.filter(line_id=line_id, guards=guards).first()
    return Pin(row.set_at, row.tries_left) if row else None


def choose(*, line: Line, guards: Guards, pin: str, account_id: int, at: datetime) -> None:
    """Keep a new PIN of the line, for its owner who has just proved to be it; it lifts a lock.

    Raises `BadPin`, `hashing.Busy` and `identity.freezing.Frozen`; then the one before stays.
    """
    why = fault(pin, line.number)
    if why is not None:
        raise BadPin(why)
    kept = hashing.made(pin)
    with transaction.atomic():
        ensure_not_frozen(account_id)
        models.LinePin.objects.update_or_create(
            line_id=line.id, guards=guards, defaults={"kept": kept, "tries_left": TRIES, "set_at": at}
        )
        journal.note(account_id=account_id, kind=_KINDS[guards], at=at, detail={"number": line.number})


def prove(*, line_id: int, guards: Guards, pin: str) -> None:
    """Take a try; outside any transaction, since it counts for good.

    Raises `WrongPin`, `PinLocked`, and `hashing.Busy`: then nothing was counted.
    """
    with hashing.pool().place():
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute(_TAKE, [line_id, guards])
            row = cursor.fetchone()
        if row is None:
            raise PinLocked
        kept, tries_left = row
        right = hashing.is_right(pin, kept)
    if right:
        # Not over a PIN that was chosen meanwhile: that one has tries of its own.
        models.LinePin.objects.filter(line_id=line_id, guards=guards, kept=kept).update(tries_left=TRIES)
        return
    if tries_left == 0:
        raise PinLocked
    raise WrongPin(tries_left)


def forget(*, line_id: int) -> None:
    """Forget the PINs of a line: whoever chose them had everything deleted."""
    models.LinePin.objects.filter(line_id=line_id).delete()
