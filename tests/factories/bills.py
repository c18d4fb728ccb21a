"""Contracts that pay by the bill, and what happens on them."""

from __future__ import annotations

from datetime import date, datetime
from itertools import count
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db import connection

from abonent.domains.billing import actions, posting
from abonent.domains.billing.bills import actions as bills
from abonent.domains.billing.bills.queries import bill_of_row
from abonent.domains.billing.bills.rules import Bill
from abonent.domains.billing.models import Bill as BillRow
from abonent.domains.ledger import actions as ledger
from abonent.domains.lines.queries import Line
from tests.factories import catalog, customers, lines
from tests.factories.statement import MOSCOW

_days = count(1)


def line(number: str = "", *, of: Line | None = None, service: str = "mobile", payment: str = "postpaid") -> Line:
    """Open a line on a new contract that pays afterwards, or on the contract of another line."""
    opened = lines.line(
        number=number,
        contract_id=of.contract_id if of else customers.contract(payment=payment),
        tariff_version_id=catalog.of_the_demo("svobodny" if service == "mobile" else "dom-100"),
        period_day=5,
        opened_at=datetime(2024, 1, 5, tzinfo=MOSCOW),
        service=service,
        is_main=of is None,
    )
    actions.open_accounts(contract_ids=[opened.contract_id])
    return opened


def local(year: int, month: int, day: int, hour: int = 12, minute: int = 0, zone: ZoneInfo = MOSCOW) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=zone)


def charge(of: Line, at: datetime, amount_minor: int, category: str = "fee") -> UUID:
    """Charge a sum and post it, as fees and rating do."""
    id_ = uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into billing_charge (id, account_id, line_id, booked_at, amount_minor, price_minor, quantity,
                   included, billed_units, unit_size, tariff_version_id, revision, category, rule, peer)
               select %s, id, %s, %s, %s, %s, 1, 0, 1, 1, %s, 0, %s, 'fee', ''
                 from billing_account where contract_id = %s""",
            [id_, of.id, at, amount_minor, amount_minor, of.tariff_version_id, category, of.contract_id],
        )
    move(of, at, -amount_minor, id_, category=category)
    return id_


def pay(of: Line, at: datetime, amount_minor: int, method: str = "card", detail: str = "") -> UUID:
    id_ = uuid4()
    actions.top_up(
        payment_id=id_, contract_id=of.contract_id, amount_minor=amount_minor, at=at, method=method, detail=detail
    )
    return id_


def move(of: Line, at: datetime, amount_minor: int, id_: UUID | None = None, *, category: str = "fee") -> None:
    """Move a sum on the contract's account in the ledger alone, without a row that says why."""
    [account] = posting.accounts([of.contract_id])["ledger_account_id"]
    house = ledger.open_accounts(book=posting.REVENUE, codes=[category], house=True)[category]
    debit, credit = (account, house) if amount_minor < 0 else (house, account)
    ledger.post(
        transfer_id=id_ or uuid4(), debit=debit, credit=credit, amount_minor=abs(amount_minor), booked_at=at, kind="fee"
    )


def issue(month: date, at: datetime | None = None, *, told: bool = False) -> list[Bill]:
    """Issue the bills of a month on the third of the next and return all bills of that month."""
    made_at = at or datetime(month.year + month.month // 12, month.month % 12 + 1, 3, 12, tzinfo=MOSCOW)
    bills.issue(month=month, at=made_at, told=told)
    return [bill_of_row(row) for row in BillRow.objects.filter(month=month).order_by("contract_id", "revision")]
