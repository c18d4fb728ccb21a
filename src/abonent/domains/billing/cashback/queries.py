"""Reads of cashback; values, not models."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from abonent.domains.billing import models
from abonent.domains.billing.cashback.actions import terms_of
from abonent.domains.billing.cashback.rules import State, Terms, accrual
from abonent.domains.lines import queries as lines

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Partner:
    """A shop with its terms in force, and those that begin later, the next first."""

    code: str
    name: str
    terms: Terms
    coming: tuple[tuple[date, Terms], ...]


@dataclass(frozen=True, slots=True)
class Move:
    """Money of a purchase that came, or went back below zero, as the payment `id`."""

    id: UUID
    amount_minor: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase and its money; `expected_minor` is what it brings at `due_at` unless more is returned."""

    partner: str
    purchase_id: str
    number: str
    amount_minor: int
    returned_minor: int
    bought_on: date
    state: State
    due_at: datetime
    expected_minor: int
    accrued_minor: int
    reversed_minor: int
    owed_minor: int
    moves: tuple[Move, ...]
    # Why it brings nothing: "returned", "excluded", "limit" or "closed"; empty: it does, or may.
    why_nothing: str


@dataclass(frozen=True, slots=True)
class Totals:
    """What a contract has of cashback: came, went back, is owed of what was spent."""

    accrued_minor: int
    reversed_minor: int
    owed_minor: int
    waiting_minor: int


def partners(today: date) -> list[Partner]:
    """Return who has terms in force, by name."""
    found = []
    every: dict[int, list[models.CashbackTerms]] = {}
    for row in models.CashbackTerms.objects.select_related("partner").order_by("valid_from"):
        every.setdefault(row.partner_id, []).append(row)
    for rows in every.values():
        begun = [row for row in rows if row.valid_from <= today]
        if begun:
            coming = tuple((row.valid_from, terms_of(row)) for row in rows if row.valid_from > today)
            partner = rows[0].partner
            found.append(Partner(partner.code, partner.name, terms_of(begun[-1]), coming))
    return sorted(found, key=lambda one: one.name)


def purchases(contract_id: int, limit: int = SHOWN) -> list[Purchase]:
    """Return the contract's purchases, the newest first."""
    rows = models.CashbackPurchase.objects.filter(contract_id=contract_id).select_related("partner", "terms")
    found = list(rows.order_by("-bought_on", "-id")[:limit])
    moves: dict[int, list[Move]] = {}
    for move in models.CashbackMove.objects.filter(purchase_id__in=[row.pk for row in found]).order_by("booked_at"):
        moves.setdefault(move.purchase_id, []).append(Move(move.id, move.amount_minor, move.booked_at))
    closed = lines.closed_of({row.line_id for row in found})
    return [_value(row, tuple(moves.get(row.pk, ())), closed=row.line_id in closed) for row in found]


def totals(of: Iterable[Purchase]) -> Totals:
    """Return what the purchases brought together."""
    every = list(of)
    return Totals(
        sum(one.accrued_minor for one in every),
        sum(one.reversed_minor for one in every),
        sum(one.owed_minor for one in every),
        sum(one.expected_minor for one in every),
    )


def _value(row: models.CashbackPurchase, moves: tuple[Move, ...], *, closed: bool) -> Purchase:
    kept = row.amount_minor - row.returned_minor
    waits = row.state == State.WAITING
    return Purchase(
        partner=row.partner.name,
        purchase_id=row.purchase_id,
        number=row.number,
        amount_minor=row.amount_minor,
        returned_minor=row.returned_minor,
        bought_on=row.bought_on,
        state=State(row.state),
        due_at=row.due_at,
        expected_minor=accrual(terms_of(row.terms), kept_minor=kept, category=row.category) if waits else 0,
        accrued_minor=row.accrued_minor,
        reversed_minor=row.reversed_minor,
        owed_minor=row.owed_minor,
        moves=moves,
        why_nothing=_why_nothing(row, closed=closed),
    )


def _why_nothing(row: models.CashbackPurchase, *, closed: bool) -> str:
    if row.category in row.terms.excluded:
        return "excluded"
    if row.returned_minor == row.amount_minor and not row.accrued_minor:
        return "returned"
    if row.state != State.NOTHING:
        return ""
    return "closed" if closed else "limit"
