"""Equipment and activations in words and numbers. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from abonent.domains.lines.activations.queries import Activation
from abonent.domains.lines.activations.rules import TAKES, Refusal, Why
from abonent.domains.lines.equipment.queries import Device
from abonent.domains.lines.equipment.rules import Kind, masked
from abonent.domains.lines.queries import Line
from abonent.entrypoints.portal.fixed import words
from abonent.web import format as formats

Facts = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing with the line, as text; `back`: it goes back to the shop when it is not needed any more."""

    title: str
    model: str
    icon: str
    facts: Facts
    notes: list[str]
    back: bool


@dataclass(frozen=True, slots=True)
class Activating:
    """The page of activations: `refused` in words, with a way out; `past` are a moment, a state and its sign each."""

    card: str
    refused: str
    way: tuple[str, str] | None
    past: list[tuple[str, str, str]]


def things(devices: Sequence[Device], today: date) -> list[Thing]:
    """Return what the line is used with."""
    return [_thing(one, today) for one in devices]


def activating(line: Line, card: str, past: Sequence[Activation], refusal: Refusal | None) -> Activating:
    """Return the page; without a refusal it can be sent."""
    way = None
    if refusal is not None and refusal.why is Why.NO_CARD:
        way = ("/requests/new/equipment/", _("Write to us"))
    if refusal is not None and refusal.why is Why.BARRED:
        way = ("/topup/", _("Top up")) if "unpaid" in line.bars else ("/lines/block/", _("Look or lift"))
    return Activating(
        card=masked(Kind.CARD, card) if card else "",
        refused=words.no_activation(refusal) if refusal else "",
        way=way,
        past=[_activation(one) for one in past],
    )


def _thing(one: Device, today: date) -> Thing:
    plan = one.plan(today)
    facts = [(_("Number") if one.kind is Kind.CARD else _("Serial number"), masked(one.kind, one.serial))]
    facts.append((_("Whose it is"), _whose(one, paid=not plan.left_parts)))
    facts.append((_("With you since"), formats.day(one.since, year=True)))
    if one.until:
        facts.append((_("Given back"), formats.day(one.until, year=True)))
    if one.terms.held == "rented":
        facts.append((_("Rent"), _("%(sum)s a month") % {"sum": formats.money(one.terms.month_minor)}))
    if one.terms.held == "instalments":
        facts.append((_("Price"), formats.money(one.terms.price_minor)))
        left = {"sum": formats.money(plan.left_minor), "parts": words.parts(plan.left_parts)}
        facts.append((_("Left to pay"), _("%(sum)s, %(parts)s") % left if plan.left_parts else _("nothing: paid off")))
    if plan.following is not None:
        comes = {"sum": formats.money(plan.following.amount_minor), "day": formats.day(plan.following.day)}
        facts.append((_("Next charge"), _("%(sum)s on %(day)s") % comes))
    if plan.ends is not None and plan.left_parts:
        facts.append((_("Last payment"), formats.day(plan.ends, year=True)))
    if one.warranty_until is not None:
        facts.append((_("Warranty"), _warranty(one.warranty_until, today)))
    return Thing(
        title=words.kind(one.kind),
        model=one.model,
        icon=words.ICONS[one.kind],
        facts=facts,
        notes=_notes(one, left=plan.left_parts > 0),
        back=one.terms.held == "rented" and one.until is None,
    )


def _whose(one: Device, *, paid: bool) -> str:
    if one.terms.held == "rented":
        return _("ours, you rent it")
    if one.terms.held == "own" or paid:
        return _("yours")
    return _("yours, paid by instalments")


def _warranty(until: date, today: date) -> str:
    said = {"day": formats.day(until, year=True)}
    return _("until %(day)s") % said if today <= until else _("ended on %(day)s") % said


def _notes(one: Device, *, left: bool) -> list[str]:
    if one.terms.held == "rented" and one.until is None:
        return [_("The rent is charged on its day each month, also while the connection rests.")]
    if left:
        return [_("An instalment is charged on its day each month, even if the balance goes below zero.")]
    return []


def _activation(one: Activation) -> tuple[str, str, str]:
    asked = formats.moment(one.asked_at)
    if one.ended_at is None:
        until = {"time": formats.clock(one.asked_at + TAKES)}
        return asked, _("On the way, done by %(time)s") % until, "open"
    if one.failed:
        return asked, _("Not done: write to us"), "late"
    return asked, _("Sent at %(time)s") % {"time": formats.clock(one.ended_at)}, "done"
