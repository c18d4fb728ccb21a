"""What staff do with requests: take, hand on, ask back, answer, and a word among colleagues."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from abonent.domains.support import models, queries
from abonent.domains.support.queries import Agent
from abonent.domains.support.requests import actions as requests
from abonent.domains.support.requests import rules as requests_rules
from abonent.domains.support.requests.states import WAITS_FOR_US, Event, State, step
from abonent.domains.support.rules import NotThere, Permission, Refusal, Refused
from abonent.foundation import audit


@dataclass(frozen=True, slots=True)
class Reply:
    """What an agent writes: `event` is `ASKED` or `ANSWERED`, None: for colleagues only."""

    key: UUID
    text: str
    event: Event | None


@transaction.atomic
def take(*, agent: Agent, request_id: int, origin: str, at: datetime) -> None:
    """Begin to work on a request; taken twice by one agent it stays theirs. Raises `NotThere`, `Refused`, `NotNow`."""
    _need(agent, Permission.REQUESTS, Permission.VISITS)
    request = requests.locked(request_id)
    if request.agent_id == agent.id and request.state == State.IN_PROGRESS:
        return
    if request.agent_id not in (None, agent.id) and requests_rules.is_open(State(request.state)):
        raise Refused(Refusal.TAKEN)
    _hand(request, agent.id, at)
    _record(agent, request, "request taken", origin, at)


@transaction.atomic
def give_back(*, agent: Agent, request_id: int, origin: str, at: datetime) -> None:
    """Put one's own request back into the queue. Raises `NotThere`, `Refused`, `NotNow`."""
    _need(agent, Permission.REQUESTS)
    request = requests.locked(request_id)
    if request.state == State.ACKNOWLEDGED:
        return
    _own(agent, request)
    request.state = step(State(request.state), Event.GIVEN_BACK)
    request.agent, request.changed_at = None, at
    request.save()
    _record(agent, request, "request given back", origin, at)


@transaction.atomic
def assign(*, agent: Agent, request_id: int, to: int, origin: str, at: datetime) -> None:
    """Give a request to somebody, whoever has it. Raises `NotThere` also for who cannot work on it."""
    _need(agent, Permission.ASSIGN)
    wanted = queries.agent(to)
    if wanted is None or not wanted.active or Permission.REQUESTS not in wanted.permissions:
        raise NotThere(to)
    request = requests.locked(request_id)
    if request.state == State.PENDING:
        # The customer has the word; who reads the answer changes.
        request.agent_id = wanted.id
        request.save(update_fields=["agent"])
    else:
        _hand(request, wanted.id, at)
    _record(agent, request, "request assigned", origin, at, to=wanted.id)


@transaction.atomic
def reply(*, agent: Agent, request_id: int, said: Reply, origin: str, at: datetime) -> None:
    """Ask the customer, answer, or leave a word for colleagues; a form sent twice is one.

    Raises `NotThere`, `Refused` (`TAKEN`: somebody else's), `NotNow`, `requests.rules.Unclear`.
    """
    _need(agent, Permission.REQUESTS, Permission.VISITS)
    text = requests_rules.text(said.text)
    request = requests.locked(request_id)
    if models.RequestNote.objects.filter(key=said.key, request=request).exists():
        return
    if said.event is not None:
        _own(agent, request)
        request.state = step(State(request.state), said.event)
        request.changed_at = at
        request.first_said_at = request.first_said_at or at
        if said.event is Event.ANSWERED:
            request.answered_at = at
        request.save()
    models.RequestNote.objects.create(
        key=said.key, request=request, at=at, agent_id=agent.id, internal=said.event is None, text=text
    )
    _record(agent, request, f"request {said.event.value if said.event else 'noted'}", origin, at)
    if said.event is not None:
        requests.tell(request, said.event.value)


def _hand(request: models.Request, agent_id: int, at: datetime) -> None:
    if request.state != State.IN_PROGRESS:
        request.state = step(State(request.state), Event.TAKEN)
    request.agent_id, request.changed_at = agent_id, at
    request.save()


def _need(agent: Agent, *any_of: Permission) -> None:
    """Refuse who has none of the permissions; a technician comes here from a visit, which has its own."""
    if not agent.permissions & set(any_of):
        raise Refused(Refusal.NOT_ALLOWED)


def _own(agent: Agent, request: models.Request) -> None:
    if request.agent_id is None and State(request.state) in WAITS_FOR_US:
        raise Refused(Refusal.NOT_TAKEN)
    if request.agent_id is not None and request.agent_id != agent.id:
        raise Refused(Refusal.TAKEN)


def _record(agent: Agent, request: models.Request, action: str, origin: str, at: datetime, **details: int) -> None:
    audit.record(
        actor=agent.actor, action=action, subject=f"request {request.pk}", on_behalf_of=f"party {request.party_id}",
        details=dict(details), origin=origin, at=at,
    )  # fmt: skip
