"""Requests of customers to see another number of their own: compared with the books, answered in two working days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from abonent.domains.lines import queries, queries_money
from abonent.domains.lines.sharing import actions as sharing
from abonent.domains.lines.sharing import queries as sharing_queries
from abonent.domains.lines.sharing import requests as sharing_requests
from abonent.domains.lines.sharing.queries import NoSuchShare, Request
from abonent.domains.lines.sharing.requests import Decided, Facts, NotOneOwner
from abonent.domains.lines.sharing.rules import Reason
from abonent.domains.support.queries import Agent
from abonent.domains.support.rules import NotThere, Permission, Refusal, Refused, masked_name
from abonent.foundation import audit


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request, whose it is (masked), and what the books say of it."""

    request: Request
    customer: str
    facts: Facts


def waiting() -> list[Waiting]:
    """Return what waits for an answer, what is due first at the top."""
    requests = sharing_queries.requests_waiting()
    facts = sharing_requests.facts_of(requests)
    names = {line_id: _masked(line_id) for line_id in {request.viewer_line_id for request in requests}}
    return [Waiting(request, names[request.viewer_line_id], facts[request.id]) for request in requests]


def _masked(line_id: int) -> str:
    named = queries_money.named(line_id)
    return masked_name(named.given_name, named.family_name)


@transaction.atomic
def approve(*, agent: Agent, request_id: int, origin: str, at: datetime) -> None:
    """Add the number; raise `NotThere`, `Refused`: `ANSWERED`, `OTHER_OWNER`, `NOT_ALLOWED`, `PROTECTED`."""
    _may(agent)
    try:
        asked = sharing_requests.approve(request_id=request_id, at=at)
    except NoSuchShare:
        raise NotThere(request_id) from None
    except Decided:
        raise Refused(Refusal.ANSWERED) from None
    except NotOneOwner:
        raise Refused(Refusal.OTHER_OWNER) from None
    except sharing.Protected:
        raise Refused(Refusal.PROTECTED) from None
    _record(agent, asked, "number request approved", origin, at, {})


@transaction.atomic
def refuse(*, agent: Agent, request_id: int, reason: Reason, origin: str, at: datetime) -> None:
    """Say no, and why; raise `NotThere`, `Refused`: `ANSWERED`, `NOT_ALLOWED`."""
    _may(agent)
    try:
        asked = sharing_requests.refuse(request_id=request_id, reason=reason, at=at)
    except NoSuchShare:
        raise NotThere(request_id) from None
    except Decided:
        raise Refused(Refusal.ANSWERED) from None
    _record(agent, asked, "number request refused", origin, at, {"reason": str(reason)})


def _may(agent: Agent) -> None:
    if Permission.NUMBERS not in agent.permissions:
        raise Refused(Refusal.NOT_ALLOWED)


def _record(
    agent: Agent, asked: Request, action: str, origin: str, at: datetime, details: Mapping[str, audit.Detail]
) -> None:
    line = queries.served_by_id(asked.viewer_line_id)
    audit.record(
        actor=agent.actor, action=action, subject=f"number request {asked.id}",
        on_behalf_of=f"party {line.party_id}" if line else f"account {asked.account_id}", details=details,
        origin=origin, at=at,
    )  # fmt: skip
