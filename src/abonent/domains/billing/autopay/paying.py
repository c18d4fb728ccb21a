"""What autopay pays: each payment is written down under its own id before the bank is asked, and asked for once.

The id is made of the agreement and a number that is counted on in the transaction that writes the payment down. While
one of a contract has no known end, no other begins: a worker that was killed, or an answer that was lost, leaves
something to ask about, never something to pay anew.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from abonent.domains.billing import models, posting, queries
from abonent.domains.billing.actions import top_up
from abonent.domains.billing.autopay import actions as autopay
from abonent.domains.billing.autopay import messages as autopay_messages
from abonent.domains.billing.autopay import need as autopay_need
from abonent.domains.billing.autopay import queries as autopay_queries
from abonent.domains.billing.autopay import rules as autopay_rules
from abonent.domains.billing.autopay.need import Need
from abonent.domains.billing.autopay.rules import METHOD, AttemptState, Do, Facts, Kind, State, Why
from abonent.domains.billing.fees import rules as fees_rules
from abonent.domains.identity import queries as accounts
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.payments import actions as payments
from abonent.domains.payments import queries as paid
from abonent.domains.payments.ports import Method

PURPOSE = "autopay"
AT_ONCE = 1000
# Whoever wrote it down so long ago and did not ask the bank has died.
ABANDONED = timedelta(minutes=2)

_DUE = """
    select autopay.id
      from billing_autopay autopay
      left join billing_account own on own.contract_id = autopay.contract_id
      left join ledger_account money on money.id = own.ledger_account_id
     where autopay.state = 'on' and (autopay.retry_at is null or autopay.retry_at <= %(at)s)
       and (%(lines)s::bigint[] is null or autopay.line_id = any (%(lines)s))
       and case when autopay.kind = 'threshold'
                then coalesce(money.balance_minor, 0) < autopay.threshold_minor
                  -- What is ordered may take the balance below it, or may have been undone since it was told of.
                  or (autopay.contract_id = any (%(ordered)s) or autopay.warned_for >= %(today)s::date)
                     and case when autopay.warned_for >= %(today)s::date
                              then %(pays)s and autopay.warned_on < %(today)s::date else %(warns)s end
                when autopay.warned_for = autopay.next_day
                then %(pays)s and autopay.next_day <= %(today)s::date and autopay.warned_on < %(today)s::date
                else %(warns)s and autopay.next_day <= %(today)s::date + 1 end
       and not exists (select from billing_autopayattempt attempt
                        where attempt.contract_id = autopay.contract_id and attempt.state = 'asked')
     order by autopay.changed_at, autopay.id limit %(limit)s
