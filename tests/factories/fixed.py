"""Lines by wire and dish, what they are used with, and technicians who come."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.test import Client

from abonent.domains.billing.actions import open_accounts
from abonent.domains.lines.equipment import actions as equipment
from abonent.domains.lines.equipment.actions import Handed
from abonent.domains.lines.equipment.rules import Kind, Terms, check_digit
from abonent.domains.lines.queries import Line
from abonent.domains.support.visits import actions as visits
from abonent.domains.support.visits import calendar as visits_calendar
from abonent.domains.support.visits.rules import Terms as VisitTerms
from tests.factories import catalog, identity, lines, requests

CARD = "88000000001" + check_digit("88000000001")
DISTRICT = "Центр"
# A Monday.
AT = datetime(2026, 11, 23, 6, tzinfo=UTC)
SERVED = VisitTerms(
    weekdays=(0, 1, 2, 3, 4), windows=((9, 12), (12, 15)), capacity=1, lead_h=4, ahead_days=3, change_until_h=3
)
FIRST = datetime(2026, 11, 24, 6, tzinfo=UTC)
SECOND = datetime(2026, 11, 24, 9, tzinfo=UTC)
RENTED = Terms("rented", month_minor=9900)
IN_PARTS = Terms("instalments", price_minor=100_000, parts=3)


def line(
    number: str = "net-000001", service: str = "internet", tariff: str = "dom-100", *, of: Line | None = None
) -> Line:
    """Open a line of that kind, of a new person or on the contract of another line."""
    opened = lines.line(
        number=number, service=service, tariff_version_id=catalog.of_the_demo(tariff),
        contract_id=of.contract_id if of else None, opened_at=datetime(2026, 1, 5, 9, tzinfo=UTC), period_day=5,
        is_main=of is None,
    )  # fmt: skip
    open_accounts(contract_ids=[opened.contract_id])
    return opened


def satellite(number: str = "sat-000001", card: str = CARD, *, of: Line | None = None) -> Line:
    """Open a line of satellite TV with a card."""
    opened = line(number, "satellite", "nebo", of=of)
    hand_out(opened, Kind.CARD, card)
    return opened


def hand_out(
    line: Line, kind: Kind = Kind.ROUTER, serial: str = "OW6A00001", terms: Terms = Terms(),  # noqa: B008 - frozen
    since: date = date(2026, 10, 31),
) -> int:  # fmt: skip
    return equipment.hand_out(handed=Handed(line.id, kind, "Orbita Wave", serial, terms, since))


def place(line: Line, district: str = DISTRICT, terms: VisitTerms = SERVED) -> None:
    """Say where the line ends, and how technicians come there."""
    equipment.place(line_id=line.id, district=district, address="ул. Звёздная, 3")
    visits_calendar.publish(district=district, valid_from=date(2026, 1, 1), terms=terms)


def wish(line: Line, starts_at: datetime = FIRST, *, account_of: Line | None = None) -> visits.Wish:
    """Return what a form asks for; `account_of` is the line by which its account signs in."""
    return visits.Wish(requests.new(account_of or line, line_id=line.id, quiet=True), starts_at)


def booked(line: Line, starts_at: datetime = FIRST, at: datetime = AT) -> int:
    return visits.book(wish=wish(line, starts_at), at=at)


def browser(own: Line, line: Line) -> Client:
    """Return the browser of who signed in by a number and looks at another line of theirs."""
    client = identity.browser(own)
    client.post("/line/", {"line": str(line.id), "next": "/home/"})
    return client
