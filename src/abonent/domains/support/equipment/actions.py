"""Things are handed out by staff, come back and are exchanged: in the shop after the check, or at home in a visit.

Each is an act with a paper to sign. What is paid follows from the terms that the operator published and begins that
day; nobody of staff types a sum. It stands in the trail and, of a shop, in the owner's journal; an SMS tells the owner.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from abonent.domains.billing import equipment as paying
from abonent.domains.identity import journal
from abonent.domains.identity.rules import EventKind
from abonent.domains.lines import queries as lines
from abonent.domains.lines.activations import actions as activations
from abonent.domains.lines.equipment import actions as equipment
from abonent.domains.lines.equipment import queries as equipment_queries
from abonent.domains.lines.equipment import rules as things
from abonent.domains.lines.equipment.actions import Handed
from abonent.domains.lines.equipment.queries import Device
from abonent.domains.lines.equipment.rules import Way
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import actions as messaging
from abonent.domains.support import actions, models, ordering
from abonent.domains.support.equipment import rules
from abonent.domains.support.equipment.rules import Kind
from abonent.domains.support.ordering import NotAgreed
from abonent.domains.support.queries import Agent
from abonent.domains.support.rules import NotThere, Permission, Refusal, Refused
from abonent.domains.support.visits import staff as visits_staff
from abonent.domains.support.visits.rules import State
from abonent.foundation import audit

TRAIL = "equipment"
DEED = "equipment"
WIRED = ("internet", "tv", "satellite")


class Changed(Exception):
    """The thing is not handed out on the terms that the form showed; nothing was written down."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where it happens: in a talk or in a visit of a technician."""

    case_id: int | None = None
    visit_id: int | None = None

    @property
    def subject(self) -> str:
        """Return how the trail names it."""
        return f"case {self.case_id}" if self.visit_id is None else f"visit {self.visit_id}"


@dataclass(frozen=True, slots=True)
class Doing:
    """Who does it where, with which form."""

    agent: Agent
    place: Place
    form_id: UUID
    origin: str


def is_wired(line_id: int) -> bool:
    """Return whether the line is of a kind that things are handed out for."""
    line = lines.served_by_id(line_id)
    return line is not None and line.service in WIRED


@transaction.atomic
def line_at(*, agent: Agent, place: Place, at: datetime) -> Line:
    """Return the line whose things are handled there, its talk or visit locked; raise `NotThere`, `Refused`."""
    if Permission.EQUIPMENT not in agent.permissions:
        raise Refused(Refusal.NOT_ALLOWED)
    if place.visit_id is not None:
        visit = visits_staff.locked(agent, place.visit_id)
        line = lines.served_by_id(visit.line_id) if visit.state == State.ON_THE_WAY else None
    elif place.case_id is not None:
        line = ordering.line_of(actions.own_case(agent=agent, case_id=place.case_id, at=at), at)
    else:
        raise NotThere(place)
    if line is None:
        raise Refused(Refusal.CLOSED)
    if line.service not in WIRED:
        raise NotThere(line.id)
    return line


@transaction.atomic
def give(*, doing: Doing, model_id: int, way: Way, serial: str, agreed: bool, at: datetime) -> int:
    """Hand a thing out on terms in force and return the act's number; the same form again is the same act.

    `agreed`: the customer heard what it costs and said yes. Raises `NotAgreed`, `Changed`, `Refused`, `NotThere`,
    `lines.equipment.Elsewhere`, `lines.equipment.rules.InvalidSerial`; then nothing has changed.
    """
    line = line_at(agent=doing.agent, place=doing.place, at=at)
    if (made := _made(doing, line)) is not None:
        return made
    today = _day(at)
    model = next((one.terms for one in equipment_queries.offers_on(today) if one.id == model_id), None)
    terms = model.ways.get(way) if model else None
    if model is None or terms is None:
        raise Changed
    if not agreed:
        raise NotAgreed
    warranty = things.warranty_until(today, model.warranty_months)
    handed = Handed(line.id, model.kind, model.model, serial, terms, today, warranty)
    if any(one.serial == things.serial_of(model.kind, serial) and one.until is None and one.kind is model.kind
           for one in equipment_queries.of_line(line.id)):  # fmt: skip
        # It is here already, by another form: its terms are not to change by that.
        raise equipment.Elsewhere(serial)
    device_id = equipment.hand_out(handed=handed)
    paying.charge_of_line(line_id=line.id, at=at)
    return _signed(doing, Kind.GIVEN, line, device_id, at)


