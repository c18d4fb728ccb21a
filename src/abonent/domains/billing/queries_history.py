"""Payments of a contract and those that its holder made for others: a list with filters, and receipts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from abonent.domains.billing.content.rules import METHOD
from abonent.domains.billing.rules_history import METHODS_OF_WAY, OTHER, Filters
from abonent.domains.billing.statement.rules import PAYMENT, Position
from abonent.foundation.values import Period

PAGE_SIZE = 30
# A file holds so many at most: more than anybody pays in a life.
FILE_ROWS_MAX = 50_000


class NoSuchPayment(LookupError):
    """The payment is not there, or not yours: the same answer to both."""


class Entry(NamedTuple):
    """A payment: `amount_minor` > 0, `method` and `detail` as billing wrote them.

    `number` is whom it was for, when it was begun here; `payer` is the number of somebody else who paid it;
    `for_other`: it was paid by the viewer for somebody else. `line_id` None: nobody is served by `number`, so it came
    to who paid.
    """

    id: UUID
    at: datetime
    amount_minor: int
    method: str
    detail: str
    contract_id: int
    number: str
    payer: str
    line_id: int | None
    for_other: bool

    @property
    def is_astray(self) -> bool:
        """Whether it was meant for a number that nobody is served by."""
        return bool(self.number) and self.line_id is None

    @property
    def position(self) -> Position:
        return Position(self.at, PAYMENT, 0, str(self.id))


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose payments are meant: those of the contract, and those that the account made for others."""

    contract_id: int
    account_id: int


@dataclass(frozen=True, slots=True)
class Totals:
    """How many payments match, what came in by them and what was paid for others, in minor units."""

    count: int
    paid_minor: int
    for_others_minor: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the payments, newest first, and the positions to go on from."""

    entries: tuple[Entry, ...]
    totals: Totals
    newer: Position | None
    older: Position | None


_COLUMNS = """
    payment.id, payment.booked_at, payment.amount_minor, payment.method, payment.detail, account.contract_id,
    coalesce(topup.number, ''),
    case when topup.payer_id <> %(account)s and not topup.is_own then topup.payer_number else '' end, topup.line_id
"""
# What goes between the main balance and the content account was paid before.
_OWN = f"""
      from billing_payment payment join billing_account account on account.id = payment.account_id
      left join billing_topup topup on topup.id = payment.id
     where account.contract_id = %(contract)s and payment.method <> '{METHOD}'
"""
_FOR_OTHERS = """
      from billing_topup topup join billing_payment payment on payment.id = topup.id
      join billing_account account on account.id = payment.account_id
     where topup.payer_id = %(account)s and not topup.is_own and topup.line_id is not null
       and account.contract_id <> %(contract)s
"""


def page(
    *,
    whose: Whose,
    filters: Filters,
    zone: ZoneInfo,
    older_than: Position | None = None,
    newer_than: Position | None = None,
    size: int = PAGE_SIZE,
) -> Page:
    """Return the newest payments that match, or those next to a position: at most `size`, in two queries."""
    backwards = newer_than is not None
    found = _entries(whose, filters, zone, newer_than or older_than, backwards=backwards, limit=size + 1)
    more, shown = len(found) > size, found[:size]
    if backwards:
        shown.reverse()
    newer = shown and (more if backwards else older_than is not None)
    older = shown and (more if not backwards else True)
    return Page(
        tuple(shown),
        _totals(whose, filters, zone),
        shown[0].position if newer else None,
        shown[-1].position if older else None,
    )


def whole(*, whose: Whose, filters: Filters, zone: ZoneInfo) -> Page:
    """Return all payments that match, newest first, as far as a file holds."""
    entries = _entries(whose, filters, zone, None, backwards=False, limit=FILE_ROWS_MAX)
    return Page(tuple(entries), _totals(whose, filters, zone), None, None)


def receipt(*, payment_id: UUID, contract_ids: Collection[int], account_id: int) -> Entry:
    """Return a payment of one of the contracts, or made by the account for others; raise `NoSuchPayment`."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select {_COLUMNS}, account.contract_id <> all (%(contracts)s)
                  from billing_payment payment join billing_account account on account.id = payment.account_id
                  left join billing_topup topup on topup.id = payment.id
                 where payment.id = %(id)s
                   and (account.contract_id = any (%(contracts)s) or topup.payer_id = %(account)s)""",
            {"id": payment_id, "contracts": list(contract_ids), "account": account_id},
        )
        row = cursor.fetchone()
    if row is None:
        raise NoSuchPayment(payment_id)
    return Entry(*row)


def _entries(
    whose: Whose, filters: Filters, zone: ZoneInfo, position: Position | None, *, backwards: bool, limit: int
) -> list[Entry]:
    order, beyond = ("asc", ">") if backwards else ("desc", "<")
    condition, parameters = _condition(filters, zone)
    parameters |= {"contract": whose.contract_id, "account": whose.account_id, "limit": limit}
    if position is not None:
        condition += f" and (payment.booked_at, payment.id) {beyond} (%(at)s, %(key)s::uuid)"
        parameters |= {"at": position.at, "key": position.key}
    nearest = f"order by payment.booked_at {order}, payment.id {order} limit %(limit)s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select * from (
                    (select {_COLUMNS}, false as for_other {_OWN} {condition} {nearest})
                    union all
                    (select {_COLUMNS}, true as for_other {_FOR_OTHERS} {condition} {nearest})
                ) found order by booked_at {order}, id {order} limit %(limit)s""",
            parameters,
        )
        return [Entry(*row) for row in cursor.fetchall()]


def _totals(whose: Whose, filters: Filters, zone: ZoneInfo) -> Totals:
    condition, parameters = _condition(filters, zone)
    parameters |= {"contract": whose.contract_id, "account": whose.account_id}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select count(*), coalesce(sum(amount_minor) filter (where not for_other), 0)::bigint,
                       coalesce(sum(amount_minor) filter (where for_other), 0)::bigint
                  from (select payment.amount_minor, false as for_other {_OWN} {condition}
                         union all
                        select payment.amount_minor, true {_FOR_OTHERS} {condition}) found""",
            parameters,
        )
        return Totals(*cursor.fetchone())


def _condition(filters: Filters, zone: ZoneInfo) -> tuple[str, dict[str, Any]]:
    """Return what a payment must be to match, beginning with `and`, with its parameters."""
    conditions, parameters = [""], dict[str, Any]()
    if filters.first:
        conditions.append("payment.booked_at >= %(from)s")
        parameters["from"] = _midnight(filters.first, zone)
    if filters.last:
        conditions.append("payment.booked_at < %(until)s")
        parameters["until"] = _midnight(filters.last + timedelta(days=1), zone)
    if filters.ways:
        named = [method for way in filters.ways for method in METHODS_OF_WAY.get(way, ())]
        known = [method for methods in METHODS_OF_WAY.values() for method in methods]
        other = " or payment.method <> all (%(known)s)" if OTHER in filters.ways else ""
        conditions.append(f"(payment.method = any (%(methods)s){other})")
        parameters |= {"methods": named, "known": known}
    if filters.search:
        conditions.append(
            """(payment.amount_minor = %(amount)s or strpos(lower(payment.detail), lower(%(search)s)) > 0
                or (%(id_part)s <> '' and starts_with(replace(payment.id::text, '-', ''), %(id_part)s)))"""
        )
        parameters |= {"amount": filters.amount_minor, "search": filters.search, "id_part": filters.id_part}
    return " and ".join(conditions), parameters


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return Period.of_days(day, day, zone).start
