"""What staff do about numbers that change their operator: look at refusals, hand cards out, say whose wish it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from abonent.domains.lines import queries as lines
from abonent.domains.porting import queries
from abonent.domains.porting.bringing import actions as bringing
from abonent.domains.porting.bringing import sims as bringing_sims
from abonent.domains.porting.queries import NoSuchPort, PortIn, PortOut
from abonent.domains.porting.rules import Owner, Why
from abonent.domains.porting.taking import actions as taking
from abonent.domains.support.queries import Agent
from abonent.domains.support.rules import NotThere, Permission, Refusal, Refused
from abonent.foundation import audit


def coming() -> list[PortIn]:
    """Return the numbers that come, and refusals that nobody has looked at."""
    return queries.port_ins(open_only=True)


def leaving() -> list[PortOut]:
    """Return who takes numbers of ours."""
    return queries.port_outs(open_only=True)


def one(port_id: int) -> PortIn:
    """Return a number that is brought; raise `NotThere`."""
    try:
        return queries.port_in_by_id(port_id)
    except NoSuchPort:
        raise NotThere(port_id) from None


@transaction.atomic
def judge(*, agent: Agent, port_id: int, fits: bool, origin: str, at: datetime) -> None:
    """Say whether it is the owner's wish that a number goes; raise `NotThere`, `Refused`: `NOT_ALLOWED`, `ANSWERED`."""
    _may(agent)
    try:
        row = taking.judge(pk=port_id, fits=fits, by=agent.by, at=at)
    except NoSuchPort:
        raise NotThere(port_id) from None
    except taking.Decided:
        raise Refused(Refusal.ANSWERED) from None
    line = lines.served_by_id(row.line_id) if row.line_id else None
    _record(
        agent, "port-out judged", f"port-out {port_id}", origin, at, {"fits": fits},
        on_behalf_of=f"party {line.party_id}" if line else "",
    )  # fmt: skip


@transaction.atomic
def hand_out(*, agent: Agent, port_id: int, iccid: str, document: str, origin: str, at: datetime) -> None:
    """Give the owner, whose document was seen, a blank card.

    Raises `NotThere`, `Refused`: `NOT_ALLOWED`, `OTHER_DOCUMENT`, `NO_CARD`.
    """
    _may(agent, Permission.DOCUMENT)
    try:
        bringing_sims.hand_out(port_id=port_id, iccid=iccid, document=document)
    except NoSuchPort:
        raise NotThere(port_id) from None
    except bringing.Refused:
        raise Refused(Refusal.OTHER_DOCUMENT) from None
    except bringing_sims.NoCard:
        raise Refused(Refusal.NO_CARD) from None
    _record(agent, "port-in card handed out", f"port-in {port_id}", origin, at, {"card": iccid[-4:]})


@transaction.atomic
def correct(*, agent: Agent, port_id: int, owner: Owner, origin: str, at: datetime) -> UUID:
    """Ask anew with the owner's data put right; return the new request.

    Raises `NotThere`, `Refused`: `NOT_ALLOWED`, `NOT_IN_STATE`, `BAD_OWNER`, `NOTHING_TO_DO` (no money, asked again).
    """
    _may(agent)
    found = one(port_id)
    try:
        again = bringing.correct(port_id=port_id, owner=owner, by=agent.by, at=at)
    except NoSuchPort:
        raise Refused(Refusal.NOT_IN_STATE) from None
    except bringing.Refused as refused:
        raise Refused(Refusal.BAD_OWNER if refused.why is Why.BAD_OWNER else Refusal.NOTHING_TO_DO) from None
    _record(agent, "port-in asked anew", f"port-in {port_id}", origin, at, {"number": found.number[-4:]})
    return again


@transaction.atomic
def note_seen(*, agent: Agent, port_id: int, origin: str, at: datetime) -> None:
    """A refusal was looked at, and nothing more is to be done; raise `NotThere`, `Refused`: `NOT_ALLOWED`."""
    _may(agent)
    try:
        bringing.note_seen(port_id=port_id, by=agent.by)
    except NoSuchPort:
        raise NotThere(port_id) from None
    _record(agent, "port-in worked off", f"port-in {port_id}", origin, at, {})


def _may(agent: Agent, *more: Permission) -> None:
    if not {Permission.PORTING, *more} <= agent.permissions:
        raise Refused(Refusal.NOT_ALLOWED)


def _record(
    agent: Agent, action: str, subject: str, origin: str, at: datetime, details: Mapping[str, audit.Detail],
    on_behalf_of: str = "",
) -> None:  # fmt: skip
    audit.record(
        actor=agent.actor, action=action, subject=subject, on_behalf_of=on_behalf_of, details=details, origin=origin,
        at=at,
    )  # fmt: skip
