"""Files that customers send: checked, sealed, kept under random names outside the site, and forgotten in time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import connection, transaction

from abonent.domains.support import models
from abonent.domains.support.requests import contents as requests_contents
from abonent.domains.support.requests.contents import BadFile, Fault, Kind
from abonent.domains.support.requests.states import State
from abonent.domains.support.rules import NotThere
from abonent.foundation import sealed_files

PURPOSE = "file of a request"
A_DAY_MAX = 30
# A form that was never sent, and a request that ended.
LOOSE_FOR = timedelta(days=1)
KEPT_FOR = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class File:
    """A file as a page names it; `gone`: its content was deleted."""

    id: UUID
    name: str
    kind: Kind
    size: int
    note_id: int | None
    gone: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that came with a form."""

    name: str
    content: bytes


def receive(*, account_id: int, key: UUID, sent: Sent, at: datetime) -> UUID:
    """Check a file and keep it for the form `key`; raise `requests.contents.BadFile`.

    The same content, sent again with the same form, is one file.
    """
    checked = requests_contents.check(sent.name, sent.content)
    digest = sha256(checked.content).hexdigest()
    with transaction.atomic():
        _one_at_a_time(account_id)
        mine = models.RequestFile.objects.filter(account_id=account_id)
        known = mine.filter(key=key, digest=digest).values_list("id", flat=True).first()
        if known is not None:
            return known
        many = mine.filter(key=key).count() >= requests_contents.FILES_MAX
        if many or mine.filter(at__gt=at - timedelta(days=1)).count() >= A_DAY_MAX:
            raise BadFile(Fault.MANY)
        stored = sealed_files.new_name()
        made = models.RequestFile.objects.create(
            key=key, account_id=account_id, name=checked.name, kind=checked.kind, size=len(checked.content),
            digest=digest, stored=stored, at=at,
        )  # fmt: skip
        # Last: what is in the storage without a row is swept up, a row without its file would be a lie.
        sealed_files.put(stored, checked.content, purpose=PURPOSE)
    return made.id


def attach(*, account_id: int, key: UUID, note_id: int) -> None:
    """Let what came with the form belong to what was written in it."""
    models.RequestFile.objects.filter(account_id=account_id, key=key, note=None).update(note_id=note_id)


def let_go(*, account_id: int, key: UUID, file_id: UUID) -> None:
    """Take a file out of a form that was not sent yet; what is not there is let go already."""
    found = models.RequestFile.objects.filter(id=file_id, account_id=account_id, key=key, note=None).first()
    if found is not None:
        found.delete()
        sealed_files.drop(found.stored)


def of_form(account_id: int, key: UUID) -> list[File]:
    """Return what came with a form that was not good yet."""
    rows = models.RequestFile.objects.filter(account_id=account_id, key=key, note=None).order_by("at", "name")
    return [_value(row) for row in rows]


def of_notes(note_ids: Collection[int]) -> list[File]:
    """Return the files of what was written."""
    rows = models.RequestFile.objects.filter(note_id__in=note_ids).order_by("at", "name")
    return [_value(row) for row in rows]


def content(*, file_id: UUID, request_id: int, account_id: int | None) -> tuple[File, bytes]:
    """Return a file of the request, the customer's own when `account_id` is given; raise `NotThere`."""
    rows = models.RequestFile.objects.filter(id=file_id, note__request_id=request_id).exclude(stored="")
    if account_id is not None:
        rows = rows.filter(account_id=account_id, note__request__account_id=account_id)
    row = rows.first()
    if row is None:
        raise NotThere(file_id)
    return _value(row), sealed_files.get(row.stored, purpose=PURPOSE)


def forget(*, at: datetime) -> int:
    """Delete what was never sent, what is no longer needed, and what no row knows any more; return how many files."""
    rows = models.RequestFile.objects.exclude(stored="")
    with transaction.atomic():
        # The files of a form that is being sent right now are in use after all.
        never_sent = rows.filter(note=None, at__lte=at - LOOSE_FOR).select_for_update(skip_locked=True)
        loose = dict(never_sent.values_list("id", "stored"))
        models.RequestFile.objects.filter(id__in=loose).delete()
    ended = dict(
        rows.filter(
            note__request__state__in=(State.CLOSED, State.CANCELLED), note__request__closed_at__lte=at - KEPT_FOR
        ).values_list("id", "stored")
    )
    models.RequestFile.objects.filter(id__in=ended).update(stored="")
    gone = [*loose.values(), *ended.values()]
    for name in gone:
        sealed_files.drop(name)
    return len(gone) + _sweep(at)


def _sweep(at: datetime) -> int:
    """Delete files whose rows went with their account, or never came to be; the newest may be on their way."""
    known = set(models.RequestFile.objects.exclude(stored="").values_list("stored", flat=True))
    return sealed_files.sweep("", known, before=at - LOOSE_FOR)


def _value(row: models.RequestFile) -> File:
    return File(row.id, row.name, Kind(row.kind), row.size, row.note_id, not row.stored)


def _one_at_a_time(account_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('request files'), %s)", [account_id])
