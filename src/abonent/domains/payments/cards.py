"""Saved cards: the gateway's tokens, sealed here. Forgotten here at once, at the gateway as soon as it listens."""

from __future__ import annotations

from datetime import date, datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet
from procrastinate.contrib.django import app

from abonent.domains.payments import models, rules
from abonent.domains.payments.gateway import gateway
from abonent.domains.payments.ports import BoundCard
from abonent.foundation import vault
from abonent.foundation.clock import now

PURPOSE = "payment card"
FORGET = "forget_card"
# Whose a card is that only waits to be forgotten at the gateway.
NOBODY = 0


class NoSuchCard(LookupError):
    """The payer has no such card: never had, forgot it, or it is another's."""


class CardNotValid(Exception):
    """The card's last day is over."""


def token_of(*, payer_id: int | None, card_id: int | None, today: date) -> str:
    """Return the token to pay with; raise `NoSuchCard` or `CardNotValid`."""
    if payer_id is None or card_id is None:
        raise NoSuchCard(card_id)
    row = models.Card.objects.filter(id=card_id, payer_id=payer_id, forgotten_at=None).first()
    if row is None:
        raise NoSuchCard(card_id)
    if not rules.is_valid(row.expires_on, today):
        raise CardNotValid(card_id)
    return vault.unseal(row.token, purpose=PURPOSE)


def keep(*, payer_id: int, card: BoundCard, wanted: bool, at: datetime) -> None:
    """Keep what the gateway keeps, in the caller's transaction; a card that nobody wants any more is forgotten there.

    A card that is known is renewed: people get a new one with the same token.
    """
    row, is_new = models.Card.objects.select_for_update().get_or_create(
        payer_id=payer_id,
        token_hash=sha256(card.token.encode()).hexdigest(),
        defaults={
            "token": vault.seal(card.token, purpose=PURPOSE),
            "brand": card.brand,
            "last_four": card.last_four,
            "expires_on": card.expires_on,
            "created_at": at,
            "forgotten_at": None if wanted else at,
        },
    )
    if is_new and not wanted:
        _forget_there(row.pk)
    elif not is_new and row.forgotten_at is None and row.expires_on != card.expires_on:
        row.expires_on = card.expires_on
        row.save(update_fields=["expires_on"])


@transaction.atomic
def forget_card(*, payer_id: int, card_id: int, at: datetime | None = None) -> bool:
    """Show and charge the card no more; return False when the payer has no such card."""
    return _forget(models.Card.objects.filter(payer_id=payer_id, id=card_id), at) == 1


@transaction.atomic
def forget_cards(*, payer_id: int, at: datetime | None = None) -> int:
    """Forget every card of the payer, those that payments under way would keep included; return how many there were."""
    models.Payment.objects.filter(payer_id=payer_id, save_card=True).update(save_card=False)
    return _forget(models.Card.objects.filter(payer_id=payer_id), at)


@transaction.atomic
def forget_person(*, payer_id: int, at: datetime | None = None) -> None:
    """Forget the payer's cards, and whose the payments were: the sums stay, as books must be kept."""
    forget_cards(payer_id=payer_id, at=at)
    models.Payment.objects.filter(payer_id=payer_id).update(payer_id=None)


def renew(*, payer_id: int, at: datetime) -> int:
    """Bring what is shown of the payer's cards in line with the gateway; return how many changed or went.

    Banks renew cards under the same token, and forget some by themselves. Raises what the gateway raises.
    """
    kept = {sha256(card.token.encode()).hexdigest(): card for card in gateway().cards(str(payer_id))}
    changed = 0
    with transaction.atomic():
        rows = models.Card.objects.filter(payer_id=payer_id, forgotten_at=None, created_at__lt=at)
        for row in rows.select_for_update().order_by("id"):
            card = kept.get(row.token_hash)
            if card is None:
                row.delete()
            elif card.expires_on != row.expires_on:
                row.expires_on = card.expires_on
                row.save(update_fields=["expires_on"])
            else:
                continue
            changed += 1
    return changed


def to_renew(today: date) -> list[int]:
    """Return the payers with a card whose last day is near or over: the gateway may know a newer one."""
    near = models.Card.objects.filter(forgotten_at=None, expires_on__lte=today + rules.RENEWED_BEFORE)
    return list(near.order_by("payer_id").values_list("payer_id", flat=True).distinct())


def _forget(wanted: QuerySet[models.Card], at: datetime | None) -> int:
    found = list(wanted.filter(forgotten_at=None).select_for_update().order_by("id").values_list("id", flat=True))
    models.Card.objects.filter(id__in=found).update(forgotten_at=at or now())
    for card_id in found:
        _forget_there(card_id)
    return len(found)


def _forget_there(card_id: int) -> None:
    app.configure_task(FORGET, queue="payments").defer(card_id=card_id)


def forget_at_gateway(card_id: int) -> None:
    """Tell the gateway to keep the card no more, then delete the row; raises what the gateway raises."""
    row = models.Card.objects.filter(id=card_id).exclude(forgotten_at=None).first()
    if row is None:
        return
    gateway().forget(vault.unseal(row.token, purpose=PURPOSE))
    models.Card.objects.filter(id=card_id).exclude(forgotten_at=None).delete()
