"""Numbers that can be had: held while somebody decides, kept for an order, given to a line in place of its own.

A line chooses in turns, and locks no row but the numbers': who chooses holds the account, and an event of the network
takes the line before that. Of two who want one number the second finds it held.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from abonent.domains.customers import actions as customers
from abonent.domains.identity import endings, journal
from abonent.domains.identity.rules import EventKind
from abonent.domains.lines import models, queries
from abonent.domains.lines.events import NumberChanged
from abonent.domains.lines.numbers import rules
from abonent.domains.lines.numbers.rules import Keeping
from abonent.domains.messaging import preferences
from abonent.foundation import outbox

log = logging.getLogger(__name__)

# How the network is told: the feature with its value takes the place of what was before.
FEATURE = "number"
REST_DAYS = 30


class NotFree(Exception):
    """Somebody else has the number, decides about it, or it rests for its former holder."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is looked for: `digits` anywhere or `at_end`, in a region (empty: any); `past` is a number to go on after.

    `beauty` are regular expressions with a rank each, the least is the most beautiful; `wanted` is the rank asked for,
    -1: none of them fits, None: all numbers.
    """

    line_id: int
    digits: str = ""
    at_end: bool = False
    region: str = ""
    beauty: Sequence[tuple[int, str]] = ()
    wanted: int | None = None
    past: str = ""


@dataclass(frozen=True, slots=True)
class Free:
    """A number that can be had; `rests`: it was the line's own, and nobody else can have it yet."""

    number: str
    region: str
    rests: bool


@dataclass(frozen=True, slots=True)
class Held:
    """The number that is held for a line; `until` None: it is ordered."""

    number: str
    region: str
    until: datetime | None


@transaction.atomic
def add(*, numbers: Iterable[str], region: str) -> int:
    """Let the numbers (E.164) be had, but for those served, known here or away; return how many are new."""
    wanted = set(numbers)
    wanted -= set(models.AwayNumber.objects.filter(number__in=wanted).values_list("number", flat=True))
    wanted -= set(models.Line.objects.filter(number__in=wanted, closed_at=None).values_list("number", flat=True))
    wanted -= set(models.FreeNumber.objects.filter(number__in=wanted).values_list("number", flat=True))
    rows = [models.FreeNumber(number=number, region=region) for number in sorted(wanted)]
    models.FreeNumber.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def free(choice: Choice, *, at: datetime, limit: int) -> list[Free]:
    """Return numbers that the line can have at `at`, its own former one first, then in their order."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select number, region, coalesce(free_from > %(at)s, false) as rests
                 from lines_freenumber free
                where (held_for_id is null or held_for_id = %(line)s or held_until <= %(at)s)
                  and (free_from is null or free_from <= %(at)s or former_line_id = %(line)s)
                  and (%(region)s = '' or region = %(region)s) and number > %(past)s
                  and right(number, 7) like %(digits)s
                  and (%(wanted)s::int is null or %(wanted)s::int = coalesce(
                      (select min(rank) from unnest(%(ranks)s::int[], %(said)s::text[]) as known (rank, said)
                        where number ~ said), -1))
                  and not exists (select from lines_line line where line.number = free.number and closed_at is null)
                order by rests desc, number limit %(limit)s""",
            {
                "at": at, "line": choice.line_id, "region": choice.region, "past": choice.past, "limit": limit,
                "digits": f"%{choice.digits}" if choice.at_end else f"%{choice.digits}%",
                "wanted": choice.wanted, "ranks": [rank for rank, _ in choice.beauty],
                "said": [said for _, said in choice.beauty],
            },
        )  # fmt: skip
        return [Free(*row) for row in cursor.fetchall()]


def held(line_id: int, at: datetime) -> Held | None:
    """Return the number that the line holds or has ordered."""
    row = models.FreeNumber.objects.filter(held_for=line_id).first()
    if row is None or not rules.is_held(_keeping(row), at):
        return None
    return Held(row.number, row.region, row.held_until)


def rests_until(number: str, line_id: int) -> datetime | None:
    """Return until when the number rests for its former holder, None when it does not."""
    rows = models.FreeNumber.objects.filter(number=number, former_line=line_id)
    return rows.values_list("free_from", flat=True).first()


@transaction.atomic
def hold(*, number: str, line_id: int, until: datetime, at: datetime) -> None:
    """Keep a free number from everybody else until then; what the line held before is free again. Raises `NotFree`."""
    row = _locked(number, line_id)
    if row is None or not rules.may_have(_keeping(row), line_id, at):
        raise NotFree
    own = models.FreeNumber.objects.filter(held_for=line_id)
    if own.filter(held_until=None).exists():
        # One is ordered already.
        raise NotFree
    own.exclude(number=number).update(held_for=None, held_until=None)
    row.held_for_id, row.held_until = line_id, until
    row.save(update_fields=["held_for", "held_until"])


