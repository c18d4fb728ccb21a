"""Reads of support; values, not models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q

from abonent.domains.lines import queries as lines
from abonent.domains.support import models, rules
from abonent.domains.support.rules import Contact, Deed, NotThere, Permission, Question
from abonent.foundation.audit import Actor

CASES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Agent:
    """A member of staff, with what the roles allow together."""

    id: int
    account_id: int
    login: str
    name: str
    position: str
    roles: tuple[str, ...]
    active: bool
    first_password_until: datetime | None
    sessions_from: datetime
    permissions: frozenset[Permission]

    @property
    def actor(self) -> Actor:
        """Return who acts, as the audit trail names people."""
        return Actor("agent", str(self.id), self.login)

    @property
    def by(self) -> str:
        """Return who acts, as the owner's journal names people."""
        return f"agent:{self.id}"


@dataclass(frozen=True, slots=True)
class Customer:
    """Whom a case is about: the party, and the line that it was opened with."""

    party_id: int
    given_name: str
    patronymic: str
    family_name: str
    line_id: int
    number: str
    service: str
    opened_at: datetime
    closed_at: datetime | None
    blocked_at: datetime | None
    block_reason: str
    contract_id: int
    contract_number: str
    account_number: str | None
    contract_opened_on: date

    @property
    def name(self) -> str:
        """Return the whole name."""
        return " ".join(part for part in (self.family_name, self.given_name, self.patronymic) if part)


@dataclass(frozen=True, slots=True)
class Case:
    """A talk with a customer; `checked_until` None: who it is was not shown, or too long ago."""

    id: int
    agent_id: int
    agent_name: str
    contact: Contact
    party_id: int
    line_id: int
    opened_at: datetime
    closed_at: datetime | None
    outcome: str
    checked_at: datetime | None
    checked_by: str

    @property
    def checked_until(self) -> datetime | None:
        """Return until when the check counts; who wrote in the cabinet had signed in, and is asked nothing."""
        if self.contact is Contact.CABINET:
            return self.opened_at + rules.CASE_LIFE
        return self.checked_at + rules.CHECK_LIFE if self.checked_at else None

    def is_open(self, now: datetime) -> bool:
        """Return whether anything may be done in it; one left open is closed after a while."""
        return self.closed_at is None and now < self.opened_at + rules.CASE_LIFE

    def is_checked(self, now: datetime) -> bool:
        """Return whether the agent may see and do what only the customer may ask for."""
        return self.is_open(now) and self.checked_until is not None and now < self.checked_until


@dataclass(frozen=True, slots=True)
class Done:
    """Something done in a case."""

    case_id: int
    agent_name: str
    contact: str
    deed: Deed
    at: datetime
    about: str


@dataclass(frozen=True, slots=True)
class Approval:
    """A second person's word that was asked for; `granted` None: nobody has decided."""

    id: UUID
    case_id: int
    deed: Deed
    contact: str
    asked_by_id: int
    asked_by: str
    position: str
    asked_at: datetime
    expires_at: datetime
    granted: bool | None
    used_at: datetime | None
    number: str


def agent(agent_id: int) -> Agent | None:
    """Return one member of staff."""
    return next((_agent(row) for row in models.Agent.objects.filter(id=agent_id)), None)


def staff() -> list[Agent]:
    """Return everybody, by login."""
    return [_agent(row) for row in models.Agent.objects.order_by("login")]


_CUSTOMER = """
    select party.id, party.given_name, party.patronymic, party.family_name, line.id, line.number, line.service,
           line.opened_at, line.closed_at, line.blocked_at, line.block_reason, contract.id, contract.number,
           contract.account_number, contract.opened_on
      from lines_line line
      join customers_contract contract on contract.id = line.contract_id
      join customers_party party on party.id = contract.party_id
     where line.id = %s
"""


def customer(line_id: int) -> Customer | None:
    """Return whose line it is."""
    with connection.cursor() as cursor:
        cursor.execute(_CUSTOMER, [line_id])
        row = cursor.fetchone()
    return Customer(*row) if row else None


def case(case_id: int, agent_id: int) -> Case:
    """Return the agent's own case; raise `NotThere` for one that is missing or another's."""
    row = models.Case.objects.filter(id=case_id, agent_id=agent_id).select_related("agent").first()
    if row is None:
        raise NotThere(case_id)
    return of_row(row)


def open_case(agent_id: int, now: datetime) -> Case | None:
    """Return the case the agent is in."""
    row = models.Case.objects.filter(agent_id=agent_id, closed_at=None).select_related("agent").first()
    found = of_row(row) if row else None
    return found if found and found.is_open(now) else None


def cases_of_agent(agent_id: int, limit: int = CASES_SHOWN) -> list[Case]:
    """Return the agent's newest cases."""
    rows = models.Case.objects.filter(agent_id=agent_id).select_related("agent").order_by("-opened_at")
    return [of_row(row) for row in rows[:limit]]


