"""Subscriptions of content providers go on and end: charged when they are due, paused without money, stopped at once.

A fee and a stop hold the subscription's row, so of two at one moment one comes after the other: what is stopped is not
charged, and what was charged is given back as the terms say. A paused one costs nothing: it is paid anew from the day
on which there is money.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from abonent.domains.billing.content import actions as content
from abonent.domains.billing.content import rules as content_rules
from abonent.domains.billing.content.actions import Fee
from abonent.domains.billing.content.queries import PartnerFee
from abonent.domains.billing.fees.rules import midnight
from abonent.domains.billing.products import Short
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models
from abonent.domains.orders.events import SubscriptionChanged
from abonent.domains.orders.subscriptions import asking as subscriptions_asking
from abonent.domains.orders.subscriptions import notices as subscriptions_notices
from abonent.domains.orders.subscriptions import queries, rules
from abonent.domains.orders.subscriptions.queries import NoSuchSubscription, Subscription
from abonent.domains.orders.subscriptions.rules import LIVES, OPEN, State, Why
from abonent.foundation import outbox, rounds

CHARGED_AT_ONCE = 1000
# How soon what no top-up can help is looked at again.
LOOKED_AT_EVERY = timedelta(days=1)
BY_RULE = "rule"


def charge_first(row: models.Subscription, line: Line, at: datetime) -> Subscription:
    """Take the first fee of what was just agreed to, in that transaction; the row is locked."""
    _charge(row, line, at, began=True)
    return queries.value_of(row)


def charge_due(*, at: datetime) -> int:
    """Take the fees that are due, each in a transaction of its own; return how many subscriptions were looked at."""
    due = models.Subscription.objects.filter(state__in=LIVES, try_at__lte=at).order_by("try_at", "id")
    return rounds.each(
        due.values_list("id", flat=True)[:CHARGED_AT_ONCE],
        lambda subscription_id: charge(subscription_id=subscription_id, at=at),
    )


@transaction.atomic
def charge(*, subscription_id: UUID, at: datetime, money_came: bool = False) -> State:
    """Take the fee of one subscription if it is due, or (`money_came`) waits for money; return how it stands."""
    row = models.Subscription.objects.select_for_update(no_key=True).get(id=subscription_id)
    waits = row.state == State.PAUSED and row.why == Why.NO_MONEY
    if row.state not in LIVES or row.try_at is None or (row.try_at > at and not (money_came and waits)):
        return State(row.state)
    line = lines.served_by_id(row.line_id)
    if line is None:
        return _end(row, None, Why.LINE_CLOSED, BY_RULE, at)
    if line.bars or queries.is_suspended(row.provider):
        return _pause(row, Why.BLOCKED if line.bars else Why.SUSPENDED, at + LOOKED_AT_EVERY, at)
    return _charge(row, line, at, money_came=money_came)


def charge_paused(*, contract_ids: Collection[int], at: datetime) -> None:
    """Money came for these contracts: what was paused without it may go on."""
    rows = models.Subscription.objects.filter(
        line__contract_id__in=list(contract_ids), state=State.PAUSED, why=Why.NO_MONEY
    )
    rounds.each(
        rows.order_by("asked_at", "id").values_list("id", flat=True),
        lambda subscription_id: charge(subscription_id=subscription_id, at=at, money_came=True),
    )


@transaction.atomic
def stop(
    *, subscription_id: UUID, line_ids: Collection[int], why: Why, by: str, at: datetime, batch: UUID | None = None
) -> Subscription:
    """End a subscription now, give back what its terms say and tell its owner; what ended stays as it is.

    A request that waits for consent is declined. Raises `NoSuchSubscription`.
    """
    found = models.Subscription.objects.select_for_update(no_key=True)
    row = found.filter(id=subscription_id, line_id__in=list(line_ids)).first()
    if row is None:
        raise NoSuchSubscription(subscription_id)
    if row.state not in OPEN:
        return queries.value_of(row)
    row.batch = batch
    if row.state == State.ASKED:
        row.state, row.why, row.ended_at, row.ended_by = State.DECLINED, why, at, by
        row.save(update_fields=["state", "why", "ended_at", "ended_by", "batch"])
    else:
        _end(row, lines.served_by_id(row.line_id), why, by, at)
    return queries.value_of(row)


@transaction.atomic
def stop_all(*, line_id: int, form_id: UUID, why: Why, by: str, at: datetime, provider: str = "") -> list[Subscription]:
    """End everything that the line has or is asked for, of one `provider` or all; return that.

    The same form again ends nothing more, and is answered the same.
    """
    subscriptions_asking.take_turn(line_id)
    if done := queries.batch(form_id, [line_id]):
        return done
    rows = models.Subscription.objects.filter(line_id=line_id, state__in=OPEN)
    rows = rows.filter(provider=provider) if provider else rows
    for subscription_id in rows.order_by("id").values_list("id", flat=True):
        stop(subscription_id=subscription_id, line_ids=[line_id], why=why, by=by, at=at, batch=form_id)
    return queries.batch(form_id, [line_id])


@transaction.atomic
def ban(*, line_id: int, by: str, at: datetime) -> bool:
    """Refuse whatever is asked for on the line from now on, what waits for consent included; False: so it is already.

    What goes on goes on.
    """
    subscriptions_asking.take_turn(line_id)
    if models.ContentBan.objects.filter(line_id=line_id, until=None).exists():
        return False
    models.ContentBan.objects.create(line_id=line_id, since=at, by=by)
    waiting = models.Subscription.objects.filter(line_id=line_id, state=State.ASKED)
    waiting.update(state=State.REFUSED, why=Why.BANNED, ended_at=at, ended_by=by)
    return True


@transaction.atomic
def lift_ban(*, line_id: int, by: str, at: datetime) -> bool:
    """Let providers ask again; False: they may already."""
    subscriptions_asking.take_turn(line_id)
    rows = models.ContentBan.objects.filter(line_id=line_id, until=None)
    return bool(rows.update(until=at, lifted_by=by))


@dataclass(frozen=True, slots=True)
class Disputed:
    """What became of a subscription whose payer did not agree to it: `back_minor` came back at once.

    `case_for` is the charge that a person has to look at, None: nobody has. `is_new`: it was not said before.
    """

    back_minor: int
    case_for: PartnerFee | None
    is_new: bool


@transaction.atomic
def dispute(*, subscription_id: UUID, line_ids: Collection[int], at: datetime) -> Disputed:
    """Its payer never agreed to it, they say: it ends, counts as a complaint, and the money comes back by the terms.

    The same again changes nothing. Raises `NoSuchSubscription`, also for what never began.
    """
    found = models.Subscription.objects.filter(id=subscription_id, line_id__in=list(line_ids)).exclude(agreed_at=None)
    if (line_id := found.values_list("line_id", flat=True).first()) is None:
        raise NoSuchSubscription(subscription_id)
    # Two first disputes at once are one first and one second.
    subscriptions_asking.take_turn(line_id)
    row = models.Subscription.objects.select_for_update(no_key=True).get(id=subscription_id)
    if row.disputed_at is not None:
        return Disputed(row.back_minor, None, is_new=False)
    terms, before = queries.terms(at), queries.disputed_lately(line_id, at)
    row.disputed_at = at
    row.save(update_fields=["disputed_at"])
    line = lines.served_by_id(line_id)
    charged = [
        one
        for one in queries.all_fees(row.id)
        if one.at > at - terms.dispute_within and one.amount_minor > one.returned_minor
    ]
    left_minor = sum(one.amount_minor - one.returned_minor for one in charged)
    case_for = charged[0] if charged else None
    back = 0
    if line is not None and rules.money_back_at_once(terms, charged_minor=left_minor, disputed_before=before):
        fees = [_fee_of(row, one.first, one.end) for one in charged]
        back, case_for = content.give_all_back(line=line, fees=fees, at=at), None
    row.back_minor += back
    row.save(update_fields=["back_minor"])
    if row.state in LIVES:
        _end(row, line, Why.DISPUTE, "owner", at, back=False)
    elif back and line is not None:
        subscriptions_notices.ended(row, line)
    return Disputed(back, case_for, is_new=True)


@transaction.atomic
def suspend(*, provider: str, at: datetime) -> None:
    """Begin and charge nothing of the provider until `resume`; the same again changes nothing."""
    models.ProviderSuspension.objects.get_or_create(provider=provider, until=None, defaults={"since": at})


@transaction.atomic
def resume(*, provider: str, at: datetime) -> None:
    """Let the provider go on; what was paused for it is paid from now on."""
    models.ProviderSuspension.objects.filter(provider=provider, until=None).update(until=at)
    paused = models.Subscription.objects.filter(provider=provider, state=State.PAUSED, why=Why.SUSPENDED)
    paused.update(try_at=at)


def end_of_line(*, line_id: int, at: datetime) -> None:
    """The line is not served any more: nothing of it goes on, and nobody is told at a number of somebody else."""
    rows = models.Subscription.objects.filter(line_id=line_id, state__in=OPEN)
    for subscription_id in rows.order_by("id").values_list("id", flat=True):
        stop(subscription_id=subscription_id, line_ids=[line_id], why=Why.LINE_CLOSED, by=BY_RULE, at=at)


def _charge(
    row: models.Subscription, line: Line, at: datetime, *, began: bool = False, money_came: bool = False
) -> State:
    fee, was_paused = _fee(row, at), row.state == State.PAUSED
    try:
        content.charge(line=line, fee=fee, at=at)
    except Short as short:
        return _without_money(row, line, short.missing_minor, at, counts=not money_came)
    row.state, row.why, row.failed, row.paused_at = State.ACTIVE, "", 0, None
    row.first_day, row.end_day = fee.first, fee.end
    row.try_at = midnight(fee.end, ZoneInfo(settings.TIME_ZONE))
    row.save(update_fields=["state", "why", "failed", "paused_at", "first_day", "end_day", "try_at"])
    if began or was_paused:
        outbox.announce(SubscriptionChanged(str(row.id)))
        tell = subscriptions_notices.began if began else subscriptions_notices.resumed
        tell(row, line)
    return State.ACTIVE


def _without_money(row: models.Subscription, line: Line, missing_minor: int, at: datetime, *, counts: bool) -> State:
    """Pause it until the next try; after the last one it ends. A top-up that was too small uses no try up."""
    was_told = row.state == State.PAUSED and row.why == Why.NO_MONEY
    if was_told and not counts:
        return State.PAUSED
    following = rules.next_try(queries.terms(at), row.failed, at)
    if following is None:
        return _end(row, line, Why.NO_MONEY, BY_RULE, at)
    row.failed += 1
    _pause(row, Why.NO_MONEY, following, at)
    if not was_told:
        subscriptions_notices.paused(row, line, missing_minor)
    return State.PAUSED


def _pause(row: models.Subscription, why: Why, try_at: datetime, at: datetime) -> State:
    is_news = row.state != State.PAUSED
    row.state, row.why, row.try_at, row.paused_at = State.PAUSED, why, try_at, row.paused_at or at
    row.save(update_fields=["state", "why", "try_at", "paused_at", "failed"])
    if is_news:
        outbox.announce(SubscriptionChanged(str(row.id)))
    return State.PAUSED


def _end(row: models.Subscription, line: Line | None, why: Why, by: str, at: datetime, *, back: bool = True) -> State:
    rest = queries.rest_of(queries.value_of(row), at)
    row.works_until = rest.works_until if rest else queries.today(at)
    if rest and rest.back_minor and line is not None and back:
        row.back_minor = content.give_back(line=line, fee=_paid_fee(row), amount_minor=rest.back_minor, at=at)
    row.state, row.why, row.ended_at, row.ended_by, row.try_at = State.ENDED, why, at, by, None
    row.save(
        update_fields=["state", "why", "ended_at", "ended_by", "try_at", "works_until", "back_minor", "batch"]
    )  # fmt: skip
    outbox.announce(SubscriptionChanged(str(row.id)))
    if line is not None:
        subscriptions_notices.ended(row, line)
    return State.ENDED


def _fee(row: models.Subscription, at: datetime) -> Fee:
    """Return the fee that is due: for the days from today on, whatever was not served before."""
    first = queries.today(at)
    return _fee_of(row, first, content_rules.end_day(first, queries.value_of(row).per))


def _paid_fee(row: models.Subscription) -> Fee:
    if row.first_day is None or row.end_day is None:
        raise ValueError("nothing of it is paid")
    return _fee_of(row, row.first_day, row.end_day)


def _fee_of(row: models.Subscription, first: date, end: date) -> Fee:
    per = queries.value_of(row).per
    return Fee(row.id, row.provider, row.service, row.names, per, row.price_minor, first, end)
