"""Requests to see another number of one's own ("number management"): asked free of charge, answered by staff.

Asked in the cabinet, or by a text from the number itself, which is what a USSD command would do as well.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from abonent.domains.lines import models, queries, queries_money
from abonent.domains.lines.queries import Line
from abonent.domains.lines.rules import Holder, holder_of
from abonent.domains.lines.sharing import actions as sharing
from abonent.domains.lines.sharing import queries as sharing_queries
from abonent.domains.lines.sharing import rules
from abonent.domains.lines.sharing.queries import NoSuchShare, Request, request_value
from abonent.domains.lines.sharing.rules import Consent, Reason, RequestState, Role
from abonent.domains.messaging import actions as messaging
from abonent.foundation.values import Msisdn


class TooManyRequests(Exception):
    """So many requests of the account wait that another one would only delay them."""


class Decided(Exception):
    """The request was answered or called off meanwhile."""


class NotOneOwner(Exception):
    """The two numbers are not of one owner and one region."""


class Outcome(StrEnum):
    """What became of a text that asked for number management."""

    ASKED = "asked"
    ALREADY = "already"
    # No other number of the same owner has a cabinet.
    NOBODY = "nobody"
    HELD = "held"
    MANY = "many"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the books say of a request: whether both numbers are one party's and of one region. No line: nobody's.

    `opens_all`: it is the main number, which speaks for its owner; without a text from it only a document helps.
    """

    line_id: int
    same_owner: bool
    same_region: bool
    opens_all: bool = False

    @property
    def fits(self) -> bool:
        return self.same_owner and self.same_region and not self.opens_all


