"""Reads of billing; values, not models. Expenses are per line, balance and payments per contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from abonent.domains.billing import rules
from abonent.domains.billing.cashback.rules import METHOD as CASHBACK
from abonent.domains.billing.content.rules import METHOD as CONTENT
from abonent.domains.billing.limits.rules import OnReached
from abonent.domains.billing.packages import queries as packages_queries
from abonent.domains.billing.packages.rules import LeftOver as LeftOver
from abonent.domains.billing.pauses import rules as pauses_rules
from abonent.domains.billing.promised import rules as promised_rules
from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.rules import TariffVersion
from abonent.domains.ledger import queries as ledger
from abonent.domains.lines.bars.rules import Kind
from abonent.domains.lines.queries import Line
from abonent.foundation.values import Period

OPERATIONS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Expense:
    """What a category cost in a period, and how many charges that were."""

    category: rules.Category
    amount_minor: int
    count: int


@dataclass(frozen=True, slots=True)
class Expenses:
    """What a line cost in a period, the largest category first."""

    period: Period
    total_minor: int
    items: tuple[Expense, ...]


@dataclass(frozen=True, slots=True)
class Owed:
    """A promised payment that is not repaid yet."""

    amount_minor: int
    repaid_minor: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Operation:
    """Money that came (`amount_minor` > 0) or went; of a payment `method` and `detail`, of a charge the rest."""

    id: UUID
    at: datetime
    kind: rules.Category | Literal["payment"]
    amount_minor: int
    method: str = ""
    detail: str = ""
    rule: str = ""
    peer: str = ""
    quantity: int = 0


@dataclass(frozen=True, slots=True)
class NextFee:
    """The next fee and how much the balance lacks for it (0: it suffices, or a bill is paid afterwards).

    `waits`: it was due at `at` and could not be charged, and the line is paused until there is enough.
    """

    at: datetime
    amount_minor: int
    shortfall_minor: int
    waits: bool = False


@dataclass(frozen=True, slots=True)
class SpendingLimit:
    """The limit of this month, and whether its owner wants paid things held back when it is reached."""

    amount_minor: int
    blocks: bool


@dataclass(frozen=True, slots=True)
class Autopay:
    """That the contract is topped up by itself, below `threshold_minor` or on `next_day`; `account_id` agreed to it."""

    account_id: int
    is_on: bool
    threshold_minor: int | None
    next_day: date | None


@dataclass(frozen=True, slots=True)
class Overview:
    """What the home page shows of a line.

    `expenses` are this calendar month's until now, `expenses_before_minor` the same days of the month before;
    `changes_at` is when other prices hold for it, if that is known already; `in_family`: it may take from another's;
    on `idle_on` it is blocked for want of use.
    """

    balance_minor: int
    tariff: TariffVersion
    left_overs: tuple[LeftOver, ...]
    next_fee: NextFee
    expenses: Expenses
    expenses_before_minor: int
    operations: tuple[Operation, ...]
    services: Mapping[str, Mapping[str, str]]
    as_of: datetime
    promised: Owed | None = None
    limit: SpendingLimit | None = None
    autopay: Autopay | None = None
    changes_at: datetime | None = None
    in_family: bool = False
    idle_on: date | None = None


_EXPENSES = """
    select category, sum(amount_minor)::bigint, count(*) from billing_charge
     where line_id = %s and booked_at >= %s and booked_at < %s and amount_minor <> 0 group by category
"""


# How a line stands: where its money is, the fee that waits for some, what is owed of a promised payment, which versions
# of its tariff are to come.
_STANDING = """
    select 'account', '', ledger_account_id, 0 from billing_account where contract_id = %s
    union all
    select 'waits', since::text, amount_minor, 0 from billing_feewaiting
     where line_id = %s and charged_at is null and first_day <= %s
    union all
    select 'promised', extract(epoch from due_at)::bigint::text, amount_minor, repaid_minor
      from billing_promise where state = 'active'
       and account_id = (select id from billing_account where contract_id = %s)
    union all
    select 'prices', extract(epoch from since)::bigint::text, tariff_version_id, 0 from billing_pricenotice
     where line_id = %s and since > %s
    union all
    select 'idle', blocks_on::text, 0, 0 from billing_idleline
     where line_id = %s and blocked_on is null and released_at is null
