"""Cashback: purchases of partners are taken in once, bring money after a hold, and give it back when they are returned.

A row of a partner is a fact about one purchase: repeats, the order of its returns, and killed workers mean nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum
from django.utils.crypto import salted_hmac
from django.utils.timezone import localdate

from abonent.domains.billing import models, posting
from abonent.domains.billing.actions import top_up
from abonent.domains.billing.cashback import rules
from abonent.domains.billing.cashback.rules import BadRow, Reason, State, Terms, Told
from abonent.domains.billing.corrections import queries as corrections_queries
from abonent.domains.ledger import actions as ledger
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.foundation import rounds
from abonent.foundation.values import InvalidNumber, Msisdn

NAMESPACE = UUID("5f0c2b0e-6c43-4d0c-9a52-3f4b8f5f7c11")
DUE_AT_ONCE = 500


class NoSuchPartner(LookupError):
    """There is no partner of that code."""


class BadFile(ValueError):
    """The file is no list of purchases, and nothing of it is taken; the message says why."""


@dataclass(slots=True)
class Taken:
    """What became of a file: rows read, new facts, known before, and refused with line and reason."""

    read: int = 0
    new: int = 0
    known: int = 0
    refused: list[tuple[int, Reason]] = field(default_factory=list)


def publish(*, code: str, name: str, valid_from: date, terms: Terms) -> int:
    """Put terms of a partner in force from a day on; the same again changes nothing. Raises `ValueError`."""
    if not rules.CODE.fullmatch(code) or not name.strip():
        raise ValueError("a partner has a code of 2 to 20 small letters, digits and hyphens, and a name")
    with transaction.atomic():
        partner, _ = models.CashbackPartner.objects.get_or_create(code=code, defaults={"name": name.strip()[:60]})
        values = {
            "rate_bp": terms.rate_bp, "purchase_cap_minor": terms.purchase_cap_minor,
            "month_cap_minor": terms.month_cap_minor, "hold_days": terms.hold_days, "excluded": list(terms.excluded),
        }  # fmt: skip
        row, is_new = models.CashbackTerms.objects.get_or_create(
            partner=partner, valid_from=valid_from, defaults=values
        )
        if not is_new and terms_of(row) != terms:
            raise ValueError(f"{code} has other terms from {valid_from} on already; they are never edited")
    return int(row.pk)


def partner_key(code: str, secret: str | None = None) -> str:
    """Return the key that the partner signs with: derived from ours, or an older one, so that it is stored nowhere."""
    return salted_hmac("abonent.cashback.partner", code, secret=secret, algorithm="sha256").hexdigest()


def partner_keys(code: str) -> list[str]:
    """Return the keys by which the partner is heard: the one of now, and those of older secrets."""
    return [partner_key(code, secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def is_partner(code: str) -> bool:
    """Return whether there is such a partner."""
    return models.CashbackPartner.objects.filter(code=code).exists()


def import_file(*, path: Path, code: str, at: datetime) -> Taken:
    """Take in a file of a partner; bad rows are listed and change nothing, good ones go in, each once.

    Raises `NoSuchPartner`, `BadFile`, `OSError`.
    """
    if not is_partner(code):
        raise NoSuchPartner(code)
    taken = Taken()
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            # Read to its end first: of a file that is damaged anywhere nothing is taken.
            rows = list(_rows(file, taken))
        except UnicodeDecodeError:
            raise BadFile("this is not UTF-8") from None
    # Each by itself, as callbacks are: one that held the customer of one while it waits for another would be in a ring.
    for number, fields in rows:
        _take_one(code, fields, number, taken, at)
    taken.refused.sort()
    return taken


def take_in(*, code: str, fields: Mapping[str, str], at: datetime) -> bool:
    """Take in one fact, once; return whether it is new. Raises `BadRow` (nothing changed), `NoSuchPartner`."""
    partner = models.CashbackPartner.objects.filter(code=code).first()
    if partner is None:
        raise NoSuchPartner(code)
    said = rules.told(fields, localdate(at))
    with transaction.atomic():
        # Facts about one purchase come one after the other, from a file and a callback alike.
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_advisory_xact_lock(hashtext('cashback'), hashtext(%s))", [f"{code} {said.purchase_id}"]
            )
        known = models.CashbackPurchase.objects.filter(partner=partner, purchase_id=said.purchase_id).first()
        if said.is_return:
            return _returned(known, said, at)
        return _bought(partner, known, said, at)


def accrue_due(*, at: datetime) -> int:
    """Let the money of purchases come whose hold is over, each in a transaction of its own; return how many."""
    due = models.CashbackPurchase.objects.filter(state=State.WAITING, due_at__lte=at).order_by("due_at", "id")
    came: list[bool] = []
    rounds.each(due.values_list("id", flat=True)[:DUE_AT_ONCE], lambda pk: came.append(accrue(purchase=pk, at=at)))
    return sum(came)


@transaction.atomic
def accrue(*, purchase: int, at: datetime) -> bool:
    """Let the money of one purchase come, or note that none does; once, False when that was done or is not due."""
    contract_id = models.CashbackPurchase.objects.values_list("contract_id", flat=True).get(id=purchase)
    # The account first, as returns take it: what came in the month is added up under its lock.
    account_id = _locked(contract_id)
    row = models.CashbackPurchase.objects.select_for_update(of=("self",), no_key=True).get(id=purchase)
    if row.state != State.WAITING or row.due_at > at:
        return False
    amount_minor = 0
    if not lines.closed_of([row.line_id]):
        amount_minor = rules.accrual(
            terms_of(row.terms), kept_minor=row.amount_minor - row.returned_minor, category=row.category,
            month_before_minor=_came_in_month(row),
        )  # fmt: skip
    row.state, row.settled_at = (State.ACCRUED if amount_minor else State.NOTHING), at
    row.accrued_minor = amount_minor
    row.save(update_fields=["state", "settled_at", "accrued_minor"])
    if amount_minor:
        move_id = _move_id(row, "in")
        top_up(
            payment_id=move_id, contract_id=contract_id, amount_minor=amount_minor, at=at, method=rules.METHOD,
            detail=row.partner.name,
        )  # fmt: skip
        models.CashbackMove.objects.create(id=move_id, purchase=row, amount_minor=amount_minor, booked_at=at)
        repaid = models.Repayment.objects.filter(payment_id=move_id).aggregate(minor=Sum("amount_minor"))["minor"] or 0
        _set_off(contract_id, account_id, amount_minor - repaid, at)
    return True


def terms_of(row: models.CashbackTerms) -> Terms:
    """Return a row as a value."""
    return Terms(row.rate_bp, row.purchase_cap_minor, row.month_cap_minor, row.hold_days, tuple(row.excluded))


def _rows(file: Iterable[str], taken: Taken) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows that have the columns, with their lines; others are refused."""
    reader = csv.reader((line[: rules.LINE_LENGTH_MAX] for line in file), strict=True)
    try:
        head = next(reader, None)
        if head is None or tuple(head) != rules.COLUMNS:
            raise BadFile(f"the first line is {','.join(rules.COLUMNS)}")
        for fields in reader:
            if not fields:
                continue
            taken.read += 1
            if len(fields) != len(rules.COLUMNS):
                taken.refused.append((reader.line_num, Reason.COLUMNS))
            else:
                named = zip(rules.COLUMNS, fields, strict=True)
                yield reader.line_num, {name: value.strip() for name, value in named}
    except csv.Error as error:
        raise BadFile(f"line {reader.line_num}: {error}") from None


