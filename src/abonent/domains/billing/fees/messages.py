"""Customers are told by SMS, once, that a fee waits for money, and once when it was charged in the end."""

from __future__ import annotations

from datetime import datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.lines import queries_bulk as lines
from abonent.domains.lines.products import queries as products_queries
from abonent.domains.lines.queries_bulk import Told
from abonent.domains.messaging import actions as messaging

AT_ONCE = 200
# Nobody is woken up because of money; an answer to a payment comes at once.
FROM, UNTIL = time(9), time(21)


class _Row(NamedTuple):
    line_id: int
    amount_minor: int
    end_day: str
    version_id: int
    by_day: bool
    charged_minor: int | None
    balance_minor: int


class _ServiceRow(NamedTuple):
    product_id: int
    amount_minor: int
    version_id: int
    charged_minor: int | None
    balance_minor: int


def tell(*, at: datetime) -> int:
    """Tell everybody who is to be told by `at`; return how many messages that were. Some of them are one transaction.

    A row that was told is marked, or goes, together with the message: a worker that dies tells nobody twice.
    """
    by_day = FROM <= at.astimezone(ZoneInfo(settings.TIME_ZONE)).time() < UNTIL
    sent = 0
    for tell_some in (_tell_some, _tell_some_of_services):
        while rows := tell_some(at, waiting_too=by_day):
            sent += rows
    return sent


@transaction.atomic
def _tell_some(at: datetime, *, waiting_too: bool) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """select waits.line_id, waits.amount_minor, waits.end_day::text, waits.tariff_version_id, waits.by_day,
                      waits.charged_minor, coalesce(money.balance_minor, 0)
                 from billing_feewaiting waits
                 left join billing_account own on own.contract_id = waits.contract_id
                 left join ledger_account money on money.id = own.ledger_account_id
                where waits.charged_at is not null or (waits.told_at is null and %s)
                order by waits.line_id limit %s for update of waits skip locked""",
            [waiting_too, AT_ONCE],
        )
        rows = [_Row(*row) for row in cursor.fetchall()]
        if not rows:
            return 0
        known = lines.told([row.line_id for row in rows])
        versions = catalog.tariff_versions(row.version_id for row in rows)
        for row in rows:
            told = known[row.line_id]
            if told.number:
                _send(row, told, versions[row.version_id].names.get(told.language, ""))
        ids = [row.line_id for row in rows]
        cursor.execute("delete from billing_feewaiting where line_id = any (%s) and charged_at is not null", [ids])
        cursor.execute("update billing_feewaiting set told_at = %s where line_id = any (%s)", [at, ids])
    return len(rows)


@transaction.atomic
def _tell_some_of_services(at: datetime, *, waiting_too: bool) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """select waits.product_id, waits.amount_minor, waits.tariff_version_id, waits.charged_minor,
                      coalesce(money.balance_minor, 0)
                 from billing_productfeewaiting waits
                 left join billing_account own on own.contract_id = waits.contract_id
                 left join ledger_account money on money.id = own.ledger_account_id
                where waits.charged_at is not null or (waits.told_at is null and %s)
                order by waits.product_id limit %s for update of waits skip locked""",
            [waiting_too, AT_ONCE],
        )
        rows = [_ServiceRow(*row) for row in cursor.fetchall()]
        if not rows:
            return 0
        ids = [row.product_id for row in rows]
        line_of = products_queries.lines_of(ids)
        known = lines.told(line_of.values())
        versions = offers_queries.offer_versions(row.version_id for row in rows)
        for row in rows:
            told = known[line_of[row.product_id]]
            if told.number:
                _send_of_service(row, told, versions[row.version_id].names.get(told.language, ""))
        cursor.execute(
            "delete from billing_productfeewaiting where product_id = any (%s) and charged_at is not null", [ids]
        )
        cursor.execute("update billing_productfeewaiting set told_at = %s where product_id = any (%s)", [at, ids])
    return len(rows)


def _send_of_service(row: _ServiceRow, told: Told, service: str) -> None:
    params = {"service": service, "number": told.line}
    if row.charged_minor is not None:
        template, more = "service paid", {"sum": str(row.charged_minor)}
    else:
        missing = max(row.amount_minor - row.balance_minor, 0)
        template, more = "service waits", {"sum": str(row.amount_minor), "missing": str(missing)}
    messaging.send(recipient=told.number, template=template, params=params | more, language=told.language)


def _send(row: _Row, told: Told, tariff: str) -> None:
    params = {"tariff": tariff, "number": told.line, "end": row.end_day}
    if row.charged_minor is not None:
        template, more = "fee paid", {"sum": str(row.charged_minor)}
    elif row.by_day:
        template, more = "fee by day", {"sum": str(row.amount_minor)}
    else:
        missing = max(row.amount_minor - row.balance_minor, 0)
        template, more = "fee waits", {"sum": str(row.amount_minor), "missing": str(missing)}
    messaging.send(recipient=told.number, template=template, params=params | more, language=told.language)