def cases_of_party(party_id: int, limit: int = CASES_SHOWN) -> list[Case]:
    """Return the newest cases about a party, whoever had them."""
    rows = models.Case.objects.filter(party_id=party_id).select_related("agent").order_by("-opened_at")
    return [of_row(row) for row in rows[:limit]]


def done_for(party_id: int, limit: int = CASES_SHOWN) -> list[Done]:
    """Return what was done for a party, the newest first."""
    rows = models.Done.objects.filter(case__party_id=party_id).select_related("case__agent").order_by("-at", "-id")
    return [
        Done(row.case_id, row.case.agent.name, row.case.contact, Deed(row.deed), row.at, row.about)
        for row in rows[:limit]
    ]


def done_in(case_id: int) -> frozenset[str]:
    """Return what was done in a case."""
    return frozenset(models.Done.objects.filter(case_id=case_id).values_list("deed", flat=True))


def answers_in(case_id: int) -> dict[Question, bool]:
    """Return which questions were answered right in a case."""
    rows = models.Answer.objects.filter(case_id=case_id).exclude(right=None).values_list("question", "right")
    return {Question(question): bool(right) for question, right in rows}


def wrong_left(party_id: int, day: date) -> int:
    """Return how many answers about the party may still be wrong on that day."""
    taken = models.PartyGuard.objects.filter(party_id=party_id, day=day).values_list("taken", flat=True).first()
    return max(0, rules.WRONG_A_DAY - (taken or 0))


def approvals_waiting(now: datetime) -> list[Approval]:
    """Return what waits for a second person's word; money waits in `corrections.queries`."""
    rows = models.Approval.objects.filter(granted=None, expires_at__gt=now, case__closed_at=None)
    rows = rows.exclude(deed__in=rules.MONEY)
    return [_approval(row) for row in rows.select_related("case__line", "asked_by").order_by("asked_at")]


def approvals_in(case_id: int, now: datetime) -> dict[Deed, Approval]:
    """Return the newest question for a second word in a case by deed, unless it is used or too old."""
    rows = models.Approval.objects.filter(case_id=case_id, used_at=None, expires_at__gt=now)
    rows = rows.exclude(deed__in=rules.MONEY)
    newest = [_approval(row) for row in rows.select_related("case__line", "asked_by").order_by("asked_at")]
    return {approval.deed: approval for approval in newest}


def cabinet_of(line_id: int) -> int | None:
    """Return the account that a talk about the line is about: that which proved it, else one that sees it."""
    return lines.account_of(line_id) or next(iter(lines.accounts_of_line(line_id)), None)


def password_number(line_id: int) -> str | None:
    """Return the number that a password of the line's cabinet goes to: one that opens all of that, and no other.

    Who sees a line without having proved it is reached at the main number, not at one that may be in other hands.
    """
    line = lines.served_by_id(line_id)
    if line is not None and line.service == "mobile" and lines.account_of(line_id) is not None:
        return line.number
    account_id = cabinet_of(line_id)
    return lines.main_number_of(account_id) if account_id is not None else None


def is_held(line_id: int, deed: Deed, now: datetime) -> bool:
    """Return whether an SMS to the line, or to where the deed sends one, proves nothing by itself."""
    number = password_number(line_id) if deed is Deed.PASSWORD_SMS else None
    return (lines.hold_of_number(number, now) if number else lines.hold_of(line_id, now)) is not None


def of_row(row: models.Case) -> Case:
    """Return the value of a row whose agent is loaded."""
    return Case(
        id=row.pk,
        agent_id=row.agent_id,
        agent_name=row.agent.name,
        contact=Contact(row.contact),
        party_id=row.party_id,
        line_id=row.line_id,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        outcome=row.outcome,
        checked_at=row.checked_at,
        checked_by=row.checked_by,
    )


def by_login(login: str) -> Agent | None:
    """Return who signs in by that name."""
    found = models.Agent.objects.filter(Q(login=login)).first()
    return _agent(found) if found else None


def _agent(row: models.Agent) -> Agent:
    return Agent(
        id=row.pk,
        account_id=row.account_id,
        login=row.login,
        name=row.name,
        position=row.position,
        roles=tuple(row.roles),
        active=row.active,
        first_password_until=row.first_password_until,
        sessions_from=row.sessions_from,
        permissions=rules.permissions_of(row.roles),
    )


def _approval(row: models.Approval) -> Approval:
    return Approval(
        id=row.id,
        case_id=row.case_id,
        deed=Deed(row.deed),
        contact=row.case.contact,
        asked_by_id=row.asked_by_id,
        asked_by=row.asked_by.name,
        position=row.asked_by.position,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        granted=row.granted,
        used_at=row.used_at,
        number=rules.masked_number(row.case.line.number),
    )
