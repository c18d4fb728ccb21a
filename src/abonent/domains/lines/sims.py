"""SIM cards: the PUK of the one that serves a line, and the internet settings sent to its phone."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from abonent.domains.identity import journal
from abonent.domains.identity.freezing import ensure_not_frozen
from abonent.domains.identity.rules import EventKind
from abonent.domains.lines import models
from abonent.domains.lines.numbers.rules import is_iccid, is_imsi
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


def add_cards(*, cards: Iterable[tuple[str, str, str]]) -> int:
    """Write down blank cards (ICCID, IMSI, PUK or empty) that can serve a line; return how many are new.

    Raises `ValueError` that names the first ICCID that is none, or whose IMSI is none.
    """
    rows = []
    for iccid, imsi, puk in cards:
        if not is_iccid(iccid) or not is_imsi(imsi):
            raise ValueError(iccid)
        rows.append(models.SpareCard(iccid=iccid, imsi=imsi, puk=sealed(puk)))
    before = models.SpareCard.objects.count()
    models.SpareCard.objects.bulk_create(rows, ignore_conflicts=True)
    return models.SpareCard.objects.count() - before


def is_spare(iccid: str) -> bool:
    """Return whether the card is ours and serves nobody."""
    return is_iccid(iccid) and models.SpareCard.objects.filter(iccid=iccid, taken_for=None, used_at=None).exists()


def take_card(*, iccid: str, order_id: UUID) -> str | None:
    """Keep a blank card for the order, in the caller's transaction; return its IMSI, None when it is not to be had."""
    free = models.SpareCard.objects.filter(iccid=iccid, taken_for=None, used_at=None)
    if not free.update(taken_for=order_id):
        return None
    return models.SpareCard.objects.values_list("imsi", flat=True).get(iccid=iccid)


def let_card_go(*, order_id: UUID) -> None:
    """The order came to nothing: its card is blank again."""
    models.SpareCard.objects.filter(taken_for=order_id, used_at=None).update(taken_for=None)


def use_card(*, order_id: UUID, line_id: int, at: datetime) -> None:
    """The card of the order serves the line now: its PUK is the line's."""
    card = models.SpareCard.objects.filter(taken_for=order_id, used_at=None).first()
    if card is not None:
        models.SpareCard.objects.filter(iccid=card.iccid).update(used_at=at, puk="")
        models.Sim.objects.filter(line_id=line_id, imsi=card.imsi).update(puk=card.puk)


def seal_anew() -> int:
    """Seal with the present key what an earlier one sealed, so that the earlier may go; return how many."""
    done = 0
    for rows in (models.Sim.objects.all(), models.SpareCard.objects.all()):
        kept = rows.exclude(puk="").exclude(puk__startswith=vault.head()).values_list("pk", "puk")
        for pk, puk in kept.iterator():
            with suppress(vault.CannotUnseal):
                again = sealed(vault.unseal(puk, purpose=PURPOSE))
                done += rows.filter(pk=pk, puk=puk).update(puk=again)
    return done


def send_internet_settings(*, line: Line, at: datetime) -> bool:
    """Send the line's phone what to enter for mobile internet; False: that was sent three times within a day."""
    sent = messaging.send_at_most(
        SETTINGS_MOST, span=SETTINGS_SPAN, recipient=line.number, template="internet settings",
        params={"apn": settings.APN}, language=line.language, at=at,
    )  # fmt: skip
    return sent is not None
