"""Promised payments: their rules are published, one is taken. How it goes back stands in `promised.repayment`."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from abonent.domains.billing import models, posting
from abonent.domains.billing.events import MoneyCame
from abonent.domains.billing.limits import actions as limits
from abonent.domains.billing.promised import messages as promised_messages
from abonent.domains.billing.promised import queries as promised_queries
from abonent.domains.billing.promised import rules as promised_rules
from abonent.domains.billing.promised.rules import CATEGORY, FEE_RULE, METHOD, Offer, Offered, Refusal, Terms
from abonent.domains.ledger import actions as ledger
from abonent.domains.lines.queries import Line
from abonent.foundation import outbox


class NotOffered(Exception):
    """Nothing is promised now; `refusal` says why, None: the sum or the terms are not those on offer (any more)."""

    def __init__(self, refusal: Refusal | None = None) -> None:
        super().__init__(refusal.why if refusal else "not on offer")
        self.refusal = refusal


class DifferentPromise(Exception):
    """The id is taken by something else: a promise with other content, or another transfer."""


@transaction.atomic
def publish_rules(*, valid_from: date, terms: Terms) -> int:
    """Store the terms that hold from a local day on and return their id; the same again changes nothing.

    Raises `InvalidTerms`, and `ValueError` when that day already has other terms: what is in force is
    never edited.
    """
    promised_rules.check(terms)
    return promised_queries.TERMS.publish(valid_from=valid_from, terms=terms)


@transaction.atomic
def take(*, promise_id: UUID, line: Line, amount_minor: int, rules_id: int, at: datetime) -> None:
    """Lend the contract of `line` a sum once, charge the fee and tell the owner.

    `promise_id` is made with the form, and `rules_id` is what that form showed: a second send changes nothing. Raises
    `NotOffered` and `DifferentPromise`; then nothing was moved.
    """
    posting.accounts([line.contract_id])
    # Who comes at the same time waits here, and then sees the promise that was made.
    account = models.Account.objects.select_for_update().get(contract_id=line.contract_id)
    if (made := models.Promise.objects.filter(id=promise_id).first()) is not None:
        if (made.account_id, made.amount_minor, made.rules_id) != (account.id, amount_minor, rules_id):
            raise DifferentPromise
        return
    decision = promised_queries.standing(line, at).decision
    if isinstance(decision, Refusal):
        raise NotOffered(decision)
    choice = decision.choice(amount_minor) if decision.rules.id == rules_id else None
    if choice is None:
        raise NotOffered
    fee_id = UUID(posting.promise_fee_id(promise_id)) if choice.fee_minor else None
    _move(account, promise_id, fee_id, choice, at)
    promise = _record(account, line, promise_id, fee_id, decision, choice, at)
    promised_messages.taken(promise)
    limits.note_charges([line.id])
    outbox.announce(MoneyCame([line.contract_id]))


def _move(account: models.Account, promise_id: UUID, fee_id: UUID | None, choice: Offered, at: datetime) -> None:
    own = account.ledger_account_id
    house = posting.promised_account()
    moved = [ledger.Posting(promise_id, house, own, choice.amount_minor, at, "promise")]
    if fee_id:
        revenue = posting.revenue_accounts()[CATEGORY]
        moved.append(ledger.Posting(fee_id, own, revenue, choice.fee_minor, at, "fee"))
    try:
        with transaction.atomic():
            posted = ledger.post_many(moved)
    except ledger.DifferentTransfer:
        raise DifferentPromise from None
    if posted < len(moved):
        raise DifferentPromise


def _record(
    account: models.Account, line: Line, promise_id: UUID, fee_id: UUID | None, offer: Offer, choice: Offered,
    at: datetime,
) -> models.Promise:  # fmt: skip
    models.Payment.objects.create(
        id=promise_id, account_id=account.id, booked_at=at, amount_minor=choice.amount_minor, method=METHOD
    )
    if fee_id:
        models.Charge.objects.create(
            id=fee_id,
            account_id=account.id,
            line_id=line.id,
            booked_at=at,
            amount_minor=choice.fee_minor,
            price_minor=choice.fee_minor,
            quantity=1,
            included=0,
            billed_units=1,
            unit_size=1,
            tariff_version_id=line.tariff_version_id,
            category=CATEGORY,
            rule=FEE_RULE,
        )
    return models.Promise.objects.create(
        id=promise_id,
        account_id=account.id,
        line_id=line.id,
        rules_id=offer.rules.id,
        amount_minor=choice.amount_minor,
        fee_minor=choice.fee_minor,
        fee_charge_id=fee_id,
        taken_at=at,
        warn_at=promised_rules.warned_at(choice.days, at, ZoneInfo(settings.TIME_ZONE)),
        due_at=choice.due_at,
    )