def _take_one(code: str, fields: Mapping[str, str], number: int, taken: Taken, at: datetime) -> None:
    try:
        if take_in(code=code, fields=fields, at=at):
            taken.new += 1
        else:
            taken.known += 1
    except BadRow as bad:
        taken.refused.append((number, bad.reason))


def _bought(partner: models.CashbackPartner, known: models.CashbackPurchase | None, said: Told, at: datetime) -> bool:
    number = _number(said)
    if known is not None:
        if (known.number, known.amount_minor, known.bought_on) != (number, said.amount_minor, said.bought_on):
            raise BadRow(Reason.OTHER)
        return False
    line = _line(number, said.bought_on)
    every = models.CashbackTerms.objects.filter(partner=partner).values_list("valid_from", "id")
    terms_id = rules.in_force(said.bought_on, list(every))
    if terms_id is None:
        raise BadRow(Reason.NO_TERMS)
    terms = models.CashbackTerms.objects.get(id=terms_id)
    models.CashbackPurchase.objects.create(
        partner=partner, purchase_id=said.purchase_id, terms=terms, contract_id=line.contract_id, line_id=line.id,
        number=number, amount_minor=said.amount_minor, category=said.category, bought_on=said.bought_on,
        due_at=rules.due_at(said.bought_on, terms_of(terms), _zone()), created_at=at,
    )  # fmt: skip
    return True


