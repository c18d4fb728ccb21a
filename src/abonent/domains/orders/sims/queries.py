"""Reads for other SIMs, and what stands in the way of changing a line itself; values, not models."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from abonent.domains.billing import products as money
from abonent.domains.billing.products_rules import Price, missing_minor
from abonent.domains.help import queries as help_queries
from abonent.domains.lines import esims, sims
from abonent.domains.lines.bars import queries as bars_queries
from abonent.domains.lines.bars.rules import Kind
from abonent.domains.lines.provisioning import network as provisioning_network
from abonent.domains.lines.queries import Line
from abonent.domains.orders import models, queries
from abonent.domains.orders.rules import Action
from abonent.domains.orders.sims import rules
from abonent.domains.orders.sims.rules import Facts, Form, Refusal, Terms, Why
from abonent.domains.orders.states import OPEN
from abonent.foundation.dated import DatedTerms
from abonent.foundation.values.terms import Dated

TERMS = DatedTerms(models.SimRules, Terms.from_json)
Rules = Dated[Terms]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a SIM in that form costs, or why it cannot be had now; `waits_until` is when its code or card goes back."""

    rules: Rules
    form: Form
    total_minor: int
    available_minor: int
    waits_until: datetime | None
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class Change:
    """What SIM an order is for; `has_code`: there is a code to install an eSIM by, `installed`: that is in a phone."""

    order_id: UUID
    form: Form
    shop: str
    iccid: str
    waits_until: datetime | None
    has_code: bool
    installed: bool


class NotOffered(LookupError):
    """No terms are in force: nobody can have one."""


def in_force(day: date) -> Rules | None:
    """Return the terms of a local day."""
    return TERMS.in_force(day)


def every_rules() -> list[Rules]:
    """Return all terms by the day they hold from."""
    return TERMS.every()


def standings(line: Line, now: datetime, proved_at: datetime | None) -> list[Standing]:
    """Return how each form stands for the line, before a card or a shop is named; raise `NotOffered`."""
    found = in_force(queries.local_day(now))
    if found is None:
        raise NotOffered
    known, available = facts(line, proved_at), money.available(line.contract_id)
    return [_standing(line, form, found, known, available, now) for form in Form]


def standing(
    line: Line, form: Form, now: datetime, proved_at: datetime | None, *, iccid: str = "", shop: str = ""
) -> Standing:
    """Return how a SIM in that form stands, on that card or in that shop; raise `NotOffered`."""
    found = in_force(queries.local_day(now))
    if found is None:
        raise NotOffered
    stands = _standing(line, form, found, facts(line, proved_at), money.available(line.contract_id), now)
    if stands.refusal is not None and stands.refusal.why not in (Why.SHORT, Why.LIMIT):
        return stands
    missing = None
    if form is Form.CARD and not sims.is_spare(iccid):
        missing = Why.NO_CARD
    if form is Form.SHOP and all(one.code != shop for one in help_queries.shops()):
        missing = Why.NO_SHOP
    if missing is None:
        return stands
    return Standing(
        stands.rules, form, stands.total_minor, stands.available_minor, stands.waits_until, Refusal(missing)
    )


def facts(line: Line, proved_at: datetime | None) -> Facts:
    """Return what decides whether the line itself may be changed."""
    lost = bars_queries.stands(line.id, Kind.LOST) if Kind.LOST in line.bars else None
    coming_ = coming(line.id)
    return Facts(
        network=provisioning_network.is_there(),
        mobile=line.service == "mobile",
        silent=line.blocked_at is not None,
        lost_at=lost.since.replace(microsecond=0) if lost else None,
        proved_at=proved_at,
        coming=str(coming_ or ""),
        esim_server=esims.is_there(),
    )


def coming(line_id: int) -> UUID | None:
    """Return the order for another SIM or number that has no end yet."""
    open_ = models.Order.objects.filter(line_id=line_id, action__in=(Action.SIM, Action.NUMBER), state__in=OPEN)
    return open_.values_list("id", flat=True).first()


def money_in_the_way(
    line: Line, total_minor: int, available_minor: int, effective_at: datetime, now: datetime
) -> Refusal | None:
    """Return that there is too little for it, or that the owner's spending limit leaves less."""
    if missing := missing_minor(total_minor, available_minor, prepaid=line.prepaid):
        return Refusal(Why.SHORT, missing_minor=missing)
    limited = queries.held_back(line, price(total_minor, effective_at), effective_at, now)
    return Refusal(Why.LIMIT, left_minor=limited.left_minor) if limited else None


def price(total_minor: int, at: datetime) -> Price:
    """Return what is held for something that is paid once."""
    day = queries.local_day(at)
    return Price(total_minor, 0, day, day, 0, None)


def change_of(order_id: UUID) -> Change | None:
    """Return what SIM the order is for, None when it is for something else."""
    row = models.SimChange.objects.filter(order_id=order_id).first()
    if row is None:
        return None
    return Change(
        row.order_id, Form(row.form), row.shop, row.iccid, row.waits_until, bool(row.matching),
        row.installed_at is not None,
    )  # fmt: skip


def waiting_in_shop(line_ids: Collection[int]) -> list[UUID]:
    """Return the orders of the lines whose card waits in a shop."""
    rows = models.SimChange.objects.filter(order__line_id__in=line_ids, order__state__in=OPEN, form=Form.SHOP)
    return list(rows.values_list("order_id", flat=True))


def _standing(line: Line, form: Form, found: Rules, known: Facts, available: int, now: datetime) -> Standing:
    total = found.terms.price_minor(form)
    refusal = rules.refused(form, known) or money_in_the_way(line, total, available, now, now)
    return Standing(found, form, total, available, found.terms.waits_until(form, now), refusal)
