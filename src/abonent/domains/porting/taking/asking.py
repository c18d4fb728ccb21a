"""The central database hears what we answer, and is asked what became of the numbers that leave."""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction

from abonent.domains.lines.provisioning.rules import LEASE, pause
from abonent.domains.porting import models
from abonent.domains.porting.gateway import central
from abonent.domains.porting.ports import NoAnswer, Standing
from abonent.domains.porting.rules import Reason, told
from abonent.domains.porting.states import OUT_OPEN, State
from abonent.domains.porting.taking import actions as taking

log = logging.getLogger(__name__)

AT_ONCE_MAX = 500
ANSWERED = (State.ACCEPTED, State.REFUSED, State.STOPPED)


def due(at: datetime) -> list[int]:
    """Return the requests that wait for us, the longest first."""
    rows = models.PortOut.objects.filter(next_try_at__lte=at).order_by("next_try_at")
    return list(rows.values_list("pk", flat=True)[:AT_ONCE_MAX])


def look(*, pk: int, at: datetime) -> State | None:
    """Do what is next for one request; None: it is not its time, or somebody else does it just now."""
    row = _claim(pk, at)
    if row is None:
        return None
    if row.state == State.ASKED:
        taking.decide(pk=pk, at=at)
        row.refresh_from_db()
    try:
        standing = _answer(row) if row.state in ANSWERED and row.answered_at is None else central().standing(row.ref)
    except NoAnswer as error:
        log.warning("port-out %s: no answer (%s)", row.ref, error)
        return State(row.state)
    _note_answered(row, at)
    return taking.apply(ref=row.ref, standing=standing, at=at)


def hear(*, ref: UUID, at: datetime) -> None:
    """Something happened to the request, it is said: ask for it, whether we know it or not. Raises `NoAnswer`."""
    if not models.PortOut.objects.filter(ref=ref).exists():
        taking.note(taking=central().taking(ref), at=at)
        return
    taking.apply(ref=ref, standing=central().standing(ref), at=at)


def find(*, at: datetime) -> None:
    """Take up requests of others, and numbers that came back, whose announcement was lost. Raises `NoAnswer`."""
    waiting = list(central().waiting())
    settled = models.PortOut.objects.filter(ref__in=waiting).exclude(state=State.PORTED)
    for ref in sorted(set(waiting) - set(settled.values_list("ref", flat=True)))[:AT_ONCE_MAX]:
        hear(ref=ref, at=at)


def _answer(row: models.PortOut) -> Standing:
    reason = str(told(Reason(row.reason))) if row.reason else ""
    return central().answer(row.ref, accepts=row.state == State.ACCEPTED, reason=reason)


@transaction.atomic(durable=True)
def _claim(pk: int, at: datetime) -> models.PortOut | None:
    row = models.PortOut.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=pk).first()
    if row is None or row.next_try_at is None or row.next_try_at > at:
        return None
    row.tries = min(row.tries + 1, 100_000)
    row.next_try_at = at + max(LEASE, pause(row.tries))
    row.save(update_fields=["tries", "next_try_at"])
    return row


@transaction.atomic
def _note_answered(asked: models.PortOut, at: datetime) -> None:
    """Write down that it was heard, unless the answer became another meanwhile."""
    row = models.PortOut.objects.select_for_update(no_key=True).get(pk=asked.pk)
    if (row.state, row.reason) != (asked.state, asked.reason):
        return
    if row.state in ANSWERED and row.answered_at is None:
        row.answered_at = at
    if row.state in OUT_OPEN:
        row.next_try_at = max(at + taking.LOOK_EVERY, at) if row.state == State.ACCEPTED else row.answer_by
        row.next_try_at = min(row.next_try_at, at + taking.LOOK_EVERY)
    else:
        row.next_try_at = None
    row.tries = 0
    row.save(update_fields=["answered_at", "next_try_at", "tries"])
