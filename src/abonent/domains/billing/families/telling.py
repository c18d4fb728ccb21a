"""What the sides of a family that shares a package are told, each where messages about its line go."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from abonent.domains.billing import models
from abonent.domains.billing.families import rules
from abonent.domains.billing.transfers.rules import masked
from abonent.domains.lines import queries_bulk, queries_money
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import actions as messaging

# What members took in periods that may still run, with the limit that holds now.
_TOOK = """
    select taken.member_id, taken.bucket, taken.period_start, taken.used, member.line_id,
           (select amount from billing_familylimit limits
             where limits.member_id = member.id and limits.bucket = taken.bucket and limits.valid_from <= %(at)s
             order by limits.valid_from desc limit 1) as amount, taken.told_percent
      from billing_familytaken taken
      join billing_familymember member on member.id = taken.member_id and member.until is null
     where taken.period_start > %(at)s - interval '32 days' and taken.told_percent < 100 and taken.used > 0
     for update of taken skip locked
"""


def invited(row: models.FamilyInvitation, owner: Line) -> None:
    """Tell a number that it is asked; to nobody's number nothing is sent, at the same cost."""
    found = queries_money.receiver(row.number)
    messaging.send(
        recipient=row.number,
        template="pool invited",
        params={"number": masked(owner.number)},
        language=found.language if found else settings.LANGUAGE_CODE,
        withheld=found is None,
    )


def joined(group_id: UUID, line: Line, since: datetime) -> None:
    """Tell the owner that somebody joined, and the member that it is one."""
    owner_id = _owner_of(group_id)
    _send(owner_id, "pool joined", number=masked(line.number), since=since.isoformat())
    _send(line.id, "pool welcome", number=_number_of(owner_id), since=since.isoformat())


def refused(row: models.FamilyInvitation) -> None:
    """Tell the owner that the number said no."""
    _send(_owner_of(row.group_id), "pool refused", number=masked(row.number))


def ended(row: models.FamilyMember, template: str) -> None:
    """Tell the other side that a membership ended: the owner that it was left, else the member."""
    owner_id = _owner_of(row.group_id)
    to, about = (owner_id, row.line_id) if template == "pool left" else (row.line_id, owner_id)
    _send(to, template, number=_number_of(about))


@transaction.atomic
def tell_of_limits(*, at: datetime) -> int:
    """Tell members who came to 80 or 100 % of their limits, each once a period; return how many were told."""
    with connection.cursor() as cursor:
        cursor.execute(_TOOK, {"at": at})
        rows = cursor.fetchall()
    told = 0
    for member_id, bucket, start, used, line_id, amount, before in rows:
        percent = rules.told_percent(used, amount)
        if percent > before:
            models.FamilyTaken.objects.filter(member_id=member_id, bucket=bucket, period_start=start).update(
                told_percent=percent
            )
            _send(line_id, "pool limit", bucket=bucket, amount=str(amount), percent=str(percent))
            told += 1
    return told


def paused(group_id: UUID, template: str) -> None:
    """Tell the members that the package of their family rests, or is theirs again."""
    number = _number_of(_owner_of(group_id))
    rows = models.FamilyMember.objects.filter(group=group_id, is_owner=False, until=None).order_by("since", "id")
    for line_id in rows.values_list("line_id", flat=True):
        _send(line_id, template, number=number)


def handover_asked(row: models.FamilyHandover) -> None:
    """Ask a member to pay for the family."""
    _send(
        row.member.line_id, "pool payer asked", number=_number_of(_owner_of(row.group_id)),
        amount_minor=str(row.fee_minor),
    )  # fmt: skip


def handover_answered(row: models.FamilyHandover, template: str) -> None:
    """Tell the owner what the member answered: from when, if it was yes."""
    since = {"since": row.takes_effect_at.isoformat()} if row.takes_effect_at else {}
    _send(_owner_of(row.group_id), template, number=_number_of(row.member.line_id), **since)


def handover_failed(row: models.FamilyHandover) -> None:
    """Tell both sides that the payer stays who it was."""
    owner_id = _owner_of(row.group_id)
    _send(owner_id, "pool payer failed", number=_number_of(row.member.line_id), why=row.why)
    _send(row.member.line_id, "pool payer failed", number=_number_of(row.member.line_id), why=row.why)


def handed_over(row: models.FamilyHandover, line_ids: Iterable[int]) -> None:
    """Tell everybody whose package it is from now on."""
    number, since = _number_of(row.member.line_id), row.takes_effect_at or row.asked_at
    for line_id in line_ids:
        told = "pool payer you" if line_id == row.member.line_id else "pool payer changed"
        _send(line_id, told, number=number, since=since.isoformat(), amount_minor=str(row.fee_minor))


def _owner_of(group_id: UUID) -> int:
    """Return the owner of a group, or the last one that it had."""
    owners = models.FamilyMember.objects.filter(group=group_id, is_owner=True).order_by("-since", "id")
    return owners.values_list("line_id", flat=True)[0]


def _number_of(line_id: int) -> str:
    return masked(queries_bulk.told([line_id])[line_id].line)


def _send(line_id: int, template: str, **params: str) -> None:
    to = queries_bulk.told([line_id])[line_id]
    if to.number:
        messaging.send(recipient=to.number, template=template, params=params, language=to.language)
