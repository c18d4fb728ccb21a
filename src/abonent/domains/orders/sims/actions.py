"""A line gets another SIM by its owner's wish: ordered in one of three forms, its code shown to the owner alone.

Locks are taken in one order: the account, the turn of the contract, the order's row, the line.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from django.db import transaction

from abonent.domains.billing import products as money
from abonent.domains.identity import journal
from abonent.domains.identity.freezing import ensure_not_frozen
from abonent.domains.identity.rules import EventKind
from abonent.domains.lines import queries as lines
from abonent.domains.lines import sims as cards
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models, queries
from abonent.domains.orders.actions import Changed, DifferentOrder
from abonent.domains.orders.events import OrderPlaced
from abonent.domains.orders.queries import NoSuchOrder, Order
from abonent.domains.orders.rules import Action
from abonent.domains.orders.sims import queries as sims_queries
from abonent.domains.orders.sims import rules
from abonent.domains.orders.sims.queries import NotOffered, Standing
from abonent.domains.orders.sims.rules import Form, Refusal, Terms, Why
from abonent.domains.orders.states import OPEN, State
from abonent.foundation import outbox, vault

# What stands where an order names its service; no code of an offer has a blank.
CODE = "another sim"
PURPOSE = "esim"


class Refused(Exception):
    """The line stays as it is; nothing was held."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.why)
        self.refusal = refusal


class NoCode(LookupError):
    """There is no code to show: not yet, or not any more."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants, as their form showed it: a SIM in that form, on the card `iccid` or in `shop`.

    `total_minor` under the terms of `rules_id`. `proved_at` is when the owner proved to be it. The rest is as in
    `actions.Wish`.
    """

    order_id: UUID
    line: Line
    form: Form
    rules_id: int
    total_minor: int
    channel: str
    account_id: int | None
    proved_at: datetime | None
    iccid: str = ""
    shop: str = ""
    placed_by: str = ""


class Asked(Protocol):
    """What every wish says of who asks, and by which form."""

    @property
    def order_id(self) -> UUID: ...
    @property
    def channel(self) -> str: ...
    @property
    def account_id(self) -> int | None: ...
    @property
    def placed_by(self) -> str: ...


@transaction.atomic
def publish_rules(*, valid_from: date, terms: Terms) -> int:
    """Store the terms that hold from a local day on and return their id; the same again changes nothing.

    Raises `InvalidTerms`, and `ValueError` when that day already has other terms.
    """
    rules.check(terms)
    return sims_queries.TERMS.publish(valid_from=valid_from, terms=terms)


@transaction.atomic
def place(*, wish: Wish, at: datetime) -> Order:
    """Write the order down, hold its price, and have it taken up; the same wish again is the same order.

    All who see the line hear of it at once, in time to stop it. Raises `Refused`, `actions.Changed`,
    `actions.DifferentOrder` and `identity.freezing.Frozen`; then nothing has changed.
    """
    if wish.account_id is not None:
        ensure_not_frozen(wish.account_id)
    money.take_turn(wish.line.contract_id)
    if (made := models.Order.objects.filter(id=wish.order_id).first()) is not None:
        return _same(made, wish)
    # As it is by now: whoever was before us may have changed it.
    line = lines.served_by_id(wish.line.id)
    if line is None:
        raise Refused(Refusal(Why.BLOCKED))
    standing = _standing(line, wish, at)
    hold(line, wish.order_id, standing.total_minor, at)
    row = record(wish, line, Action.SIM, CODE, standing.total_minor, at, at)
    imsi = cards.take_card(iccid=wish.iccid, order_id=row.id) if wish.form is Form.CARD else ""
    if imsi is None:
        raise Refused(Refusal(Why.NO_CARD))
    models.SimChange.objects.create(
        order=row, form=wish.form, shop=wish.shop, iccid=wish.iccid, imsi=imsi, waits_until=standing.waits_until
    )
    tell_owners(line, EventKind.SIM_ASKED, at, by=wish.placed_by or journal.OWNER)
    return queries.value_of(row)


