"""Commands to the network: written down, asked one after the other for each line until there is an answer.

A command is written in the transaction of whoever wants it. It is asked outside any, by a worker that first puts its
next try off: whoever is killed in between is replaced after that, and asks again under the same id. An answer that is
not known is never taken for a no, and never asked about by another command.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from procrastinate.contrib.django import app

from abonent.domains.lines import models
from abonent.domains.lines.events import CommandEnded, CommandSent
from abonent.domains.lines.numbers import actions as numbers
from abonent.domains.lines.ports import Answer, Command, NoAnswer, Told
from abonent.domains.lines.provisioning import rules
from abonent.domains.lines.provisioning.network import network
from abonent.domains.lines.provisioning.rules import OPEN, Event, State, after
from abonent.foundation import outbox

log = logging.getLogger(__name__)

SEND = "send_command"
DUE_AT_ONCE_MAX = 500


@transaction.atomic
def enqueue(
    *,
    command_id: UUID,
    line_id: int,
    on: Collection[str] = (),
    off: Collection[str] = (),
    reference: UUID | None,
    at: datetime,
) -> None:
    """Write down what the network is to do for the line, after everything that was written down for it before.

    The same id again changes nothing.
    """
    # Those of one line are written one after the other, so the order of ids is that of the commits.
    number = models.Line.objects.select_for_update(no_key=True).values_list("number", flat=True).get(id=line_id)
    row, new = models.ProvisioningCommand.objects.get_or_create(
        command_id=command_id,
        defaults={
            "line_id": line_id,
            "number": number,
            "features_on": sorted(on),
            "features_off": sorted(off),
            "reference": reference,
            "state": State.WAITING,
            "created_at": at,
            "next_try_at": at,
        },
    )
    if new:
        defer(row.pk)


@transaction.atomic
def withdraw(*, command_id: UUID, at: datetime) -> bool:
    """Take a command back that the network was never asked; return whether it is not going to be done.

    One that was asked once may be done already, whatever the network said: it stays.
    """
    row = models.ProvisioningCommand.objects.select_for_update().filter(command_id=command_id).first()
    if row is None or row.state == State.WITHDRAWN:
        return True
    if row.state != State.WAITING:
        return False
    row.state, row.ended_at, row.next_try_at = after(State.WAITING, Event.WITHDRAWN), at, None
    row.save(update_fields=["state", "ended_at", "next_try_at"])
    _wake_next(row)
    return True


def send(*, pk: int, at: datetime) -> State | None:
    """Ask the network to do the command and write its answer down; return the state then.

    None: it was not this command's turn, somebody else asks just now, or it has ended.
    """
    row = _claim(pk, at)
    if row is None:
        return None
    command = Command(row.command_id, row.number, tuple(row.features_on), tuple(row.features_off))
    try:
        told = network().carry_out(command)
    except NoAnswer as error:
        log.warning("command %s: no answer (%s)", row.command_id, error)
        told = Told(Answer.ACCEPTED)
    return _apply(pk, told, at)


def due(at: datetime) -> list[int]:
    """Return the commands whose time has come and that are the first of their line, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select first.id from lines_provisioningcommand first
                where first.state = any (%(open)s) and first.next_try_at <= %(at)s
                  and not exists (select from lines_provisioningcommand earlier
                                   where earlier.line_id = first.line_id and earlier.id < first.id
                                     and earlier.state = any (%(open)s))
                order by first.next_try_at limit %(limit)s""",
            {"open": sorted(OPEN), "at": at, "limit": DUE_AT_ONCE_MAX},
        )
        return [pk for (pk,) in cursor.fetchall()]


def defer(pk: int) -> None:
    """Have a worker ask it, once this transaction is over."""
    app.configure_task(SEND, queue="network").defer(pk=pk)


@transaction.atomic(durable=True)
def _claim(pk: int, at: datetime) -> models.ProvisioningCommand | None:
    """Take the command for as long as a question may last, if it is the first of its line and its time has come."""
    row = models.ProvisioningCommand.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
    if row is None or row.state not in OPEN or row.next_try_at is None or row.next_try_at > at:
        return None
    earlier = models.ProvisioningCommand.objects.filter(line_id=row.line_id, pk__lt=pk, state__in=OPEN)
    if earlier.exists():
        return None
    if row.sent_at is None:
        row.sent_at = at
        if row.reference:
            outbox.announce(CommandSent(str(row.command_id), str(row.reference)))
    row.state = after(State(row.state), Event.ASKED)
    row.tries = min(row.tries + 1, 100_000)
    row.next_try_at = at + max(rules.LEASE, rules.pause(row.tries))
    row.save(update_fields=["state", "sent_at", "tries", "next_try_at"])
    return row


@transaction.atomic
def _apply(pk: int, told: Told, at: datetime) -> State:
    """Write down what the network said, unless somebody else learned the end meanwhile."""
    row = models.ProvisioningCommand.objects.select_for_update().get(pk=pk)
    if row.state not in OPEN:
        return State(row.state)
    if told.answer is Answer.ACCEPTED:
        row.next_try_at = at + rules.pause(row.tries)
        row.save(update_fields=["next_try_at"])
        return State(row.state)
    event = Event.DONE if told.answer is Answer.DONE else Event.REFUSED
    row.state, row.ended_at, row.next_try_at = after(State(row.state), event), at, None
    row.reason = told.reason[: rules.REASON_LENGTH_MAX]
    row.save(update_fields=["state", "ended_at", "next_try_at", "reason"])
    if event is Event.DONE and (number := numbers.number_of(row.features_on)):
        # At once, so that nothing is asked of the network under a number that it no longer serves the line as.
        numbers.renumber(line_id=row.line_id, number=number, at=at)
    if row.reference:
        outbox.announce(CommandEnded(str(row.command_id), str(row.reference)))
    _wake_next(row)
    return State(row.state)


def _wake_next(ended: models.ProvisioningCommand) -> None:
    """Have the line's next command asked at once: it waited for this one."""
    following = models.ProvisioningCommand.objects.filter(line_id=ended.line_id, state__in=OPEN).order_by("pk").first()
    if following is not None:
        defer(following.pk)
