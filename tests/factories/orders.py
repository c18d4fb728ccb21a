"""Orders for services, as people and workers move them on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from abonent.domains.billing import products as money
from abonent.domains.billing import queries as balances
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.ledger.verifying import look
from abonent.domains.lines.products import queries as products_queries
from abonent.domains.lines.queries import Line
from abonent.domains.orders import actions, fulfilment, models, queries
from abonent.domains.orders.actions import Wish
from abonent.domains.orders.queries import Order
from abonent.domains.orders.rules import Action
from abonent.domains.orders.states import OPEN, State
from tests.factories import billing, catalog, lines, network, promised

# A Tuesday, noon in Moscow; the lines of `lines.line()` have periods from the 10th.
AT = datetime(2026, 3, 10, 9, tzinfo=UTC)


def rich(amount_minor: int = 50_000, **known: object) -> Line:
    """Open a line whose tariff has no fee, with that much money on its contract; less than nothing is owed."""
    line = lines.line(**{"tariff_version_id": catalog.of_the_demo("poputny"), **known})
    promised.pay(line, max(amount_minor, 1), at=AT - timedelta(days=1))
    if amount_minor < 1:
        promised.spend(line, 1 - amount_minor)
    return line


def wish(line: Line, code: str, action: Action = Action.CONNECT, *, at: datetime = AT, **known: object) -> Wish:
    """Return what a form asks for that was shown at `at`."""
    versions = {one.code: one for one in offers_queries.catalogue().versions}
    version = versions[code]
    given: dict[str, object] = {
        "order_id": uuid4(),
        "line": line,
        "action": action,
        "offer_version_id": version.id,
        "total_minor": queries.price_of(line, version, action, known.get("effective_at") or at).total_minor,
        "effective_at": None,
        "channel": "web",
        "account_id": None,
        **known,
    }
    return Wish(**given)


def place(line: Line, code: str, action: Action = Action.CONNECT, *, at: datetime = AT, **known: object) -> UUID:
    """Place an order as a form does; return its id."""
    return actions.place(wish=wish(line, code, action, at=at, **known), at=at).id


def work(at: datetime = AT) -> None:
    """Do what workers do at that moment, until nothing is left to do."""
    for order_id in (
        models.Order.objects.filter(state__in=OPEN).order_by("placed_at", "id").values_list("id", flat=True)
    ):
        fulfilment.take_up(order_id=order_id, at=at)
    network.sweep(at)
    for order_id in fulfilment.due(at):
        fulfilment.advance(order_id=order_id, at=at)


def done(line: Line, code: str, action: Action = Action.CONNECT, *, at: datetime = AT) -> Order:
    """Place an order and carry it out; return it."""
    order_id = place(line, code, action, at=at)
    work(at)
    return order(order_id)


def order(order_id: UUID) -> Order:
    return queries.value_of(models.Order.objects.get(id=order_id))


def state(order_id: UUID) -> State:
    return order(order_id).state


def has(line: Line) -> set[str]:
    """Return the services that the line has."""
    return {one.offer_code for one in products_queries.of_line(line.id)}


def sums(line: Line) -> tuple[int, int]:
    """Return the balance, and what of it can be spent."""
    return balances.balance(line.contract_id), money.available(line.contract_id)


def assert_books_agree() -> None:
    """Fail when anything in the ledger does not agree."""
    with connection.cursor() as cursor:
        assert look(cursor, now=AT + timedelta(days=1)).findings == ()


def charges(line: Line) -> list[tuple[Any, ...]]:
    """Return what the line was charged for services, in time order."""
    return billing.rows(
        f"""select rule, amount_minor, peer from billing_charge
             where line_id = {line.id} and category = 'service' order by booked_at, rule"""
    )
