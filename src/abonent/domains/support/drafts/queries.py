"""Reads of drafts; values, not models."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from abonent.domains.support import models
from abonent.domains.support.drafts.rules import OPEN, Event, Kind, State
from abonent.domains.support.rules import NotThere

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft; see the table of the same name."""

    id: int
    kind: Kind
    code: str
    valid_from: date | None
    text: str
    revision: int
    state: State
    author_id: int
    author_name: str
    writers: tuple[int, ...]
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """What was done with a draft."""

    event: Event
    agent_name: str
    at: datetime
    revision: int
    said: str


def draft(draft_id: int) -> Draft:
    """Return a draft; raise `NotThere`."""
    row = models.Draft.objects.select_related("author").filter(id=draft_id).first()
    if row is None:
        raise NotThere(draft_id)
    return _value(row)


def drafts(states: Iterable[State] = OPEN) -> list[Draft]:
    """Return the drafts in those states, without their texts, what waits first, then the last changed."""
    rows = models.Draft.objects.select_related("author").defer("text").filter(state__in=[one.value for one in states])
    return [_value(row, text="") for row in rows.order_by("-state", "-changed_at")[:SHOWN]]


def waiting(agent_id: int) -> int:
    """Return how many drafts wait for a second person who may be that agent."""
    rows = models.Draft.objects.filter(state=State.WAITING.value)
    return rows.exclude(writers__contains=[agent_id]).count()


def steps(draft_id: int) -> list[Step]:
    """Return what was done with a draft, the newest first."""
    rows = models.DraftStep.objects.select_related("agent").filter(draft_id=draft_id).order_by("-at", "-id")[:SHOWN]
    return [Step(Event(row.event), row.agent.name, row.at, row.revision, row.said) for row in rows]


def _value(row: models.Draft, text: str | None = None) -> Draft:
    return Draft(
        id=row.pk, kind=Kind(row.kind), code=row.code, valid_from=row.valid_from,
        text=row.text if text is None else text, revision=row.revision, state=State(row.state),
        author_id=row.author_id, author_name=row.author.name, writers=tuple(row.writers), changed_at=row.changed_at,
    )  # fmt: skip