def _returned(known: models.CashbackPurchase | None, said: Told, at: datetime) -> bool:
    if known is None:
        raise BadRow(Reason.UNKNOWN)
    if (known.number, known.bought_on) != (_number(said), said.bought_on):
        raise BadRow(Reason.OTHER)
    if said.amount_minor > known.amount_minor:
        raise BadRow(Reason.TOO_MUCH)
    account_id = _locked(known.contract_id)
    row = models.CashbackPurchase.objects.select_for_update(of=("self",), no_key=True).get(id=known.pk)
    if said.amount_minor <= row.returned_minor:
        # All that was brought back so far: a smaller sum is an older fact.
        return False
    row.returned_minor = said.amount_minor
    back_minor = rules.goes_back(
        terms_of(row.terms), accrued_minor=row.accrued_minor, back_minor=row.reversed_minor + row.owed_minor,
        kept_minor=row.amount_minor - row.returned_minor, category=row.category,
    )  # fmt: skip
    row.owed_minor += back_minor
    row.save(update_fields=["returned_minor", "owed_minor"])
    if back_minor:
        has = corrections_queries.money(row.contract_id)
        now_minor = rules.can_go_back(back_minor, has.available_minor, prepaid=has.prepaid)
        _take_back(row, account_id, now_minor, at)
    return True


def _set_off(contract_id: int, account_id: int, came_minor: int, at: datetime) -> None:
    """Give back of what just came, and repaid no promise, what earlier returns left owing: never their own money."""
    owing = models.CashbackPurchase.objects.select_for_update(of=("self",), no_key=True).filter(
        contract_id=contract_id, owed_minor__gt=0
    )
    for row in owing.order_by("id"):
        part = min(row.owed_minor, came_minor)
        _take_back(row, account_id, part, at)
        came_minor -= part


def _take_back(row: models.CashbackPurchase, account_id: int, amount_minor: int, at: datetime) -> None:
    """Reverse a part of what came for the purchase, and write why."""
    if not amount_minor:
        return
    # What went back before makes the id: the same step again is the same transfer.
    move_id = _move_id(row, f"back {row.reversed_minor}")
    ledger.reverse(transfer_id=move_id, of=_move_id(row, "in"), booked_at=at, amount_minor=amount_minor)
    models.Payment.objects.create(
        id=move_id, account_id=account_id, booked_at=at, amount_minor=-amount_minor, method=rules.METHOD,
        detail=row.partner.name,
    )  # fmt: skip
    models.CashbackMove.objects.create(id=move_id, purchase=row, amount_minor=-amount_minor, booked_at=at)
    row.reversed_minor += amount_minor
    row.owed_minor -= amount_minor
    row.save(update_fields=["reversed_minor", "owed_minor"])


def _came_in_month(row: models.CashbackPurchase) -> int:
    """Return what came, and did not go back, for the contract's other purchases at the partner in that month."""
    first, following = rules.months_bounds(row.bought_on)
    others = models.CashbackPurchase.objects.filter(
        partner_id=row.partner_id, contract_id=row.contract_id, bought_on__gte=first, bought_on__lt=following
    )
    sums = others.aggregate(came=Sum("accrued_minor"), back=Sum("reversed_minor"), owed=Sum("owed_minor"))
    return int((sums["came"] or 0) - (sums["back"] or 0) - (sums["owed"] or 0))


def _number(said: Told) -> str:
    try:
        return Msisdn.parse(said.number, settings.NUMBER_REGION).e164
    except InvalidNumber:
        raise BadRow(Reason.NUMBER) from None


def _line(number: str, bought_on: date) -> Line:
    """Return who was served by the number on that day and still is; raise `BadRow`."""
    line = lines.served_by_number(number)
    if line is None or localdate(line.opened_at) > bought_on:
        raise BadRow(Reason.NOBODY)
    return line


def _locked(contract_id: int) -> int:
    """Let the money of the contract move one step after the other; return its account."""
    [(_contract, account_id, _ledger_account)] = posting.accounts([contract_id]).iter_rows()
    with connection.cursor() as cursor:
        cursor.execute("select from billing_account where id = %s for no key update", [account_id])
    return int(account_id)


def _move_id(row: models.CashbackPurchase, what: str) -> UUID:
    return uuid5(NAMESPACE, f"{row.partner_id}|{row.purchase_id}|{what}")


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)
