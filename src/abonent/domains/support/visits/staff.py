"""What staff do with visits: somebody is on the way, it is done, or it could not be done."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from abonent.domains.support import models
from abonent.domains.support.queries import Agent
from abonent.domains.support.requests import actions as requests
from abonent.domains.support.requests import staff as requests_staff
from abonent.domains.support.requests.staff import Reply
from abonent.domains.support.requests.states import Event
from abonent.domains.support.requests.states import State as Request
from abonent.domains.support.rules import NotThere, Permission, Refusal, Refused
from abonent.domains.support.visits import actions as visits
from abonent.domains.support.visits import rules
from abonent.domains.support.visits.rules import State
from abonent.foundation import audit


class NotNow(Exception):
    """That cannot happen to a visit as it stands."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.state = state


@transaction.atomic
def set_out(*, agent: Agent, visit_id: int, origin: str, at: datetime) -> None:
    """Somebody is on the way; the customer is told. Twice is once. Raises `NotThere`, `Refused`, `NotNow`."""
    row = locked(agent, visit_id)
    if row.state == State.ON_THE_WAY:
        return
    _step(row, State.ON_THE_WAY, at)
    _record(agent, row, "visit on the way", origin, at)
    visits.tell(row, "on the way")


@transaction.atomic
def end(*, agent: Agent, visit_id: int, done: bool, key: UUID, text: str, origin: str, at: datetime) -> None:
    """It is done, or could not be: `text` is what the customer reads in the request, which it answers.

    Of a request that somebody else works on, or that has its end, only the visit ends.
    Raises `NotThere`, `Refused`, `NotNow`, `requests.rules.Unclear`.
    """
    row = locked(agent, visit_id)
    wanted = State.DONE if done else State.MISSED
    if row.state == wanted:
        return
    _step(row, wanted, at)
    _record(agent, row, f"visit {wanted}", origin, at)
    request = requests.locked(row.request_id)
    if request.state == Request.ACKNOWLEDGED:
        requests_staff.take(agent=agent, request_id=request.pk, origin=origin, at=at)
        request.refresh_from_db()
    if request.agent_id == agent.id and request.state in (Request.IN_PROGRESS, Request.PENDING):
        said = Reply(key, text, Event.ANSWERED)
        requests_staff.reply(agent=agent, request_id=request.pk, said=said, origin=origin, at=at)
    else:
        # A word for whoever answers.
        requests_staff.reply(agent=agent, request_id=request.pk, said=Reply(key, text, None), origin=origin, at=at)


def locked(agent: Agent, visit_id: int) -> models.Visit:
    """Return the visit behind its request's row, as everybody takes them."""
    if Permission.VISITS not in agent.permissions:
        raise Refused(Refusal.NOT_ALLOWED)
    request_id = models.Visit.objects.filter(id=visit_id).values_list("request_id", flat=True).first()
    if request_id is None:
        raise NotThere(visit_id)
    requests.locked(request_id)
    return visits.locked(visit_id)


def _step(row: models.Visit, to: State, at: datetime) -> None:
    if not rules.can(State(row.state), to):
        raise NotNow(State(row.state))
    row.state, row.changed_at = to, at
    row.save()


def _record(agent: Agent, row: models.Visit, action: str, origin: str, at: datetime) -> None:
    audit.record(
        actor=agent.actor, action=action, subject=f"visit {row.pk}",
        on_behalf_of=f"party {row.request.party_id}", origin=origin, at=at,
    )  # fmt: skip
