"""Registries of the gateway: taken in once by their content, compared line by line with our payments.

Lines go through a table of the transaction, so memory stays flat whatever the file's size; a file that cannot be
believed to its end leaves nothing behind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from abonent.domains.billing import models
from abonent.domains.billing.registries import rules
from abonent.domains.billing.registries.rules import BadRegistry, Compared, Difference, Header, Kind, Line, Ours
from abonent.domains.payments import queries_registry as payments
from abonent.domains.payments.queries_registry import Done
from abonent.foundation.values import Period

LINES_AT_ONCE = 5_000
_TURN = 0x72656769
CAME_LATER = "came in a later registry"
_COLUMNS = ("registry_id", "kind", "line_number", "payment_id", "reference", "theirs_minor", "ours_minor", "ours_state")


class TakenBefore(Exception):
    """The very same file was taken in before, as `registry_id`."""

    def __init__(self, registry_id: int) -> None:
        super().__init__(f"this file was taken in before, as registry {registry_id}")
        self.registry_id = registry_id


class AlreadyResolved(Exception):
    """The difference is not there, or somebody has worked it off already."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A registry that was taken in: its lines, how many agree, how many disagreements there are."""

    registry_id: int
    line_count: int
    matched_count: int
    difference_count: int
    amount_minor: int


def take_in(*, path: Path, at: datetime) -> Taken:
    """Compare a registry with our payments and store where they disagree, all or nothing.

    Raises `BadRegistry` with the line, `TakenBefore`, `OSError`.
    """
    with path.open("rb") as file, transaction.atomic():
        return _take_in(file, path.name, at)


def _take_in(file: IO[bytes], name: str, at: datetime) -> Taken:
    digest = hashlib.sha256()
    texts = _texts(file, digest)
    try:
        head = rules.header(next(texts))
    except StopIteration:
        raise BadRegistry(1, "the file is empty") from None
    totals = rules.Totals()
    with connection.cursor() as cursor:
        # Two files at once would each miss what the other has.
        cursor.execute("select pg_advisory_xact_lock(%s)", [_TURN])
        cursor.execute(
            """create temporary table registry_line (number integer, operation text, payment_id uuid,
                   order_number text, amount_minor bigint, currency text) on commit drop"""
        )
    _store_lines(rules.lines(texts, totals))
    known = models.Registry.objects.filter(sha256=digest.hexdigest()).first()
    if known is not None:
        raise TakenBefore(known.pk)
    registry = models.Registry.objects.create(
        sha256=digest.hexdigest(), name=name[:200], first_day=head.first, last_day=head.last, line_count=totals.count,
        matched_count=0, amount_minor=totals.amount_minor, taken_at=at,
    )  # fmt: skip
    agreed, differing = _compare_all(registry.pk, at)
    differing += _note_missing(registry.pk, head)
    registry.matched_count = agreed
    registry.save(update_fields=["matched_count"])
    with connection.cursor() as cursor:
        cursor.execute("drop table registry_line")
    return Taken(registry.pk, totals.count, agreed, differing, totals.amount_minor)


def resolve(*, difference_id: int, by: str, reason: str, at: datetime) -> None:
    """Note that somebody worked a difference off, and how; once. Raises `AlreadyResolved`, `ValueError` (no reason)."""
    if not reason.strip():
        raise ValueError("a difference is worked off with a reason")
    waiting = models.RegistryDifference.objects.filter(id=difference_id, resolved_at=None)
    if not waiting.update(resolved_at=at, resolved_by=by[:60], reason=reason.strip()[:500]):
        raise AlreadyResolved(difference_id)


def _texts(file: IO[bytes], digest: hashlib._Hash) -> Iterator[str]:
    """Yield the lines without their ends, as text, and add every byte to the digest; raise `BadRegistry`."""
    number = 0
    while raw := file.readline(rules.LINE_LENGTH_MAX + 2):
        number += 1
        digest.update(raw)
        if number == 1 and raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise BadRegistry(1, "the file is written in UTF-16; UTF-8 is wanted")
        if len(raw.rstrip(b"\r\n")) > rules.LINE_LENGTH_MAX:
            raise BadRegistry(number, f"a line is longer than {rules.LINE_LENGTH_MAX} bytes")
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            raise BadRegistry(number, "this is not UTF-8; give the file as the gateway wrote it") from None
        if not text.isprintable():
            raise BadRegistry(number, "there are characters that no registry has; the file is damaged")
        yield text


def _store_lines(lines: Iterator[Line]) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "copy registry_line (number, operation, payment_id, order_number, amount_minor, currency) from stdin"
        ) as copy,
    ):
        for line in lines:
            copy.write_row(
                (line.number, line.operation, line.payment_id, line.order_number, line.amount_minor, line.currency)
            )