"""
# Rows of four columns, the first of which tells what they are.
_OVERVIEW = f"""
    {_STANDING}
    union all
    select 'bucket', bucket, used, 0 from billing_bucket where line_id = %s and period_start = %s
    union all
    select 'limit', on_reached, case when raised_for = %s then raised_minor else amount_minor end, 0
      from billing_spendinglimit where line_id = %s and amount_minor is not null
    union all
    select 'autopay', concat_ws(' ', state, next_day), threshold_minor, account_id
      from billing_autopay where contract_id = %s and state <> 'stopped'
    union all
    select 'family', '', 0, 0 from billing_familymember where line_id = %s and not is_owner and until is null
    union all
    select 'month', expense.* from ({_EXPENSES}) expense
    union all
    select 'before', expense.* from ({_EXPENSES}) expense
    union all
    {packages_queries.FACTS}
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """The money of a line's contract, what will be taken of it next, and what is owed of a promised payment."""

    balance_minor: int
    next_fee: NextFee
    promised: Owed | None


def overview(line: Line, now: datetime) -> Overview:
    """Return everything the home page shows of the line, in five queries at most, six when other prices are to come."""
    zone = ZoneInfo(settings.TIME_ZONE)
    month, before = months(now, zone)
    period = rules.period_of(line.period_day, now, zone)
    facts = _facts(
        _OVERVIEW,
        [
            *_whose(line, now, zone),
            *(line.id, period.start),
            *(month.start.date(), line.id, line.contract_id, line.id),
            *(line.id, month.start, month.end, line.id, before.start, before.end),
            *packages_queries.parameters(line, period),
        ],
    )
    tariff = catalog.tariff_version(line.tariff_version_id)
    stands = _stands(line, tariff, facts, now, zone)
    recent = _operations(line, OPERATIONS_SHOWN)
    return Overview(
        balance_minor=stands.balance_minor,
        tariff=tariff,
        left_overs=packages_queries.of_facts(
            line, tariff, facts, {row[1]: row[2] for row in facts if row[0] == "bucket"}, period, now
        ),
        next_fee=stands.next_fee,
        expenses=_expenses(month, [row[1:] for row in facts if row[0] == "month"]),
        expenses_before_minor=sum(row[2] for row in facts if row[0] == "before"),
        operations=recent,
        services=catalog.service_names(
            operation.peer for operation in recent if operation.kind in ("content", "service", "partner")
        ),
        as_of=now,
        promised=stands.promised,
        limit=next((SpendingLimit(row[2], row[1] == OnReached.BLOCK) for row in facts if row[0] == "limit"), None),
        autopay=next((_autopay(*row[1:]) for row in facts if row[0] == "autopay"), None),
        changes_at=min((_moment(row[1]) for row in facts if row[0] == "prices"), default=None),
        in_family=any(row[0] == "family" for row in facts),
        idle_on=next((date.fromisoformat(row[1]) for row in facts if row[0] == "idle"), None),
    )


def standing(line: Line, now: datetime) -> Standing:
    """Return how a line stands, in two queries."""
    zone = ZoneInfo(settings.TIME_ZONE)
    facts = _facts(_STANDING, _whose(line, now, zone))
    return _stands(line, catalog.tariff_version(line.tariff_version_id), facts, now, zone)


def balance(contract_id: int) -> int:
    """Return the money of the contract in minor units; a contract without an account has none."""
    with connection.cursor() as cursor:
        cursor.execute("select ledger_account_id from billing_account where contract_id = %s", [contract_id])
        row = cursor.fetchone()
    return ledger.balance(row[0]) if row else 0


def last_top_up(contract_id: int) -> int | None:
    """Return the sum that the owner paid last in minor units, None when nothing was; lent or given is not paid."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select amount_minor from billing_payment
                where account_id = (select id from billing_account where contract_id = %s) and method <> all (%s)
                order by booked_at desc, id desc limit 1""",
            [contract_id, [promised_rules.METHOD, CASHBACK, CONTENT]],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def expenses(line_id: int, period: Period) -> Expenses:
    """Return what the line cost in the period, by category."""
    with connection.cursor() as cursor:
        cursor.execute(_EXPENSES, [line_id, period.start, period.end])
        return _expenses(period, cursor.fetchall())


def _whose(line: Line, now: datetime, zone: ZoneInfo) -> list[Any]:
    """Return the parameters of `_STANDING`."""
    return [line.contract_id, line.id, now.astimezone(zone).date(), line.contract_id, line.id, now, line.id]


