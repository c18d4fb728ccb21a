"""Changes of the tariff, as people and workers move them on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from abonent.domains.billing import tariffs as billing
from abonent.domains.billing.actions import charge_fees
from abonent.domains.catalog import actions as catalog_actions
from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.rules import FeeTerms, Switching
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.orders.tariffs import actions as tariffs
from abonent.domains.orders.tariffs.actions import TariffWish
from tests.factories import billing as rows
from tests.factories import lines as make_lines
from tests.factories import promised
from tests.factories.catalog import SMALL, geography
from tests.factories.fees import BY_DAYS
from tests.factories.orders import AT

# Earlier on the first day of a period.
OPENED = AT - timedelta(hours=3)


def tariff(code: str, fee_minor: int, fee: FeeTerms = BY_DAYS, **switching: object) -> int:
    """Store the small tariff under a code of its own; return its version's id."""
    geography()
    terms = replace(SMALL.terms, fee=fee, switching=Switching(**switching))
    return catalog_actions.publish(replace(SMALL, tariff_code=code, fee_minor=fee_minor, terms=terms))


def line(
    version_id: int,
    balance_minor: int = 500_000,
    opened_at: datetime = OPENED,
    *,
    service: str = "mobile",
    day: int = 10,
) -> Line:
    """Open a line with periods from the 10th and that much money; nothing is charged yet."""
    opened = make_lines.line(tariff_version_id=version_id, opened_at=opened_at, service=service, period_day=day)
    if balance_minor > 0:
        promised.pay(opened, balance_minor, at=opened_at)
    return opened


def served(old: int, balance_minor: int = 500_000, **known: object) -> Line:
    """Open a line on a tariff and charge its first fee."""
    opened = line(old, balance_minor, **known)
    charge_fees(until=AT)
    return opened


def wish(line: Line, version_id: int, effective_at: datetime | None = None, *, at: datetime = AT) -> TariffWish:
    """Return what a form asks for that was shown at `at`."""
    version = catalog.tariff_version(version_id)
    quote = billing.quote(line, version, effective_at or at, at_once=effective_at is None)
    return TariffWish(uuid4(), line, version_id, quote.total_minor, effective_at, "web", None)


def place(line: Line, version_id: int, effective_at: datetime | None = None, *, at: datetime = AT) -> UUID:
    """Place an order as a form does; return its id."""
    return tariffs.place(wish=wish(line, version_id, effective_at, at=at), at=at).id


def own(line: Line) -> str:
    """Return the code of the tariff that the line got last."""
    return catalog.tariff_version(lines.assignments([line.id])[-1].tariff_version_id).tariff_code


def fees_of(line: Line) -> list[tuple[object, ...]]:
    """Return code, sum, rule and days of everything charged for tariffs, in time."""
    return rows.rows(
        """select version.tariff_id, charge.amount_minor, charge.rule, charge.first_day, charge.end_day
             from billing_charge charge join catalog_tariffversion version on version.id = tariff_version_id
            where line_id = %s and category = 'fee' order by booked_at, first_day, amount_minor""",
        [line.id],
    )


def paid(line: Line) -> int:
    """Return the sum of everything charged for tariffs."""
    return sum(int(str(row[1])) for row in fees_of(line))
