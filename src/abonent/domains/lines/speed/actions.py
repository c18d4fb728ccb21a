"""Measurements of the speed: begun while there is a place, fed piece by piece within their limits, written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import F

from abonent.domains.catalog import queries as catalog
from abonent.domains.lines import models
from abonent.domains.lines.queries import Line
from abonent.domains.lines.speed import rules as speed_rules
from abonent.domains.lines.speed.rules import MOST, Measured, Size, Standing, Why


class Refused(Exception):
    """No test begins."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


class Gone(Exception):
    """There is no such test any more, or it was not theirs."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who wants to measure: an account and the line looked at, or just an address (or the network it lies in)."""

    account_id: int | None = None
    line: Line | None = None
    address: str = ""

    @property
    def key(self) -> str:
        """Return whom the limits count for."""
        return f"account {self.account_id}" if self.account_id else f"address {self.address}"


@transaction.atomic
def start(*, asker: Asker, size: Size, at_once: int, at: datetime) -> UUID:
    """Take a place for a test and return its id; raise `Refused` while there is none."""
    with connection.cursor() as cursor:
        # One after the other, so that the last place goes to one.
        cursor.execute("select pg_advisory_xact_lock(hashtext('speed tests'))")
    running = models.SpeedTest.objects.filter(ended_at=None, ends_at__gt=at)
    own = models.SpeedTest.objects.filter(asker=asker.key, started_at__gt=at - speed_rules.HOUR)
    if asker.account_id:
        # Whoever begins anew has left the one before: a page loaded again does not wait for itself.
        running.filter(asker=asker.key).update(ended_at=at)
    standing = Standing(
        running=running.count(), own_running=running.filter(asker=asker.key).count(), own_lately=own.count(),
        known=asker.account_id is not None,
    )  # fmt: skip
    if (why := speed_rules.refusal(standing, at_once)) is not None:
        raise Refused(why)
    made = models.SpeedTest.objects.create(
        id=uuid4(), account_id=asker.account_id, line_id=asker.line.id if asker.line else None, asker=asker.key,
        size=size, started_at=at, ends_at=at + speed_rules.LIVES, pieces=[0] * speed_rules.STREAMS_DOWN,
        promised_kbps=_promised_kbps(asker.line),
    )  # fmt: skip
    return made.id


_HAND_OUT = """
    update lines_speedtest
       set down_bytes = down_bytes + %(bytes)s, pieces[%(stream)s] = pieces[%(stream)s] + 1
     where id = %(id)s and ended_at is null and ends_at > %(at)s and down_bytes + %(bytes)s <= %(most)s
       and pieces[%(stream)s] = %(number)s
"""


def hand_out(*, test_id: UUID, size: Size, stream: int, number: int, length_bytes: int, at: datetime) -> bool:
    """Count a piece before it is handed out: number `number` of its stream, from 0 on; return whether it may be.

    One statement: of any number of requests at once only so many get through as there are bytes left.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _HAND_OUT,
            {
                "id": test_id, "at": at, "bytes": length_bytes, "stream": stream + 1, "number": number,
                "most": MOST[size].down_bytes,
            },
        )  # fmt: skip
        return bool(cursor.rowcount == 1)


def take_in(*, test_id: UUID, size: Size, length_bytes: int, at: datetime) -> bool:
    """Count a piece before it is read; return whether it may be."""
    room = MOST[size].up_bytes - length_bytes
    rows = models.SpeedTest.objects.filter(id=test_id, ended_at=None, ends_at__gt=at, up_bytes__lte=room)
    return rows.update(up_bytes=F("up_bytes") + length_bytes) == 1


@transaction.atomic
def finish(*, test_id: UUID, measured: Measured, at: datetime) -> None:
    """Write the result down and give the place back; a result that stands already stays.

    Raises `Gone`, and `speed.rules.Implausible` for what cannot have been measured; then nothing has changed.
    """
    row = models.SpeedTest.objects.select_for_update().filter(id=test_id).first()
    if row is None or (row.ended_at is not None and row.down_kbps is None):
        raise Gone
    if row.down_kbps is not None:
        return
    result = speed_rules.speeds(
        measured, down_bytes=row.down_bytes, up_bytes=row.up_bytes, lasted=at - row.started_at
    )  # fmt: skip
    row.down_kbps, row.up_kbps = result.down_kbps, result.up_kbps
    row.latency_us, row.jitter_us = result.latency_us, result.jitter_us
    row.ended_at = at
    row.save(update_fields=["down_kbps", "up_kbps", "latency_us", "jitter_us", "ended_at"])


def stop(*, test_id: UUID, at: datetime) -> None:
    """Give the place back."""
    models.SpeedTest.objects.filter(id=test_id, ended_at=None).update(ended_at=at)


def forget(*, at: datetime) -> None:
    """Delete what is older than it is kept: results of people, and sooner what belongs to nobody."""
    models.SpeedTest.objects.filter(started_at__lte=at - speed_rules.KEPT).delete()
    models.SpeedTest.objects.filter(account=None, started_at__lte=at - speed_rules.NAMELESS_KEPT).delete()
    # What was never finished counts for an hour, and tells nothing afterwards.
    models.SpeedTest.objects.filter(down_kbps=None, started_at__lte=at - speed_rules.NAMELESS_KEPT).delete()


def _promised_kbps(line: Line | None) -> int:
    if line is None or line.service == "mobile":
        return 0
    return catalog.tariff_version(line.tariff_version_id).terms.access.down_kbps
