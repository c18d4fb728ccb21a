"""Drafts of what is sold and said: one writes, another publishes; each step is in the trail."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from abonent.domains.catalog.offers.rules import BadCatalogue, Problem
from abonent.domains.support import models
from abonent.domains.support.drafts import contents as drafts_contents
from abonent.domains.support.drafts import rules as drafts_rules
from abonent.domains.support.drafts.rules import REASON_LENGTH_MAX, Event, Kind, State
from abonent.domains.support.queries import Agent
from abonent.domains.support.rules import NotThere, Permission, Refusal, Refused
from abonent.foundation import audit
from abonent.foundation.said import N_, said


@dataclass(frozen=True, slots=True)
class Step:
    """Who does something with a draft as they saw it: in which revision; `reason` is for colleagues."""

    agent: Agent
    draft_id: int
    revision: int
    origin: str
    at: datetime
    reason: str = ""


@transaction.atomic
def make(*, agent: Agent, kind: Kind, text: str, code: str = "", origin: str, at: datetime) -> int:
    """Keep a new draft and return its id; `code` is that of a question or shop that is to go.

    Raises `Refused`, and `BadCatalogue` for a text that cannot be read; what it says is checked when it is saved.
    """
    if Permission.DRAFTS not in agent.permissions:
        raise Refused(Refusal.NOT_ALLOWED)
    codes, valid_from = drafts_contents.subject(kind, text)
    draft = models.Draft.objects.create(
        kind=kind, code=codes[0] if codes else code, valid_from=valid_from, text=text, state=State.DRAFT,
        author_id=agent.id, writers=[agent.id], changed_at=at,
    )  # fmt: skip
    _note(draft, Event.MADE, Step(agent, draft.pk, 1, origin, at))
    return draft.pk


@transaction.atomic
def save(step: Step, *, text: str) -> int:
    """Keep another text, one that could be published now, and return the revision; raises `Refused`, `BadCatalogue`."""
    draft = _locked(step, Event.SAVED)
    kind = Kind(draft.kind)
    codes, valid_from = drafts_contents.subject(kind, text)
    if codes and draft.code not in codes:
        words = N_("this draft is of %(code)s; what is called otherwise is another draft")
        raise BadCatalogue([Problem(0, said(words, code=draft.code))])
    drafts_contents.check(kind, text, draft.code, step.at)
    draft.text, draft.valid_from, draft.revision = text, valid_from, draft.revision + 1
    if step.agent.id not in draft.writers:
        draft.writers = [*draft.writers, step.agent.id]
    _note(draft, Event.SAVED, step)
    return draft.revision


@transaction.atomic
def hand_over(step: Step) -> None:
    """Ask a second person to publish it as it is; raises `Refused`, `BadCatalogue`."""
    draft = _locked(step, Event.HANDED_OVER)
    drafts_contents.check(Kind(draft.kind), draft.text, draft.code, step.at)
    _note(draft, Event.HANDED_OVER, step)


@transaction.atomic
def take_back(step: Step) -> None:
    """Go on writing: nobody is asked any more; raises `Refused`."""
    _note(_locked(step, Event.TAKEN_BACK), Event.TAKEN_BACK, step)


@transaction.atomic
def send_back(step: Step) -> None:
    """Return it to who wrote it, with the reason; raises `Refused`, `ValueError` without a reason."""
    if not step.reason.strip():
        raise ValueError("a draft is sent back with a reason")
    _note(_locked(step, Event.SENT_BACK), Event.SENT_BACK, step)


@transaction.atomic
def discard(step: Step) -> None:
    """Throw it away: nothing comes of it; raises `Refused`."""
    _note(_locked(step, Event.DISCARDED), Event.DISCARDED, step)


@transaction.atomic
def publish(step: Step, *, seen: str) -> None:
    """Let it hold from its day on, as a second person saw it beside what is there (`drafts.contents.seen`).

    Raises `Refused`, and `BadCatalogue` when it cannot be published any more, as on a day that has begun.
    """
    draft = _locked(step, Event.PUBLISHED)
    kind = Kind(draft.kind)
    if drafts_contents.seen(draft.text, drafts_contents.pairs(kind, draft.text, draft.code)) != seen:
        raise Refused(Refusal.CHANGED)
    drafts_contents.publish(kind, draft.text, draft.code, step.at)
    draft.published_by_id = step.agent.id
    _note(draft, Event.PUBLISHED, step)


def _locked(step: Step, event: Event) -> models.Draft:
    """Return the draft, locked, in the state after the event; raise `NotThere`, `Refused`."""
    draft = models.Draft.objects.select_for_update(of=("self",)).filter(id=step.draft_id).first()
    if draft is None:
        raise NotThere(step.draft_id)
    after = drafts_rules.check(
        event, State(draft.state), by=step.agent.id, writers=draft.writers, permissions=step.agent.permissions
    )
    if draft.revision != step.revision:
        raise Refused(Refusal.CHANGED)
    draft.state = after
    return draft


def _note(draft: models.Draft, event: Event, step: Step) -> None:
    draft.changed_at = step.at
    draft.save()
    models.DraftStep.objects.create(
        draft=draft, event=event, agent_id=step.agent.id, at=step.at, revision=draft.revision,
        said=step.reason.strip()[:REASON_LENGTH_MAX],
    )  # fmt: skip
    # Reasons may name people: they stand with the draft. The text is sealed by its hash.
    audit.record(
        actor=step.agent.actor, action=f"draft {event.value}", subject=f"draft {draft.pk}",
        details={
            "kind": draft.kind, "code": draft.code, "revision": draft.revision,
            "text sha256": hashlib.sha256(draft.text.encode()).hexdigest(),
        },
        origin=step.origin, at=step.at,
    )  # fmt: skip
