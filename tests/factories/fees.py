"""Tariffs that take their fees in every way, and what became of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from abonent.domains.billing import actions
from abonent.domains.catalog import actions as catalog
from abonent.domains.catalog.rules import FeeTerms, TariffVersion
from tests.factories import billing
from tests.factories.catalog import SMALL, geography

WHOLE_MONTH = FeeTerms()
WAITS = FeeTerms(shortage="wait")
BY_DAYS = FeeTerms(by_days=True)
WAITS_BY_DAYS = FeeTerms(by_days=True, shortage="wait", resumes="payment")
IN_PARTS = FeeTerms(by_days=True, shortage="daily")
DAILY = FeeTerms(per="day")
DAILY_WAITS = FeeTerms(per="day", shortage="wait")


def version(terms: FeeTerms, fee_minor: int = 30_000, version_id: int = 1) -> TariffVersion:
    """Return the small tariff with another fee, as if it were stored."""
    return replace(SMALL, fee_minor=fee_minor, terms=replace(SMALL.terms, fee=terms), id=version_id)


def tariff(terms: FeeTerms, fee_minor: int = 30_000, code: str = "") -> int:
    """Store the small tariff with another fee, under a code of its own, and return its version's id."""
    geography()
    code = code or f"t-{terms.per}-{terms.by_days}-{terms.shortage}-{terms.resumes}-{fee_minor}"
    new = replace(SMALL, tariff_code=code, fee_minor=fee_minor, terms=replace(SMALL.terms, fee=terms))
    return catalog.publish(new)


def top_up(contract_id: int, amount_minor: int, at: datetime) -> None:
    """Add money by card."""
    actions.top_up(payment_id=uuid4(), contract_id=contract_id, amount_minor=amount_minor, at=at, method="card")


def charged() -> list[tuple[object, ...]]:
    """Return moment, sum and rule of every fee, in time."""
    return billing.rows(
        """select booked_at, amount_minor, rule from billing_charge
            where record_id is null order by booked_at, line_id, id"""
    )


def waiting() -> list[tuple[object, ...]]:
    """Return line, sum, first day, whether it is paid by day, and when it was charged in the end, of what waits."""
    return billing.rows(
        "select line_id, amount_minor, first_day, by_day, charged_at from billing_feewaiting order by line_id"
    )