"""


def is_offered() -> bool:
    """Return whether any gateway takes money from saved cards."""
    return Method.SAVED in paid.methods()


def due(at: datetime, line_ids: Collection[int] | None = None) -> list[UUID]:
    """Return the agreements, of all lines or of these, that may have something to pay or to tell now."""
    if not is_offered():
        return []
    clock = at.astimezone(_zone()).time()
    wanted: dict[str, Any] = {
        "at": at,
        "today": _today(at),
        "pays": clock >= autopay_rules.PAYS_FROM,
        "warns": clock >= autopay_rules.WARNS_FROM,
        "lines": list(line_ids) if line_ids is not None else None,
        "ordered": autopay_need.contracts(at),
        "limit": AT_ONCE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DUE, wanted)
        return [autopay_id for (autopay_id,) in cursor.fetchall()]


def unanswered(at: datetime) -> list[UUID]:
    """Return the payments that were written down a while ago and have no known end."""
    rows = models.AutopayAttempt.objects.filter(state=AttemptState.ASKED, created_at__lte=at - ABANDONED)
    return list(rows.order_by("created_at").values_list("id", flat=True)[:AT_ONCE])


def pay(*, autopay_id: UUID, at: datetime) -> UUID | None:
    """Do what the agreement asks for now: pay, tell of a payment to come, or nothing; return the payment, if any."""
    attempt = write_down(autopay_id=autopay_id, at=at)
    if attempt is None:
        return None
    _charge(attempt, at)
    return attempt.id


@transaction.atomic
def write_down(*, autopay_id: UUID, at: datetime) -> models.AutopayAttempt | None:
    """Decide what the agreement pays now and write it down; the bank is asked afterwards, outside any transaction."""
    found = models.Autopay.objects.filter(id=autopay_id).values_list("contract_id", flat=True).first()
    if found is None:
        return None
    autopay.lock(found)
    row = models.Autopay.objects.select_for_update().get(id=autopay_id)
    if row.state != State.ON or (row.retry_at is not None and row.retry_at > at):
        return None
    if models.AutopayAttempt.objects.filter(contract_id=found, state=AttemptState.ASKED).exists():
        return None
    line = next((line for line in lines.of_account(row.account_id) if line.id == row.line_id), None)
    if why := _why_not(row, line, at):
        autopay.end_and_tell(row, why, at)
        return None
    if line is None or not _is_time(row, line, at):
        return None
    if line.blocked_at is not None or accounts.standing(row.account_id).frozen_at is not None:
        # Paid again once the line works, or the owner cleared up what was not them; a day long past then is left out.
        row.retry_at = at + autopay_rules.SOON
        row.save()
        return None
    return _decide(row, line, at)


def ask(*, attempt_id: UUID, at: datetime) -> None:
    """Find out what became of a payment that was written down: it is asked for now if it never was."""
    attempt = models.AutopayAttempt.objects.filter(id=attempt_id, state=AttemptState.ASKED).first()
    if attempt is not None and not _withdraw(attempt, at):
        _charge(attempt, at)


@transaction.atomic
def settle(*, payment_id: UUID, amount_minor: int, method: str, detail: str, at: datetime) -> bool:
    """Write down why the money is there that the bank brought, and tell about it; once, False when that was done."""
    row, attempt = _locked(payment_id)
    if attempt.state == AttemptState.SETTLED:
        return False
    top_up(
        payment_id=payment_id, contract_id=attempt.contract_id, amount_minor=amount_minor, at=at, method=METHOD,
        detail=detail, came_by=method,
    )  # fmt: skip
    attempt.state, attempt.settled_minor, attempt.reason, attempt.ended_at = AttemptState.SETTLED, amount_minor, "", at
    attempt.save()
    row.failures, row.retry_at = 0, None
    if row.next_day is not None and row.next_day <= _today(attempt.created_at):
        row.next_day = autopay_rules.next_day(row.day or 1, row.next_day)
    row.save()
    balance = str(queries.balance(attempt.contract_id))
    autopay_messages.tell(row, "autopay paid", sum=str(amount_minor), balance=balance)
    return True


@transaction.atomic
def decline(*, payment_id: UUID, reason: str, at: datetime) -> bool:
    """Note that the bank brought nothing and do what follows from why, once; tell the owner of the next step."""
    row, attempt = _locked(payment_id)
    if attempt.state != AttemptState.ASKED:
        return False
    attempt.state, attempt.reason, attempt.ended_at = AttemptState.DECLINED, reason, at
    attempt.save()
    if row.state != State.ON:
        # Paused or ended meanwhile: nothing was taken, and nothing follows.
        return True
    after = autopay_rules.after_decline(reason, row.failures, at, _zone())
    row.failures, row.retry_at = after.failures, after.retry_at
    if after.why is not None:
        row.state, row.reason, row.changed_at = after.state, after.why, at
    row.save()
    if after.state is State.STOPPED and after.why is not None:
        autopay_messages.tell(row, "autopay stopped", why=after.why)
    elif after.is_told:
        retry = {"retry": after.retry_at.isoformat()} if after.retry_at else {}
        autopay_messages.tell(row, "autopay declined", sum=str(attempt.amount_minor), reason=reason, **retry)
    return True


def _why_not(row: models.Autopay, line: Line | None, at: datetime) -> Why | None:
    """Return why the agreement ends before anything is paid."""
    if line is None or line.contract_id != row.contract_id:
        return Why.LINE_GONE
    card = next((card for card in paid.cards(row.account_id, timezone.localdate(at)) if card.id == row.card_id), None)
    if card is None:
        return Why.CARD_GONE
    return None if card.is_valid else Why.CARD_EXPIRED


def _is_time(row: models.Autopay, line: Line, at: datetime) -> bool:
    """Return whether a payment falls due now; by calendar its owner is told the day before, and missed days pass."""
    if row.kind == Kind.THRESHOLD or row.next_day is None:
        return queries.balance(row.contract_id) < (row.threshold_minor or 0) or _is_time_for_orders(row, line, at)
    zone = _zone()
    if not row.failures and autopay_rules.is_missed(row.next_day, at, zone):
        autopay.plan(row, at)
        row.save()
    if row.warned_for != row.next_day:
        if autopay_rules.is_warned(row.next_day, at, zone):
            _warn(row, autopay_need.of_next_fee(line, at), row.next_day, at)
        return False
    return autopay_rules.is_due(row.next_day, row.warned_on, at, zone)


def _is_time_for_orders(row: models.Autopay, line: Line, at: datetime) -> bool:
    """Return whether to pay for what is ordered for a day to come; told on the day before, and taken back if undone."""
    today, need = _today(at), autopay_need.of_orders(line, at)
    told_for = row.warned_for if row.warned_for is not None and row.warned_for >= today else None
    if need is None or need.lowest_minor >= (row.threshold_minor or 0):
        if told_for is not None:
            _take_back(row)
        return False
    if told_for is None:
        if at.astimezone(_zone()).time() >= autopay_rules.WARNS_FROM:
            _warn(row, need, need.day, at)
        return False
    return autopay_rules.is_due(today, row.warned_on, at, _zone())


def _take_back(row: models.Autopay) -> None:
    """Tell that what was told of is not paid, unless it was."""
    told_at = fees_rules.midnight(row.warned_on or date.min, _zone())
    row.warned_for = row.warned_on = None
    row.save()
    if not models.AutopayAttempt.objects.filter(autopay=row, created_at__gte=told_at).exists():
        autopay_messages.tell(row, "autopay not needed", sum=str(row.amount_minor))


def _warn(row: models.Autopay, need: Need, warned_for: date, at: datetime) -> None:
    row.warned_for, row.warned_on = warned_for, _today(at)
    row.save()
    amount_minor = row.amount_minor or need.lacks_minor
    told = autopay_need.told(need, row.language) | {"missing": str(max(0, need.lacks_minor - amount_minor))}
    autopay_messages.tell(row, "autopay soon", sum=str(amount_minor), kind=row.kind, **told)


def _decide(row: models.Autopay, line: Line, at: datetime) -> models.AutopayAttempt | None:
    balance_minor = lacks_minor = 0
    if row.kind == Kind.FEE:
        lacks_minor = autopay_need.of_next_fee(line, at).lacks_minor
    elif row.kind == Kind.THRESHOLD:
        balance_minor = queries.balance(row.contract_id)
        if row.warned_for is not None and balance_minor >= (row.threshold_minor or 0):
            need = autopay_need.of_orders(line, at)
            balance_minor = min(balance_minor, need.lowest_minor) if need else balance_minor
    spent_minor, times_today = autopay_queries.spent(row.contract_id, at)
    facts = Facts(balance_minor, lacks_minor, spent_minor, times_today)
    decision = autopay_rules.decide(autopay_queries.terms_of(row), facts)
    if decision.do is Do.PAY:
        return _attempt(row, decision.amount_minor, at)
    if decision.do is Do.CAP:
        month = autopay_rules.month_of(at, _zone())
        if row.cap_told_for != month:
            row.cap_told_for = month
            autopay_messages.tell(row, "autopay cap", sum=str(decision.amount_minor), cap=str(row.cap_minor))
    row.retry_at = autopay_rules.looks_again_at(decision.do, Kind(row.kind), at, _zone())
    if row.retry_at is None:
        autopay.plan(row, at)
    row.save()
    return None


def _attempt(row: models.Autopay, amount_minor: int, at: datetime) -> models.AutopayAttempt:
    row.attempts += 1
    row.save(update_fields=["attempts"])
    return models.AutopayAttempt.objects.create(
        id=uuid5(row.id, str(row.attempts)),
        autopay=row,
        number=row.attempts,
        contract_id=row.contract_id,
        account_id=row.account_id,
        card_id=row.card_id,
        amount_minor=amount_minor,
        created_at=at,
    )


def _charge(attempt: models.AutopayAttempt, at: datetime) -> None:
    """Ask the bank for the money, or what became of it: what it says comes back as an event."""
    with translation.override(attempt.autopay.language):
        description = _("Autopay")
    account = posting.accounts([attempt.contract_id]).row(0, named=True)["ledger_account_id"]
    payments.charge_card(
        payment_id=attempt.id,
        purpose=PURPOSE,
        reference=str(attempt.contract_id),
        ledger_account_id=account,
        amount_minor=attempt.amount_minor,
        payer_id=attempt.account_id,
        card_id=attempt.card_id,
        description=description,
        at=at,
    )


@transaction.atomic
def _withdraw(attempt: models.AutopayAttempt, at: datetime) -> bool:
    """Give up a payment that never reached payments and that nobody wants any more; return whether it was so."""
    row, locked = _locked(attempt.id)
    try:
        paid.payment(attempt.id)
    except paid.NoSuchPayment:
        if row.state == State.ON:
            return False
        locked.state, locked.ended_at = AttemptState.WITHDRAWN, at
        locked.save()
        return True
    return False


def _locked(attempt_id: UUID) -> tuple[models.Autopay, models.AutopayAttempt]:
    """Return the agreement and its payment, locked in that order."""
    autopay_id = models.AutopayAttempt.objects.values_list("autopay_id", flat=True).get(id=attempt_id)
    row = models.Autopay.objects.select_for_update().get(id=autopay_id)
    return row, models.AutopayAttempt.objects.select_for_update().get(id=attempt_id)


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def _today(at: datetime) -> date:
    return at.astimezone(_zone()).date()
