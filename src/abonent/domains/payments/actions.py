"""Writes of payments: begun, charged, asked about, given back. Nothing is asked of the gateway inside a transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from abonent.domains.payments import asking, cards, models, rules
from abonent.domains.payments.asking import ask
from abonent.domains.payments.cards import CardNotValid, NoSuchCard, forget_card, forget_cards
from abonent.domains.payments.gateway import gateway, methods
from abonent.domains.payments.notices import hear
from abonent.domains.payments.ports import Method, NoAnswer, Order, Reason, Refused, Registered
from abonent.domains.payments.refunds import NotRefundable, RefundUnderWay, refund
from abonent.domains.payments.states import FINAL, Event, State, after

__all__ = [
    "CardNotValid", "DifferentPayment", "NoSuchCard", "NotOffered", "NotRefundable", "RefundUnderWay", "Started", "ask",
    "charge_card", "forget_card", "forget_cards", "hear", "refund", "start",
]  # fmt: skip

CODE_ATTEMPTS = 8


class DifferentPayment(Exception):
    """The id is taken by a payment with other content."""


class NotOffered(Exception):
    """No gateway takes money this way."""


@dataclass(frozen=True, slots=True)
class Started:
    """A payment that was begun: where it is paid, as far as its method has such a place and it is known by now.

    In the state `new` another request is asking just now, in `unknown` the gateway did not answer: ask again later.
    """

    payment_id: UUID
    state: State
    redirect_url: str
    qr_payload: str
    cash_code: str


def start(
    *,
    payment_id: UUID,
    purpose: str,
    reference: str,
    ledger_account_id: int,
    amount_minor: int,
    method: str,
    payer_id: int | None,
    card_id: int | None = None,
    save_card: bool = False,
    return_path: str,
    description: str,
    language: str,
    at: datetime,
) -> Started:
    """Begin a payment of `amount_minor` > 0 that will be credited to the account; return where it is paid.

    The same id with the same content answers the same order. `method` is a `ports.Method`; `card_id` names the saved
    card; `return_path` is the page of ours that people come back to. Raises `DifferentPayment`, `NotOffered`,
    `NoSuchCard`, `CardNotValid`; `ValueError` for a sum that is none.
    """
    way = Method(method)
    if way not in methods():
        raise NotOffered(method)
    if (way is Method.SAVED) != (card_id is not None):
        raise ValueError("a saved card is named, and no other means is")
    wanted = models.Payment(
        id=payment_id,
        purpose=purpose,
        reference=reference,
        ledger_account_id=ledger_account_id,
        payer_id=payer_id,
        method=way,
        amount_minor=amount_minor,
        card_id=card_id,
        save_card=save_card and way is Method.CARD and payer_id is not None,
        description=description[:100],
        language=language,
        return_path=return_path,
    )
    return _begin(wanted, at)


def charge_card(
    *,
    payment_id: UUID,
    purpose: str,
    reference: str,
    ledger_account_id: int,
    amount_minor: int,
    payer_id: int,
    card_id: int,
    description: str,
    at: datetime,
) -> State:
    """Take `amount_minor` > 0 from a saved card without its owner; return the state as far as it is known.

    The same id with the same content never charges twice: it asks what became of the first time. A card that is no
    longer kept or valid ends declined, without the gateway. Raises `DifferentPayment`, `NotOffered`, `ValueError`.
    """
    if Method.SAVED not in methods():
        raise NotOffered(Method.SAVED)
    wanted = models.Payment(
        id=payment_id,
        purpose=purpose,
        reference=reference,
        ledger_account_id=ledger_account_id,
        payer_id=payer_id,
        method=Method.SAVED,
        amount_minor=amount_minor,
        card_id=card_id,
        off_session=True,
        description=description[:100],
        language=settings.LANGUAGE_CODE,
    )
    return _begin(wanted, at).state


def _begin(wanted: models.Payment, at: datetime) -> Started:
    if wanted.amount_minor <= 0:
        raise ValueError("a payment is of a positive sum")
    known = models.Payment.objects.filter(id=wanted.pk).first()
    token = ""
    if known is None and wanted.method == Method.SAVED:
        try:
            token = cards.token_of(payer_id=wanted.payer_id, card_id=wanted.card_id, today=timezone.localdate(at))
        except (NoSuchCard, CardNotValid) as error:
            if not wanted.off_session:
                raise
            wanted.state, wanted.reason = State.NEW, _reason_of(error)
    row, is_new = _write_down(wanted, at) if known is None else (known, False)
    _ensure_same(row, wanted)
    if not is_new:
        return _started(_asked_again(row, at))
    if wanted.reason:
        return _started(_note(row.pk, Event.REFUSED, at, reason=Reason(wanted.reason)))
    return _started(_send(row, token, at))


def _reason_of(error: Exception) -> Reason:
    return Reason.EXPIRED_CARD if isinstance(error, CardNotValid) else Reason.WRONG_CARD


@transaction.atomic(durable=True)
def _write_down(wanted: models.Payment, at: datetime) -> tuple[models.Payment, bool]:
    """Store the payment before anybody is asked; return the row of its id and whether it is new."""
    life = rules.life(Method(wanted.method), off_session=wanted.off_session)
    wanted.created_at, wanted.expires_at = at, at + life
    wanted.next_ask_at = at + rules.ABANDONED
    for attempt in range(CODE_ATTEMPTS):
        wanted.cash_code = rules.cash_code(wanted.pk, attempt) if wanted.method == Method.CASH else ""
        try:
            with transaction.atomic():
                wanted.save(force_insert=True)
            return wanted, True
        except IntegrityError:
            # The id is taken by a form sent twice, or the code by another payment.
            known = models.Payment.objects.filter(id=wanted.pk).first()
            if known is not None:
                return known, False
    raise RuntimeError("no free code for a terminal")


SAME = ("purpose", "reference", "ledger_account_id", "amount_minor", "currency", "method", "card_id", "off_session")


def _ensure_same(row: models.Payment, wanted: models.Payment) -> None:
    # Who was forgotten meanwhile stands in no payment any more.
    same_payer = row.payer_id in (wanted.payer_id, None)
    if not same_payer or any(getattr(row, field) != getattr(wanted, field) for field in SAME):
        raise DifferentPayment(row.pk)


def _send(row: models.Payment, token: str, at: datetime) -> models.Payment:
    """Ask the gateway for the order, outside any transaction, and write down what it said."""
    order = Order(
        payment_id=row.pk,
        method=Method(row.method),
        amount_minor=row.amount_minor,
        currency=row.currency,
        description=row.description,
        language=row.language,
        return_url=f"{settings.ADDRESS}{row.return_path}",
        expires_at=row.expires_at,
        payer=str(row.payer_id) if row.payer_id is not None and (row.save_card or token) else "",
        token=token,
        cash_code=row.cash_code,
    )
    try:
        made = gateway().charge(order) if row.off_session else gateway().register(order)
    except Refused as error:
        return _note(row.pk, Event.REFUSED, at, reason=error.reason)
    except NoAnswer:
        return _note(row.pk, Event.UNANSWERED, at)
    noted = _note(row.pk, Event.REGISTERED, at, made=made)
    if row.off_session:
        ask(payment_id=row.pk, at=at)
        noted.refresh_from_db()
    return noted


@transaction.atomic
def _note(
    payment_id: UUID, event: Event, at: datetime, *, made: Registered | None = None, reason: Reason = Reason.BANK
) -> models.Payment:
    row = models.Payment.objects.select_for_update().get(id=payment_id)
    if event is Event.REFUSED:
        asking.decline(row, event, reason, at)
        row.next_ask_at = None
    else:
        row.state = after(State(row.state), event)
        if row.state not in FINAL:
            row.next_ask_at = rules.next_ask(asks=0, at=at, expires_at=row.expires_at)
    if made is not None:
        row.gateway_order = made.gateway_order
        row.redirect_url, row.qr_payload = made.redirect_url, made.qr_payload
    row.save()
    return row


def _asked_again(row: models.Payment, at: datetime) -> models.Payment:
    """Return the payment that was begun before; one that hangs in the air is asked about."""
    abandoned = row.state == State.NEW and at - row.created_at > rules.ABANDONED
    if abandoned or row.state == State.UNKNOWN or (row.off_session and row.state == State.STARTED):
        ask(payment_id=row.pk, at=at)
        row.refresh_from_db()
    return row


def _started(row: models.Payment) -> Started:
    return Started(row.pk, State(row.state), row.redirect_url, row.qr_payload, row.cash_code)