def ask(*, account_id: int, line: Line, number: Msisdn, at: datetime, from_number: bool = False) -> int:
    """Ask that the account, known by `line`, sees `number` as its own; return the request.

    Nothing is told of whether the number is anybody's; one that is of the same owner hears of it and may object.
    Asked again, the first stays. Raises `TooManyRequests`.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(hashtext('share'), hashtext(%s))", [f"account {account_id}"])
        waiting = dict(
            models.NumberRequest.objects.filter(account_id=account_id, state=RequestState.ASKED).values_list(
                "number", "id"
            )
        )
        if number.e164 in waiting:
            return int(waiting[number.e164])
        if len(waiting) >= rules.REQUESTS_OPEN_MAX:
            raise TooManyRequests
        made = models.NumberRequest.objects.create(
            account_id=account_id, viewer_line_id=line.id, number=number.e164, from_number=from_number, asked_at=at,
            due_at=rules.due(timezone.localtime(at)),
        )  # fmt: skip
        asked = request_value(made)
        # Whoever has the phone in their hand asked themselves, or is told before anybody answers.
        messaging.send(
            recipient=number.e164,
            template="number asked",
            params={"number": rules.masked(line.number), "until": asked.due_at.isoformat()},
            language=line.language,
            withheld=from_number or not facts_of([asked])[asked.id].same_owner,
        )
    return int(made.pk)


def ask_from_number(*, line_id: int, at: datetime) -> Outcome:
    """Ask for the line itself to be seen in the cabinet that its owner has by another number."""
    if queries.hold_of(line_id, at) is not None:
        return Outcome.HELD
    line = queries.served_by_id(line_id)
    found = _other_cabinet(line_id)
    if line is None or found is None:
        return Outcome.NOBODY
    account_id, viewer_line_id = found
    if any(seen.id == line_id for seen in queries.seen_by(account_id)):
        return Outcome.ALREADY
    viewer = queries.served_by_id(viewer_line_id)
    if viewer is None:
        return Outcome.NOBODY
    try:
        ask(account_id=account_id, line=viewer, number=Msisdn(line.number), at=at, from_number=True)
    except TooManyRequests:
        return Outcome.MANY
    return Outcome.ASKED


def call_off(*, request_id: int, account_id: int, at: datetime) -> None:
    """Want it no more; answered already, it stays so. Raises `NoSuchShare`."""
    mine = models.NumberRequest.objects.filter(id=request_id, account_id=account_id)
    if not mine.exists():
        raise NoSuchShare(request_id)
    mine.filter(state=RequestState.ASKED).update(state=RequestState.CALLED_OFF, decided_at=at)


@transaction.atomic
def object_to(*, request_id: int, own_numbers: Collection[str], at: datetime) -> None:
    """Let the owner of the number say no before staff look at it. Raises `NoSuchShare`; answered, it stays so."""
    row = models.NumberRequest.objects.select_for_update(no_key=True).filter(id=request_id).first()
    if row is None or row.number not in own_numbers:
        raise NoSuchShare(request_id)
    if row.state == RequestState.ASKED:
        _answer(row, RequestState.REFUSED, Reason.NOT_YOURS, at)


def about(numbers: Collection[str]) -> list[Request]:
    """Return what others ask of these numbers of theirs; what a stranger asks bothers nobody."""
    asked = sharing_queries.requests_about(numbers)
    facts = facts_of(asked) if asked else {}
    return [request for request in asked if facts[request.id].same_owner]


def facts_of(requests: Collection[Request]) -> dict[int, Facts]:
    """Return what the books say now of each request, by its id, in one query however many they are."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select request.id, line.id, contract.party_id = other_contract.party_id, line.region = other.region,
                      line.is_main and not request.from_number
                 from lines_numberrequest request
                 join lines_line other on other.id = request.viewer_line_id and other.closed_at is null
                 join customers_contract other_contract on other_contract.id = other.contract_id
                 join lines_line line on line.number = request.number and line.closed_at is null
                  and line.service = 'mobile'
                 join customers_contract contract on contract.id = line.contract_id
                where request.id = any(%s)""",
            [[request.id for request in requests]],
        )
        found = {request_id: Facts(*told) for request_id, *told in cursor.fetchall()}
    nobodys = Facts(0, same_owner=False, same_region=False)
    return {request.id: found.get(request.id, nobodys) for request in requests}


def locked(request_id: int) -> models.NumberRequest:
    """Return the request, locked, while it waits; raise `NoSuchShare`, `Decided`."""
    row = models.NumberRequest.objects.select_for_update(no_key=True).filter(id=request_id).first()
    if row is None:
        raise NoSuchShare(request_id)
    if row.state != RequestState.ASKED:
        raise Decided
    return row


@transaction.atomic
def approve(*, request_id: int, at: datetime) -> Request:
    """Let the account see the number; the number is told.

    Raises `NoSuchShare`, `Decided`, and `NotOneOwner` when the books say that it is another's.
    """
    number = models.NumberRequest.objects.filter(id=request_id).values_list("number", flat=True).first()
    # The line first, as everywhere.
    line = (
        models.Line.objects.select_for_update(no_key=True)
        .filter(number=number or "", closed_at=None, service="mobile")
        .first()
    )
    row = locked(request_id)
    asked = request_value(row)
    if line is None or not facts_of([asked])[asked.id].fits:
        raise NotOneOwner
    # Proven by its own code meanwhile, what was wanted is so already.
    with suppress(sharing.SeenAlready):
        sharing.give(
            account_id=row.account_id, line=line, viewer_line_id=row.viewer_line_id, role=Role.FULL,
            consent=Consent.STAFF, at=at,
        )  # fmt: skip
    _answer(row, RequestState.APPROVED, None, at)
    return asked


@transaction.atomic
def refuse(*, request_id: int, reason: Reason, at: datetime) -> Request:
    """Say no, and why; raise `NoSuchShare`, `Decided`."""
    row = locked(request_id)
    _answer(row, RequestState.REFUSED, reason, at)
    return request_value(row)


def _answer(row: models.NumberRequest, state: RequestState, reason: Reason | None, at: datetime) -> None:
    row.state, row.reason, row.decided_at = state, reason or "", at
    row.save(update_fields=["state", "reason", "decided_at"])
    asker = queries_money.named(row.viewer_line_id)
    if _is_reachable(asker.number):
        messaging.send(
            recipient=asker.number,
            template="number answered",
            params={"number": rules.masked(row.number), "state": str(state), "reason": str(reason or "")},
            language=asker.language,
        )


def _is_reachable(number: str) -> bool:
    """Return whether a message gets to the number: it is one, and of our ranges."""
    if not number.startswith("+"):
        return False
    ours = holder_of(Msisdn(number), ranges=settings.NUMBER_RANGES, region=settings.NUMBER_REGION)
    return ours is Holder.OURS


def _other_cabinet(line_id: int) -> tuple[int, int] | None:
    """Return the account that the owner of the line has by another number of the region, and that number's line."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select access.account_id, other.id
                 from lines_line line
                 join customers_contract signed on signed.id = line.contract_id
                 join customers_contract every on every.party_id = signed.party_id
                 join lines_line other on other.contract_id = every.id and other.id <> line.id
                  and other.closed_at is null and other.service = 'mobile' and other.region = line.region
                 join lines_lineaccess access on access.line_id = other.id
                where line.id = %(line)s
                  and access.account_id not in (select account_id from lines_lineaccess where line_id = %(line)s)
                order by other.is_main desc, access.proven_at, other.id limit 1""",
            {"line": line_id},
        )
        row = cursor.fetchone()
    return (row[0], row[1]) if row else None