@transaction.atomic
def show_code(*, order_id: UUID, line_ids: Collection[int], account_id: int, at: datetime) -> str:
    """Return what a phone installs the eSIM by, to the owner who has just proved to be it.

    Each look is written down and told everywhere. Raises `NoSuchOrder`, `NoCode`, and `identity.freezing.Frozen`.
    """
    ensure_not_frozen(account_id)
    order = models.Order.objects.select_for_update(no_key=True).filter(id=order_id, line_id__in=line_ids).first()
    change = models.SimChange.objects.filter(order_id=order_id, form=Form.ESIM).first()
    if order is None or change is None:
        raise NoSuchOrder
    if order.state not in OPEN or not change.matching or change.installed_at is not None:
        raise NoCode
    try:
        matching = vault.unseal(change.matching, purpose=PURPOSE)
    except vault.CannotUnseal:
        raise NoCode from None
    models.SimChange.objects.filter(order_id=order_id).update(shown_at=at)
    number = lines.served_by_id(order.line_id)
    journal.note(
        account_id=account_id, kind=EventKind.ESIM_SHOWN, at=at, detail={"number": number.number if number else ""}
    )
    return rules.activation_code(change.address, matching)


def hold(line: Line, order_id: UUID, total_minor: int, at: datetime) -> None:
    """Hold what a change of the line itself costs; raise `Refused`."""
    price = sims_queries.price(total_minor, at)
    try:
        money.hold(order_id=order_id, line=line, price=price, at=at, category=money.FOR_LINE)
    except money.Short as short:
        raise Refused(Refusal(Why.SHORT, missing_minor=short.missing_minor)) from None


def record(
    wish: Asked, line: Line, action: Action, code: str, total_minor: int, effective_at: datetime, at: datetime
) -> models.Order:
    """Write down an order that changes the line itself, and have it taken up."""
    day = queries.local_day(effective_at)
    row = models.Order.objects.create(
        id=wish.order_id,
        line_id=line.id,
        contract_id=line.contract_id,
        action=action,
        offer_code=code,
        state=State.ACKNOWLEDGED,
        channel=wish.channel,
        account_id=wish.account_id,
        placed_by=wish.placed_by,
        placed_at=at,
        effective_at=effective_at,
        once_minor=total_minor,
        fee_minor=0,
        first_day=day,
        end_day=day,
        next_minor=0,
    )
    models.Step.objects.create(order=row, state=row.state, at=at)
    outbox.announce(OrderPlaced(str(row.id)))
    return row


def tell_owners(line: Line, kind: EventKind, at: datetime, *, by: str) -> None:
    """Whoever sees the line hears of it on every channel, the number itself included."""
    for account_id in lines.accounts_of_line(line.id):
        journal.note(account_id=account_id, kind=kind, at=at, by=by, detail={"number": line.number})


def _same(made: models.Order, wish: Wish) -> Order:
    change = models.SimChange.objects.filter(order_id=made.id).first()
    if change is None or (made.line_id, change.form, change.iccid, change.shop) != (
        wish.line.id, wish.form, change.iccid if wish.form is Form.ESIM else wish.iccid, wish.shop,
    ):  # fmt: skip
        raise DifferentOrder
    return queries.value_of(made)


def _standing(line: Line, wish: Wish, at: datetime) -> Standing:
    try:
        standing = sims_queries.standing(line, wish.form, at, wish.proved_at, iccid=wish.iccid, shop=wish.shop)
    except NotOffered:
        raise Refused(Refusal(Why.NOT_OFFERED)) from None
    if standing.refusal is not None:
        raise Refused(standing.refusal)
    if (standing.rules.id, standing.total_minor) != (wish.rules_id, wish.total_minor):
        raise Changed
    return standing