def _compare_all(registry_id: int, at: datetime) -> tuple[int, int]:
    """Compare all lines, some payments at a time; return how many agree and how many do not."""
    agreed = differing = 0
    with connection.cursor() as cursor:
        cursor.execute("create index on registry_line (payment_id, number)")
        cursor.execute("analyze registry_line")
    for some in _lines_by_payment():
        ids = {line.payment_id for line in some if line.payment_id}
        ours = {
            payment_id: Ours(known.state.value, known.currency, known.settled_minor, known.refunds)
            for payment_id, known in payments.known(ids).items()
        }
        items = ids.union(*({refund_id for refund_id, _ in known.refunds} for known in ours.values()))
        compared = rules.compare(some, ours, _matched(items))
        _store(registry_id, compared)
        _close_missing(compared, at)
        agreed += len(some) - len(compared.differences)
        differing += len(compared.differences)
    return agreed, differing


def _lines_by_payment() -> Iterator[list[Line]]:
    """Yield the lines by payment, never those of one payment in two parts; lines of no payment of ours come first."""
    after, number = None, 0
    while True:
        with connection.cursor() as cursor:
            if after is None:
                cursor.execute(
                    f"""select {_LINE} from registry_line where payment_id is null and number > %s
                         order by number limit %s""",
                    [number, LINES_AT_ONCE],
                )
            else:
                cursor.execute(
                    f"""select {_LINE} from registry_line where payment_id > %s and payment_id <= coalesce(
                            (select payment_id from registry_line where payment_id > %s
                              order by payment_id offset %s limit 1),
                            'ffffffff-ffff-ffff-ffff-ffffffffffff')
                         order by payment_id, number""",
                    [after, after, LINES_AT_ONCE - 1],
                )
            some = [Line(*row) for row in cursor.fetchall()]
        if some:
            yield some
            number, after = some[-1].number, some[-1].payment_id
        elif after is None:
            after = UUID(int=0)
        else:
            return


_LINE = "number, operation, payment_id, order_number, amount_minor, currency"


def _note_missing(registry_id: int, head: Header) -> int:
    """Store what was done in the registry's days and stands in no registry; return how many these are.

    The last moments before midnight are left to the next day's file, those of the day before belong to this one.
    """
    days = Period.of_days(head.first, head.last, ZoneInfo(settings.TIME_ZONE))
    missing = 0
    for some in payments.done_between(days.start - rules.EDGE, days.end - rules.EDGE):
        there = _matched({done.id for done in some}) | _noted({done.id for done in some})
        compared = Compared(differences=[_missing(done) for done in some if done.id not in there])
        _store(registry_id, compared)
        missing += len(compared.differences)
    return missing


def _missing(done: Done) -> Difference:
    kind = Kind.REFUND_MISSING_THERE if done.is_refund else Kind.MISSING_THERE
    return Difference(kind, None, done.id, str(done.payment_id), None, done.amount_minor)


def _matched(ids: set[UUID]) -> set[UUID]:
    return set(models.RegistryMatch.objects.filter(id__in=ids).values_list("id", flat=True))


def _noted(ids: set[UUID]) -> set[UUID]:
    """Return what was missed before: a file of several days says nothing new about it."""
    missed = models.RegistryDifference.objects.filter(payment_id__in=ids, line_number=None)
    return {payment_id for payment_id in missed.values_list("payment_id", flat=True) if payment_id}


def _close_missing(compared: Compared, at: datetime) -> None:
    """What was missed in an earlier file and stands in this one is missing no more."""
    missed = models.RegistryDifference.objects.filter(
        payment_id__in=compared.matched.keys(), line_number=None, resolved_at=None
    )
    missed.update(resolved_at=at, reason=CAME_LATER)


def _store(registry_id: int, compared: Compared) -> None:
    with connection.cursor() as cursor:
        if compared.matched:
            with cursor.copy("copy billing_registrymatch (id, registry_id, line_number) from stdin") as copy:
                for id_, number in compared.matched.items():
                    copy.write_row((id_, registry_id, number))
        if compared.differences:
            columns = f"{', '.join(_COLUMNS)}, resolved_by, reason"
            with cursor.copy(f"copy billing_registrydifference ({columns}) from stdin") as copy:
                for d in compared.differences:
                    row = (d.kind.value, d.line, d.payment_id, d.reference[:60], d.theirs_minor, d.ours_minor)
                    copy.write_row((registry_id, *row, d.ours_state, "", ""))
