"""Reads of lines that others see; values, not models. Each side sees its own agreements."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import connection

from abonent.domains.identity.rules import digest_of
from abonent.domains.lines import models
from abonent.domains.lines.sharing import rules
from abonent.domains.lines.sharing.rules import Consent, EndedBy, Reason, RequestState, Role

SHOWN = 50


class NoSuchShare(LookupError):
    """The agreement, wish or request is not there, or not yours: the same answer to all."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """That somebody sees a line. `is_owner`: who asks for it owns the line; the other side is masked."""

    id: int
    line_id: int
    number: str
    viewer_number: str
    viewer_name: str
    role: Role
    consent: Consent
    since: datetime
    looked_at: datetime | None
    ended_at: datetime | None
    ended_by: EndedBy | None
    is_owner: bool

    @property
    def is_living(self) -> bool:
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class Wish:
    """Whom an account wants to see, as what; `viewer_number` is how the owner of the number is told who asks."""

    id: UUID
    account_id: int
    viewer_line_id: int
    viewer_number: str
    number: str
    role: Role
    is_done: bool

    @property
    def bound(self) -> str:
        """Return the digest that the owner's code is bound to: who sees which number, as what."""
        return digest_of(("share", self.id, self.account_id, self.viewer_line_id, self.number, self.role))


@dataclass(frozen=True, slots=True)
class Request:
    """That somebody wants to see another number of their own."""

    id: int
    account_id: int
    viewer_line_id: int
    viewer_number: str
    number: str
    from_number: bool
    asked_at: datetime
    due_at: datetime
    state: RequestState
    reason: Reason | None

    def is_late(self, now: datetime) -> bool:
        """Return whether it should have been answered by now."""
        return self.state is RequestState.ASKED and self.due_at <= now


_AGREEMENTS = """
    select share.id, share.line_id, line.number, viewer.number, party.given_name, party.family_name, share.role,
           share.consent, share.since, share.looked_at, share.ended_at, share.ended_by,
           share.line_id = any(%(own)s)
      from lines_share share
      join lines_line line on line.id = share.line_id
      join lines_line viewer on viewer.id = share.viewer_line_id
      join customers_contract contract on contract.id = viewer.contract_id
      join customers_party party on party.id = contract.party_id
     where (share.line_id = any(%(own)s) or share.account_id = %(account)s)
"""


def agreements(*, account_id: int, own_lines: Collection[int]) -> list[Agreement]:
    """Return who sees the account's own lines, and what it sees of others, in one query, the oldest first."""
    return _agreements("and share.ended_at is null order by share.id", account_id, own_lines)


def share_of(*, share_id: int, account_id: int, own_lines: Collection[int]) -> Agreement:
    """Return one agreement, ended or not, to either side of it; raise `NoSuchShare`."""
    found = _agreements("and share.id = %(id)s", account_id, own_lines, id=share_id)
    if not found:
        raise NoSuchShare(share_id)
    return found[0]


def _agreements(where: str, account_id: int, own_lines: Collection[int], **more: int) -> list[Agreement]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_AGREEMENTS} {where}", {"account": account_id, "own": list(own_lines), **more})
        return [_agreement(*row) for row in cursor.fetchall()]


def _agreement(
    id_: int, line_id: int, number: str, viewer: str, given: str, family: str, role: str, consent: str, since: datetime,
    looked_at: datetime | None, ended_at: datetime | None, ended_by: str, is_owner: bool,
) -> Agreement:  # fmt: skip
    return Agreement(
        id=id_,
        line_id=line_id,
        number=number,
        viewer_number=rules.masked(viewer) if is_owner else viewer,
        viewer_name=rules.called(given, family),
        role=Role(role),
        consent=Consent(consent),
        since=since,
        looked_at=looked_at,
        ended_at=ended_at,
        ended_by=EndedBy(ended_by) if ended_by else None,
        is_owner=is_owner,
    )


def wish_of(*, wish_id: UUID, account_id: int, at: datetime) -> Wish:
    """Return the account's own wish while it may still be agreed to; raise `NoSuchShare`."""
    row = (
        models.ShareWish.objects.select_related("viewer_line")
        .filter(id=wish_id, account_id=account_id, asked_at__gt=at - rules.WISHED_FOR)
        .first()
    )
    if row is None:
        raise NoSuchShare(wish_id)
    return Wish(
        id=row.id,
        account_id=row.account_id,
        viewer_line_id=row.viewer_line_id,
        viewer_number=row.viewer_line.number,
        number=row.number,
        role=Role(row.role),
        is_done=row.done_at is not None,
    )


def requests_of(account_id: int) -> list[Request]:
    """Return what the account asked for: what waits, and what was answered lately, the newest first."""
    rows = models.NumberRequest.objects.exclude(state=RequestState.CALLED_OFF).filter(account_id=account_id)
    return [request_value(row) for row in rows.select_related("viewer_line").order_by("-id")[:5]]


def requests_about(numbers: Collection[str]) -> list[Request]:
    """Return what others ask of these numbers, while it waits; who asks is masked."""
    rows = models.NumberRequest.objects.filter(number__in=list(numbers), state=RequestState.ASKED)
    found = [request_value(row) for row in rows.select_related("viewer_line").order_by("id")[:SHOWN]]
    return [replace(request, viewer_number=rules.masked(request.viewer_number)) for request in found]


def requests_waiting(limit: int = SHOWN) -> list[Request]:
    """Return what staff have to answer, what is due first at the top."""
    rows = models.NumberRequest.objects.filter(state=RequestState.ASKED).select_related("viewer_line")
    return [request_value(row) for row in rows.order_by("due_at", "id")[:limit]]


def count_waiting() -> int:
    """Return how many wait for staff."""
    return models.NumberRequest.objects.filter(state=RequestState.ASKED).count()


def request_value(row: models.NumberRequest) -> Request:
    """Return a row as a value."""
    return Request(
        id=row.pk,
        account_id=row.account_id,
        viewer_line_id=row.viewer_line_id,
        viewer_number=row.viewer_line.number,
        number=row.number,
        from_number=row.from_number,
        asked_at=row.asked_at,
        due_at=row.due_at,
        state=RequestState(row.state),
        reason=Reason(row.reason) if row.reason else None,
    )