def _facts(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def _stands(line: Line, tariff: TariffVersion, facts: list[tuple[Any, ...]], now: datetime, zone: ZoneInfo) -> Standing:
    ledger_account = next((row[2] for row in facts if row[0] == "account"), None)
    balance_minor = ledger.balance(ledger_account) if ledger_account else 0
    waits = next((row[1:3] for row in facts if row[0] == "waits"), None)
    owed = next((_owed(*row[1:]) for row in facts if row[0] == "promised"), None)
    at = _fee_at(tariff, rules.period_of(line.period_day, now, zone), now, zone)
    planned = [(since, row[2]) for row in facts if row[0] == "prices" and (since := _moment(row[1])) <= at]
    if planned:
        tariff = catalog.tariff_version(max(planned)[1])
    fee_minor = tariff.fee_minor
    if Kind.VOLUNTARY in line.bars and line.bar_ends_at:
        days = (at.astimezone(zone).date(), line.bar_ends_at.astimezone(zone).date())
        at, fee_minor = pauses_rules.first_fee_after(tariff, *days, line.period_day, zone) or (at, fee_minor)
    return Standing(balance_minor, _next_fee(line, fee_minor, at, balance_minor, waits, owed), owed)


def _owed(due_at: str, amount_minor: int, repaid_minor: int) -> Owed:
    return Owed(amount_minor, repaid_minor, _moment(due_at))


def _autopay(said: str, threshold_minor: int | None, account_id: int) -> Autopay:
    state, _, day = said.partition(" ")
    return Autopay(account_id, state == "on", threshold_minor, date.fromisoformat(day) if day else None)


def _moment(seconds: str) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _fee_at(tariff: TariffVersion, period: Period, now: datetime, zone: ZoneInfo) -> datetime:
    """Return when the next fee falls due: with the next period, or, of a fee per day, with the next day."""
    today = now.astimezone(zone).date()
    return Period.of_days(today, today, zone).end if tariff.terms.fee.per == "day" else period.end


def _next_fee(
    line: Line,
    fee_minor: int,
    at: datetime,
    balance_minor: int,
    waits: tuple[str, int] | None,
    owed: Owed | None,
) -> NextFee:
    """Return the fee that waits (since when, how much), or else the one that falls due `at`.

    What lacks for it counts the promised payment, which any top-up repays first.
    """
    amount_minor = waits[1] if waits else fee_minor
    owed_minor = owed.amount_minor - owed.repaid_minor if owed else 0
    left_minor = balance_minor - (owed_minor if owed and owed.due_at <= at else 0)
    lacks = line.prepaid and left_minor < amount_minor
    return NextFee(
        datetime.fromisoformat(waits[0]) if waits else at,
        amount_minor,
        amount_minor + owed_minor - balance_minor if lacks else 0,
        waits is not None,
    )


def _operations(line: Line, limit: int) -> tuple[Operation, ...]:
    """Return the newest charges of the line and payments of its contract."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select id, booked_at, kind, amount_minor, method, detail, rule, peer, quantity from (
                   (select booked_at, category as kind, -amount_minor as amount_minor, '' as method, '' as detail, rule,
                           peer, quantity, id
                      from billing_charge
                     where line_id = %(line)s and amount_minor <> 0
                     order by booked_at desc, id desc limit %(limit)s)
                   union all
                   (select booked_at, 'payment', amount_minor, method, detail, '', '', 0, id
                      from billing_payment
                     where account_id = (select id from billing_account where contract_id = %(contract)s)
                     order by booked_at desc, id desc limit %(limit)s)
               ) as operation order by booked_at desc, id desc limit %(limit)s""",
            {"line": line.id, "contract": line.contract_id, "limit": limit},
        )
        return tuple(Operation(*row) for row in cursor.fetchall())


def _expenses(period: Period, rows: list[tuple[rules.Category, int, int]]) -> Expenses:
    items = sorted((Expense(*row) for row in rows), key=lambda expense: (-expense.amount_minor, expense.category))
    return Expenses(period, sum(item.amount_minor for item in items), tuple(items))


def months(now: datetime, zone: ZoneInfo) -> tuple[Period, Period]:
    """Return this calendar month, and of the month before as many days as have passed of this one."""
    today = now.astimezone(zone).date()
    first = today.replace(day=1)
    last_before = first - timedelta(days=1)
    same_day = last_before.replace(day=min(today.day, last_before.day))
    return (
        Period.of_days(first, _last_of_month(first), zone),
        Period.of_days(last_before.replace(day=1), same_day, zone),
    )


def _last_of_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