@transaction.atomic
def keep(*, number: str, line_id: int, rest_days: int, at: datetime) -> None:
    """Keep the number that the line holds until `let_go` or until the line has it. Raises `NotFree`."""
    row = _locked(number, line_id)
    if row is None or row.held_for_id != line_id or not rules.is_held(_keeping(row), at):
        raise NotFree
    row.held_until, row.rest_days = None, rest_days
    row.save(update_fields=["held_until", "rest_days"])


@transaction.atomic
def let_go(*, line_id: int) -> None:
    """Let others have what the line holds or had ordered."""
    models.FreeNumber.objects.filter(held_for=line_id).update(held_for=None, held_until=None)


def take_out(*, numbers: Sequence[str]) -> None:
    """Let nobody choose numbers that are served from now on, in the caller's transaction; raises `NotFree`."""
    if models.AwayNumber.objects.filter(number__in=numbers).exists():
        raise NotFree
    rows = list(models.FreeNumber.objects.select_for_update().filter(number__in=numbers).order_by("number"))
    if any(row.held_for_id is not None and row.held_until is None for row in rows):
        raise NotFree
    models.FreeNumber.objects.filter(number__in=[row.number for row in rows]).delete()


def send_away(*, number: str, operator: str, at: datetime) -> None:
    """Another operator serves the number from now on, in the caller's transaction: nobody here can have it."""
    last = models.Line.objects.filter(number=number).order_by("-opened_at").values_list("region", flat=True).first()
    models.FreeNumber.objects.filter(number=number).delete()
    models.AwayNumber.objects.update_or_create(
        number=number, defaults={"operator": operator, "region": last or "", "since": at}
    )


def take_back(*, number: str, at: datetime | None) -> bool:
    """The number is ours again, in the caller's transaction; return whether it was away.

    It rests from `at` like any that somebody gave up; None: somebody is served as it at once.
    """
    row = models.AwayNumber.objects.select_for_update().filter(number=number).first()
    if row is None:
        return False
    row.delete()
    if at is not None:
        models.FreeNumber.objects.update_or_create(
            number=number, defaults={"region": row.region, "free_from": at + timedelta(days=REST_DAYS)}
        )
    return True


def renumber(*, line_id: int, number: str, at: datetime) -> bool:
    """The network serves the line as `number` since `at`: so do we, in the caller's transaction; return whether new.

    The account is the person's: nothing of it hangs on digits. What was written for the old number goes along, codes
    on their way to it die, and the number itself rests.
    """
    line = models.Line.objects.select_for_update(no_key=True).filter(id=line_id, closed_at=None).first()
    if line is None or line.number == number:
        return False
    old, since = line.number, line.numbered_at or line.opened_at
    chosen = models.FreeNumber.objects.select_for_update().filter(number=number).first()
    region = chosen.region if chosen else ""
    days = chosen.rest_days if chosen and chosen.rest_days else REST_DAYS
    models.FreeNumber.objects.filter(number=number).delete()
    models.PastNumber.objects.create(line=line, number=old, since=since, until=max(at, since))
    models.FreeNumber.objects.update_or_create(
        number=old,
        defaults={
            "region": region, "former_line": line, "free_from": at + timedelta(days=days), "held_for": None,
            "held_until": None, "rest_days": 0,
        },
    )  # fmt: skip
    line.number, line.numbered_at = number, at
    line.save(update_fields=["number", "numbered_at"])
    models.ProvisioningCommand.objects.filter(line=line, sent_at=None).update(number=number)
    endings.kill_codes(number=old, at=at)
    for one in (old, number):
        endings.forget_limits(number=one)
    preferences.move(old=old, new=number)
    customers.move_contact(contract_id=line.contract_id, old=old, new=number)
    for account_id in queries.accounts_of_line(line.pk):
        journal.note(
            account_id=account_id, kind=EventKind.NUMBER_CHANGED, at=at, detail={"number": number, "before": old}
        )
    outbox.announce(NumberChanged(line.pk))
    return True


def number_of(features: Iterable[str]) -> str:
    """Return the number that a command gives to its line; empty: none."""
    return next((one.partition(":")[2] for one in features if one.startswith(f"{FEATURE}:")), "")


def _locked(number: str, line_id: int) -> models.FreeNumber | None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('numbers'), %s)", [line_id % 2**31])
    served = models.Line.objects.filter(number=number, closed_at=None)
    # With what the line holds, in one order: two may want what the other held.
    rows = models.FreeNumber.objects.select_for_update().filter(Q(number=number) | Q(held_for=line_id))
    row = next((one for one in rows.order_by("number") if one.number == number), None)
    return None if row is None or served.exists() else row


def _keeping(row: models.FreeNumber) -> Keeping:
    return Keeping(row.held_for_id, row.held_until, row.former_line_id, row.free_from)
