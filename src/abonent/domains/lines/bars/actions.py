"""Bars on lines are set and lifted: by owners, staff, the network, and by what money says.

Whoever changes them holds the lock of the line's row, and the network is told the difference between what it knows and
what the bars that stand now ask for, by the line's queue. The same again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from abonent.domains.identity import endings, journal
from abonent.domains.identity.rules import EventKind
from abonent.domains.lines import models, queries
from abonent.domains.lines.bars import rules
from abonent.domains.lines.bars.rules import Kind
from abonent.domains.lines.provisioning import actions as provisioning
from abonent.domains.lines.provisioning import network as provisioning_network


@transaction.atomic
def impose(
    *,
    line_id: int,
    kind: Kind,
    by: str,
    at: datetime,
    ends_at: datetime | None = None,
    command_id: UUID | None = None,
    reference: UUID | None = None,
) -> bool:
    """Bar the line from `at` on; return whether it was not barred so already. A closed line is not barred.

    `command_id` is what the network is asked under, if there is anything to ask it, for the sake of `reference`.
    """
    line = _locked(line_id)
    if line is None or kind in (before := _standing(line_id)):
        return False
    models.Bar.objects.create(line_id=line_id, kind=kind, since=at, ends_at=ends_at, by=by, reference=reference)
    _tell_network(line_id, before, before | {kind}, at, command_id, reference)
    _project(line)
    return True


@transaction.atomic
def lift(*, line_id: int, kind: Kind, by: str, at: datetime) -> bool:
    """End the bar of that kind at `at`; return whether there was one."""
    line = _locked(line_id)
    if line is None or kind not in (before := _standing(line_id)):
        return False
    row = models.Bar.objects.get(line_id=line_id, kind=kind, until=None)
    row.until, row.lifted_by = max(at, row.since), by
    row.save(update_fields=["until", "lifted_by"])
    _tell_network(line_id, before, before - {kind}, at)
    _project(line)
    return True


@transaction.atomic
def follow(*, line_id: int, kind: Kind, stands: Callable[[], bool], by: str, at: datetime) -> bool:
    """Let the bar stand or not as `stands` says, which is asked under the line's lock; return whether that was new.

    Whoever changes what `stands` reads has this called afterwards. So of two calls the later one reads the newer truth,
    and neither repeats nor their order count.
    """
    if _locked(line_id) is None:
        return False
    change = impose if stands() else lift
    return change(line_id=line_id, kind=kind, by=by, at=at)


@transaction.atomic
def report_lost(*, line_id: int, by: str, at: datetime) -> bool:
    """The phone is lost or stolen: nothing works on its number from now on, and no code sent there opens anything.

    Returns False when that is so already. Those who see the line are told everywhere but there.
    """
    number = models.Line.objects.values_list("number", flat=True).get(id=line_id)
    if not impose(line_id=line_id, kind=Kind.LOST, by=by, at=at):
        return False
    endings.kill_codes(number=number, at=at)
    _note(line_id, EventKind.NUMBER_BLOCKED, number, by, at)
    return True


@transaction.atomic
def found_again(*, line_id: int, by: str, at: datetime) -> bool:
    """The phone is there again, or another SIM is in its place; return whether it was lost."""
    if not lift(line_id=line_id, kind=Kind.LOST, by=by, at=at):
        return False
    number = models.Line.objects.values_list("number", flat=True).get(id=line_id)
    _note(line_id, EventKind.NUMBER_UNBLOCKED, number, by, at)
    return True


@transaction.atomic
def end_on(*, line_id: int, kind: Kind, ends_at: datetime) -> bool:
    """Let a standing bar end at another moment; return whether there is one."""
    standing = models.Bar.objects.filter(line_id=line_id, kind=kind, until=None)
    return bool(_locked(line_id) and standing.update(ends_at=ends_at, warned_at=None))


def note_warned(*, line_id: int, kind: Kind, at: datetime) -> bool:
    """Keep in mind that it was told when the bar ends; return whether it was not before."""
    standing = models.Bar.objects.filter(line_id=line_id, kind=kind, until=None, warned_at=None)
    return bool(standing.update(warned_at=at))


def end_all(*, line_id: int, at: datetime) -> None:
    """The line is closed: nothing of it is barred any more, and the network knows that it serves nobody."""
    for row in models.Bar.objects.filter(line_id=line_id, until=None):
        row.until, row.lifted_by = max(at, row.since), journal.NETWORK
        row.save(update_fields=["until", "lifted_by"])


def _tell_network(
    line_id: int,
    before: Collection[Kind],
    after: Collection[Kind],
    at: datetime,
    command_id: UUID | None = None,
    reference: UUID | None = None,
) -> None:
    on, off = rules.switched(before, after)
    # Without a network of ours nobody is asked; one that is named later is compared with what stands.
    if (on or off) and provisioning_network.is_there():
        provisioning.enqueue(
            command_id=command_id or uuid4(), line_id=line_id, on=on, off=off, reference=reference, at=at
        )


def _project(line: models.Line) -> None:
    """Keep at the line whether its number proves anything: that is asked on each way in, and has no query to spare."""
    rows = {Kind(row.kind): row for row in models.Bar.objects.filter(line=line, until=None)}
    silencing = rules.silencing(rows)
    line.blocked_at = rows[silencing].since if silencing else None
    line.block_reason = silencing or ""
    line.save(update_fields=["blocked_at", "block_reason"])


def _note(line_id: int, kind: EventKind, number: str, by: str, at: datetime) -> None:
    for account_id in queries.accounts_of_line(line_id):
        journal.note(account_id=account_id, kind=kind, at=at, by=by, detail={"number": number}, not_to=number)


def _standing(line_id: int) -> set[Kind]:
    found = models.Bar.objects.filter(line_id=line_id, until=None).values_list("kind", flat=True)
    return {Kind(kind) for kind in found}


def _locked(line_id: int) -> models.Line | None:
    return models.Line.objects.select_for_update(no_key=True).filter(id=line_id, closed_at=None).first()
