"""SIM cards: the PUK of the one that serves a line, and the internet settings sent to its phone."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from abonent.domains.identity import journal
from abonent.domains.identity.freezing import ensure_not_frozen
from abonent.domains.identity.rules import EventKind
from abonent.domains.lines import models
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import actions as messaging
from abonent.foundation import vault

PURPOSE = "puk"
SETTINGS_MOST, SETTINGS_SPAN = 3, timedelta(days=1)


class NoPuk(LookupError):
    """The PUK of the SIM is not known here, or the number is blocked: a shop gives a new card."""


def sealed(puk: str) -> str:
    """Return a PUK as it is kept; empty stays empty."""
    return vault.seal(puk, purpose=PURPOSE) if puk else ""


@transaction.atomic
def show_puk(*, line: Line, account_id: int, at: datetime) -> str:
    """Return the PUK of the SIM that serves the line, to its owner who has just proved to be it.

    Each look is written down and told everywhere. Raises `NoPuk`, and `identity.freezing.Frozen`.
    """
    ensure_not_frozen(account_id)
    kept = models.Sim.objects.filter(line_id=line.id, until=None, line__blocked_at=None, line__closed_at=None)
    found = kept.values_list("puk", flat=True).first()
    if not found:
        raise NoPuk
    try:
        puk = vault.unseal(found, purpose=PURPOSE)
    except vault.CannotUnseal:
        raise NoPuk from None
    journal.note(account_id=account_id, kind=EventKind.PUK_SHOWN, at=at, detail={"number": line.number})
    return puk


def seal_anew() -> int:
    """Seal with the present key what an earlier one sealed, so that the earlier may go; return how many."""
    kept = models.Sim.objects.exclude(puk="").exclude(puk__startswith=vault.head()).values_list("id", "puk")
    done = 0
    for sim_id, puk in kept.iterator():
        with suppress(vault.CannotUnseal):
            again = sealed(vault.unseal(puk, purpose=PURPOSE))
            done += models.Sim.objects.filter(id=sim_id, puk=puk).update(puk=again)
    return done


def send_internet_settings(*, line: Line, at: datetime) -> bool:
    """Send the line's phone what to enter for mobile internet; False: that was sent three times within a day."""
    sent = messaging.send_at_most(
        SETTINGS_MOST, span=SETTINGS_SPAN, recipient=line.number, template="internet settings",
        params={"apn": settings.APN}, language=line.language, at=at,
    )  # fmt: skip
    return sent is not None