@transaction.atomic
def take_back(*, doing: Doing, device_id: int, at: datetime) -> int:
    """Take a thing back and return the act's number; what is rented costs nothing from the next month on.

    Raises `lines.equipment.NotPossible`, `Refused`, `NotThere`; then nothing has changed.
    """

    def act(line: Line) -> dict[str, str]:
        equipment.give_back(device_id=device_id, line_id=line.id, day=_day(at))
        return {}

    return _done(doing, Kind.RETURNED, device_id, act, at)


@transaction.atomic
def exchange(*, doing: Doing, device_id: int, serial: str, why: str, at: datetime) -> int:
    """Exchange a broken thing for a whole one, free of charge, and return the act's number.

    Raises `equipment.rules.NotSaid`, `lines.equipment.NotPossible`, `lines.equipment.Elsewhere`,
    `lines.equipment.rules.InvalidSerial`, `Refused`, `NotThere`; then nothing has changed.
    """

    def act(line: Line) -> dict[str, str]:
        fault = rules.fault(why)
        before = equipment.exchange(device_id=device_id, line_id=line.id, serial=serial, day=_day(at))
        return {"serial_before": before, "why": fault}

    return _done(doing, Kind.EXCHANGED, device_id, act, at)


def _done(doing: Doing, kind: Kind, device_id: int, act: Callable[[Line], dict[str, str]], at: datetime) -> int:
    line = line_at(agent=doing.agent, place=doing.place, at=at)
    if (made := _made(doing, line)) is not None:
        return made
    try:
        more = act(line)
    except LookupError:
        raise NotThere(device_id) from None
    return _signed(doing, kind, line, device_id, at, **more)


def _made(doing: Doing, line: Line) -> int | None:
    row = models.Act.objects.filter(form_id=doing.form_id).first()
    if row is not None and (row.line_id, row.agent_id) != (line.id, doing.agent.id):
        raise NotThere(doing.form_id)
    return int(row.pk) if row is not None else None


def _signed(doing: Doing, kind: Kind, line: Line, device_id: int, at: datetime, **more: str) -> int:
    """Write the act down, tell the owner, and send the channels to a new card."""
    device = equipment_queries.one(device_id, line.id)
    row = models.Act.objects.create(
        form_id=doing.form_id, kind=kind, line_id=line.id, party_id=line.party_id, device_id=device_id,
        agent_id=doing.agent.id, place=doing.place.subject, model=device.model, serial=device.serial,
        terms=device.terms.to_json(), activated=_activated(doing, kind, line, device, at), at=at, **more,
    )  # fmt: skip
    _write_down(doing, row, line, at)
    numbers = [lines.main_number_of(account_id) for account_id in lines.accounts_of_line(line.id)]
    recipient = next((number for number in numbers if number), lines.contact_of(line.id).number)
    if recipient:
        messaging.send(
            recipient=recipient, template="equipment", language=line.language,
            params={
                "what": str(kind), "number": line.number, "model": device.model, "act": f"{row.pk}",
                "serial": things.masked(device.kind, device.serial), "held": device.terms.held,
                "parts": f"{device.terms.parts}",
                "sum": f"{device.terms.month_minor or device.terms.price_minor}",
            },
        )  # fmt: skip
    return int(row.pk)


def _activated(doing: Doing, kind: Kind, line: Line, device: Device, at: datetime) -> bool:
    """Have the channels sent to a card that was just handed out; False: they can be sent later, from the cabinet."""
    if device.kind is not things.Kind.CARD or kind is Kind.RETURNED:
        return False
    try:
        activations.ask(activation_id=doing.form_id, line_id=line.id, account_id=None, at=at)
    except activations.Refused:
        return False
    return True


def _write_down(doing: Doing, row: models.Act, line: Line, at: datetime) -> None:
    for account_id in lines.accounts_of_line(line.id):
        journal.note(
            account_id=account_id, kind=EventKind.AGENT_ACTED, at=at, by=doing.agent.by, tell=False,
            detail={"deed": DEED, "contact": "visit", "number": line.number, "service": row.model},
        )  # fmt: skip
    audit.record(
        actor=doing.agent.actor, action=f"{TRAIL} {row.kind}", subject=doing.place.subject,
        on_behalf_of=f"party {line.party_id}",
        details={"act": row.pk, "device": row.device_id, "model": row.model, "held": row.terms["held"], "why": row.why},
        origin=doing.origin, at=at,
    )  # fmt: skip


def _day(at: datetime) -> date:
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
