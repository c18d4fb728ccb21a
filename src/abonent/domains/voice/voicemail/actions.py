"""Voicemail: what a caller left is taken in once, heard, deleted and brought back, forgotten; how the line greets."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from abonent.domains.identity.freezing import ensure_not_frozen
from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import actions as messaging
from abonent.domains.voice import models, queries
from abonent.domains.voice.queries import VOICEMAIL
from abonent.domains.voice.voicemail import rules
from abonent.domains.voice.voicemail.queries import PURPOSE, NotThere
from abonent.domains.voice.voicemail.rules import Greeting
from abonent.foundation import sealed_files

FOLDER = "voice"
LOOSE_FOR = timedelta(days=1)


def receive(*, number: str, caller: str, key: str, content: bytes, left_at: datetime, at: datetime) -> bool:
    """Keep what a caller ("": withheld) left for the number, once by the platform's key; return whether that was new.

    Nothing is kept for a number that is not served, or has no voicemail. Raises `voicemail.rules.BadSound`.
    """
    sound = rules.check(content, longest_s=rules.MESSAGE_MAX_S)
    line = lines.served_by_number(number)
    if line is None or not queries.is_on(line, at, VOICEMAIL):
        return False
    stored = sealed_files.new_name(FOLDER)
    with transaction.atomic():
        row, new = models.VoiceMessage.objects.get_or_create(
            key=key,
            defaults={
                "id": uuid4(), "line_id": line.id, "caller": caller, "left_at": min(left_at, at),
                "length_s": sound.length_s, "kind": sound.kind, "stored": stored,
            },
        )  # fmt: skip
        if not new:
            return False
        messaging.send(
            recipient=line.number, template="voice message", language=line.language,
            params={"number": line.number, "caller": caller, "length": str(sound.length_s)},
        )  # fmt: skip
        sealed_files.put(row.stored, content, purpose=PURPOSE)
    return True


def note_heard(*, message_id: UUID, line_ids: list[int], at: datetime) -> None:
    """Write down that the message was heard; the first time counts."""
    models.VoiceMessage.objects.filter(id=message_id, line_id__in=line_ids, heard_at=None).update(heard_at=at)


def delete(*, message_id: UUID, line_ids: list[int], at: datetime) -> None:
    """Put a message away; it can be brought back for some days. Raises `NotThere`."""
    mine = models.VoiceMessage.objects.filter(id=message_id, line_id__in=line_ids)
    if not mine.filter(deleted_at=None).update(deleted_at=at) and not mine.exists():
        raise NotThere


def bring_back(*, message_id: UUID, line_ids: list[int], at: datetime) -> None:
    """Bring a deleted message back, as one that was heard now; raise `NotThere` once it is gone."""
    row = models.VoiceMessage.objects.filter(id=message_id, line_id__in=line_ids).first()
    if row is None:
        raise NotThere
    if row.deleted_at is not None:
        models.VoiceMessage.objects.filter(id=row.id).update(deleted_at=None, heard_at=at)


@transaction.atomic
def greet(*, line: Line, greeting: Greeting, account_id: int) -> None:
    """Greet callers so from now on; raise `NotThere` for one's own when there is none."""
    ensure_not_frozen(account_id)
    box = _locked(line)
    if greeting is Greeting.OWN and not box.own:
        raise NotThere
    box.greeting = greeting
    box.save(update_fields=["greeting"])


@transaction.atomic
def greet_with(*, line: Line, content: bytes, account_id: int) -> None:
    """Greet callers with a recording of one's own; raise `voicemail.rules.BadSound`: then the greeting is as before."""
    ensure_not_frozen(account_id)
    sound = rules.check(content, longest_s=rules.GREETING_MAX_S)
    box = _locked(line)
    former = box.own
    box.greeting, box.own = Greeting.OWN, sealed_files.new_name(FOLDER)
    box.own_kind, box.own_s = sound.kind, sound.length_s
    box.save(update_fields=["greeting", "own", "own_kind", "own_s"])
    sealed_files.put(box.own, content, purpose=PURPOSE)
    if former:
        transaction.on_commit(lambda: sealed_files.drop(former))


def forget(*, at: datetime) -> int:
    """Delete messages whose time is over, and files without a row; return how many."""
    due = models.VoiceMessage.objects.filter(
        left_at__lte=at - min(rules.KEPT_NEW, rules.KEPT_DELETED, rules.KEPT_HEARD)
    )
    gone = [
        (row.id, row.stored)
        for row in due.iterator()
        if rules.forgotten_at(left_at=row.left_at, heard_at=row.heard_at, deleted_at=row.deleted_at) <= at
    ]
    _drop(gone)
    known = {*models.VoiceMessage.objects.values_list("stored", flat=True)}
    known |= {*models.Mailbox.objects.exclude(own="").values_list("own", flat=True)}
    return len(gone) + sealed_files.sweep(FOLDER, known, before=at - LOOSE_FOR)


def forget_line(*, line_id: int) -> None:
    """Forget all that was left for a line and how it greets: its number is given away, or its owner had all deleted."""
    _drop(list(models.VoiceMessage.objects.filter(line_id=line_id).values_list("id", "stored")))
    own = models.Mailbox.objects.filter(line_id=line_id).exclude(own="").values_list("own", flat=True).first()
    models.Mailbox.objects.filter(line_id=line_id).delete()
    if own:
        sealed_files.drop(own)


def _drop(gone: list[tuple[UUID, str]]) -> None:
    models.VoiceMessage.objects.filter(id__in=[message_id for message_id, _ in gone]).delete()
    for _, stored in gone:
        sealed_files.drop(stored)


def _locked(line: Line) -> models.Mailbox:
    models.Mailbox.objects.get_or_create(line_id=line.id, defaults={"greeting": Greeting.PLAIN})
    return models.Mailbox.objects.select_for_update().get(line_id=line.id)
