"""Reads of numbers that change their operator; values, not models."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet

from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog.rules import Offer
from abonent.domains.porting import models
from abonent.domains.porting.rules import MOBILE, Form, Reason, Terms
from abonent.domains.porting.states import IN_OPEN, OUT_OPEN, PORT_IN, PORT_OUT, Event, State, can
from abonent.foundation.dated import DatedTerms
from abonent.foundation.values.terms import Dated

SHOWN = 50
TERMS = DatedTerms(models.PortingRules, Terms.from_json)
Rules = Dated[Terms]


class NoSuchPort(LookupError):
    """The request is not there, or not yours: the same answer to both."""


@dataclass(frozen=True, slots=True)
class PortIn:
    """A number that somebody brings; `steps` are its states by the moment it came into them.

    `stops_at` is until when its owner can call it off, None: while it is under way. `has_code`: there is a code to
    install its eSIM by. `newcomer`: it was not asked in a cabinet.
    """

    id: int
    ref: UUID
    number: str
    state: State
    reason: Reason | None
    operator: str
    tariff_version_id: int
    form: Form
    shop: str
    day: date
    price_minor: int
    window_from: datetime | None
    window_until: datetime | None
    asked_at: datetime
    ended_at: datetime | None
    stops_at: datetime | None
    has_code: bool
    iccid: str
    newcomer: bool
    seen_by: str
    steps: tuple[tuple[State, datetime], ...]

    def may_be_called_off(self, at: datetime) -> bool:
        return can(PORT_IN, self.state, Event.CALLED_OFF) and (self.stops_at is None or at < self.stops_at)


@dataclass(frozen=True, slots=True)
class PortOut:
    """A number that another operator takes; `needs_human`: one of staff has to say whether its owner asked for it."""

    id: int
    ref: UUID
    stop_ref: UUID
    line_id: int | None
    number: str
    operator: str
    state: State
    reason: Reason | None
    window_from: datetime | None
    window_until: datetime | None
    asked_at: datetime
    answer_by: datetime
    ended_at: datetime | None
    stops_at: datetime | None
    needs_human: bool
    steps: tuple[tuple[State, datetime], ...]

    def may_be_stopped(self, at: datetime) -> bool:
        return can(PORT_OUT, self.state, Event.STOPPED) and (self.stops_at is None or at < self.stops_at)


def local_day(at: datetime) -> date:
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def in_force(day: date) -> Rules | None:
    """Return the terms of a local day."""
    return TERMS.in_force(day)


def every_rules() -> list[Rules]:
    """Return all terms by the day they hold from."""
    return TERMS.every()


def tariffs(day: date) -> list[Offer]:
    """Return the mobile tariffs on sale that day, each in the version in force, by their fee."""
    latest = {
        offer.version.tariff_code: offer
        for offer in catalog.all_tariffs()
        if offer.version.service == MOBILE and offer.version.valid_from <= day and offer.is_sold(day)
    }
    return sorted(latest.values(), key=lambda offer: (offer.version.fee_minor, offer.version.tariff_code))


def port_in(ref: UUID) -> PortIn:
    """Return the request of that lasting address, which only its owner was told; raise `NoSuchPort`."""
    found = _ins(models.PortIn.objects.filter(ref=ref))
    if not found:
        raise NoSuchPort
    return found[0]


def port_in_by_id(port_id: int) -> PortIn:
    """Return a request as staff name it; raise `NoSuchPort`."""
    found = _ins(models.PortIn.objects.filter(pk=port_id).exclude(state=State.DRAFT))
    if not found:
        raise NoSuchPort
    return found[0]


def port_ins_of(account_id: int) -> list[PortIn]:
    """Return what was asked for in a cabinet, the newest first."""
    return _ins(models.PortIn.objects.filter(account_id=account_id).exclude(state=State.DRAFT))


def port_ins(*, open_only: bool) -> list[PortIn]:
    """Return requests of everybody, the newest first; or only what is under way or was refused and not looked at."""
    rows = models.PortIn.objects.exclude(state=State.DRAFT)
    if open_only:
        rows = rows.filter(state__in=IN_OPEN) | rows.filter(state__in=(State.REFUSED, State.FAILED), seen_by="")
    return _ins(rows)


def port_out(*, stop_ref: UUID) -> PortOut:
    """Return the request of the address by which its owner stops it; raise `NoSuchPort`."""
    found = _outs(models.PortOut.objects.filter(stop_ref=stop_ref))
    if not found:
        raise NoSuchPort
    return found[0]


def port_outs_of(line_ids: Collection[int]) -> list[PortOut]:
    """Return who asked for the lines' numbers, the newest first."""
    return _outs(models.PortOut.objects.filter(line_id__in=line_ids))


def port_outs(*, open_only: bool) -> list[PortOut]:
    """Return requests for everybody's numbers, the newest first; or only those under way."""
    rows = models.PortOut.objects.all()
    return _outs(rows.filter(state__in=OUT_OPEN) if open_only else rows)


def came_at(line_id: int) -> datetime | None:
    """Return when the line's number came from another operator, None: it never did."""
    rows = models.PortIn.objects.filter(line_id=line_id, state=State.PORTED)
    return rows.values_list("ended_at", flat=True).first()


def _ins(rows: QuerySet[models.PortIn]) -> list[PortIn]:
    found = list(rows.select_related("rules").order_by("-asked_at", "-id")[:SHOWN])
    steps = _steps(models.Step.objects.filter(port_in__in=found).values_list("port_in_id", "state", "at"))
    return [_in(row, steps.get(row.pk, ())) for row in found]


def _in(row: models.PortIn, steps: tuple[tuple[State, datetime], ...]) -> PortIn:
    terms = Terms.from_json(row.rules.terms)
    return PortIn(
        row.pk, row.ref, row.number, State(row.state), Reason(row.reason) if row.reason else None, row.operator,
        row.tariff_version_id, Form(row.form), row.shop, row.day, row.price_minor, row.window_from, row.window_until,
        row.asked_at, row.ended_at, terms.stops_at(row.window_from) if row.window_from else None,
        bool(row.matching), row.iccid, row.account_id is None, row.seen_by, steps,
    )  # fmt: skip


def _outs(rows: QuerySet[models.PortOut]) -> list[PortOut]:
    found = list(rows.order_by("-asked_at", "-id")[:SHOWN])
    steps = _steps(models.Step.objects.filter(port_out__in=found).values_list("port_out_id", "state", "at"))
    known = every_rules() if found else []
    return [_out(row, steps.get(row.pk, ()), known) for row in found]


def _out(row: models.PortOut, steps: tuple[tuple[State, datetime], ...], known: list[Rules]) -> PortOut:
    held = [one.terms for one in known if one.valid_from <= local_day(row.asked_at)]
    stops_at = held[-1].stops_at(row.window_from) if held and row.window_from else row.window_from
    return PortOut(
        row.pk, row.ref, row.stop_ref, row.line_id, row.number, row.operator, State(row.state),
        Reason(row.reason) if row.reason else None, row.window_from, row.window_until, row.asked_at, row.answer_by,
        row.ended_at, stops_at, row.state == State.ASKED and row.owner_fits is None and row.decided is None, steps,
    )  # fmt: skip


def _steps(
    rows: QuerySet[models.Step, tuple[int | None, str, datetime]],
) -> dict[int, tuple[tuple[State, datetime], ...]]:
    found: dict[int, tuple[tuple[State, datetime], ...]] = {}
    for request_id, state, at in rows.order_by("at", "id"):
        if request_id is not None:
            found[request_id] = (*found.get(request_id, ()), (State(state), at))
    return found
