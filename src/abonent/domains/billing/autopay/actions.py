"""Agreements to top a contract up from a saved card: made, paused, ended. What they pay stands in `autopay.paying`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from procrastinate.contrib.django import app

from abonent.domains.billing import models
from abonent.domains.billing.autopay import messages as autopay_messages
from abonent.domains.billing.autopay import rules as autopay_rules
from abonent.domains.billing.autopay.rules import Kind, State, Terms, Why
from abonent.domains.lines.queries import Line

# The task that pays what one agreement asks for.
PAY = "pay_by_autopay"
# No account of identity has this id.
NOBODY = 0


class NoSuchAutopay(LookupError):
    """The agreement is not there, is another's, or has ended: the same answer to all."""


class DifferentAutopay(ValueError):
    """The id is taken by an agreement with other content."""


class OfAnother(ValueError):
    """Somebody else pays for this contract by autopay."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to agree to: the form's id, who, for which line, from which card of theirs, on what terms."""

    autopay_id: UUID
    account_id: int
    line: Line
    card_id: int
    card_name: str
    terms: Terms
    language: str


@transaction.atomic
def switch_on(*, wish: Wish, at: datetime) -> None:
    """Agree to it, in place of what was agreed before; the same id again changes nothing.

    Whether the card is the person's own and valid is seen to by who asks, and once more at each payment. Raises
    `autopay.rules.Refused`, `OfAnother`, and `DifferentAutopay` when the id is taken.
    """
    autopay_rules.check(wish.terms)
    lock(wish.line.contract_id)
    known = models.Autopay.objects.filter(id=wish.autopay_id).first()
    if known is not None:
        if not _is_of(known, wish):
            raise DifferentAutopay(wish.autopay_id)
        return
    standing = models.Autopay.objects.select_for_update().filter(contract_id=wish.line.contract_id)
    before = standing.exclude(state=State.STOPPED).first()
    if before is not None:
        if before.account_id != wish.account_id:
            raise OfAnother
        close(before, State.STOPPED, Why.REPLACED, at)
    row = _row(wish, at)
    row.save(force_insert=True)
    autopay_messages.tell(row, "autopay on", **_words(row))
    _look_at_once(row)


def pause(*, autopay_id: UUID, account_id: int, at: datetime) -> None:
    """Pay nothing until it is resumed; paused already, it stays so. Raises `NoSuchAutopay`."""
    _change(autopay_id, account_id, lambda row: close(row, State.PAUSED, Why.OWNER, at))


def stop(*, autopay_id: UUID, account_id: int, at: datetime) -> None:
    """End it at once; what the bank was asked for already may still come. Raises `NoSuchAutopay`."""
    _change(autopay_id, account_id, lambda row: close(row, State.STOPPED, Why.OWNER, at))


def resume(*, autopay_id: UUID, account_id: int, at: datetime) -> None:
    """Go on; days that passed meanwhile are not made up for. Raises `NoSuchAutopay`."""

    def go_on(row: models.Autopay) -> None:
        if row.state == State.ON:
            return
        row.state, row.reason, row.failures, row.retry_at, row.changed_at = State.ON, "", 0, None, at
        plan(row, at)
        row.save()
        _look_at_once(row)

    _change(autopay_id, account_id, go_on)


@transaction.atomic
def card_removed(*, account_id: int, card_id: int | None = None, why: Why = Why.CARD_GONE, at: datetime) -> int:
    """End what that card, or any card of the account, pays, and tell its owner; return how many that were."""
    rows = models.Autopay.objects.select_for_update().filter(account_id=account_id).exclude(state=State.STOPPED)
    if card_id is not None:
        rows = rows.filter(card_id=card_id)
    ended = list(rows.order_by("id"))
    for row in ended:
        end_and_tell(row, why, at)
    return len(ended)


@transaction.atomic
def forget_person(*, account_id: int, at: datetime) -> None:
    """End what the account agreed to; the books keep what was paid, and no more by whom."""
    card_removed(account_id=account_id, why=Why.ACCOUNT_GONE, at=at)
    models.Autopay.objects.filter(account_id=account_id).update(account_id=NOBODY, card_name="")
    models.AutopayAttempt.objects.filter(account_id=account_id).update(account_id=NOBODY)


def end_and_tell(row: models.Autopay, why: Why, at: datetime) -> None:
    """End an agreement, locked by the caller, for a reason that is not its owner's wish."""
    close(row, State.STOPPED, why, at)
    autopay_messages.tell(row, "autopay stopped", why=why)


def close(row: models.Autopay, state: State, why: Why, at: datetime) -> None:
    """Pause or end an agreement that the caller locked."""
    if row.state == state:
        return
    row.state, row.reason, row.retry_at, row.changed_at = state, why, None, at
    row.save()


def plan(row: models.Autopay, at: datetime) -> None:
    """Set the next day of an agreement by calendar, after today."""
    if row.kind != Kind.THRESHOLD:
        today = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
        row.next_day = autopay_rules.next_day(row.day or 1, today)
        if row.next_day == today + timedelta(days=1):
            # Who agrees to it the day before sees so on the page.
            row.warned_for, row.warned_on = row.next_day, today


def lock(contract_id: int) -> None:
    """Let nobody else begin anything of this contract's autopay before this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('autopay'), hashtext(%s))", [str(contract_id)])


def _look_at_once(row: models.Autopay) -> None:
    """Have a worker look whether there is something to pay already, when this transaction is done."""
    if row.kind == Kind.THRESHOLD:
        app.configure_task(PAY, queue="billing").defer(autopay_id=str(row.id))


@transaction.atomic
def _change(autopay_id: UUID, account_id: int, act: Callable[[models.Autopay], None]) -> None:
    rows = models.Autopay.objects.select_for_update().exclude(state=State.STOPPED)
    row = rows.filter(id=autopay_id, account_id=account_id).first()
    if row is None:
        raise NoSuchAutopay(autopay_id)
    act(row)


def _row(wish: Wish, at: datetime) -> models.Autopay:
    row = models.Autopay(
        id=wish.autopay_id,
        contract_id=wish.line.contract_id,
        line_id=wish.line.id,
        account_id=wish.account_id,
        card_id=wish.card_id,
        card_name=wish.card_name,
        language=wish.language,
        kind=wish.terms.kind,
        threshold_minor=wish.terms.threshold_minor,
        day=wish.terms.day,
        amount_minor=wish.terms.amount_minor,
        cap_minor=wish.terms.cap_minor,
        created_at=at,
        changed_at=at,
    )
    plan(row, at)
    return row


def _words(row: models.Autopay) -> dict[str, str]:
    said = {
        "kind": row.kind, "sum": row.amount_minor, "threshold": row.threshold_minor, "day": row.day,
        "cap": row.cap_minor,
    }  # fmt: skip
    return {name: str(value) for name, value in said.items() if value is not None}


def _is_of(known: models.Autopay, wish: Wish) -> bool:
    same = (known.account_id, known.contract_id, known.card_id) == (
        wish.account_id,
        wish.line.contract_id,
        wish.card_id,
    )
    terms = (known.kind, known.threshold_minor, known.day, known.amount_minor, known.cap_minor)
    wished = wish.terms
    return same and terms == (wished.kind, wished.threshold_minor, wished.day, wished.amount_minor, wished.cap_minor)
